//! Route 53: which private hosted zones a VPC is associated with, never their records.

use crate::refusal::Asked;
use aws_sdk_route53::Client;
use aws_sdk_route53::types::{HostedZoneSummary, VpcRegion};
use ecs_why_core::model::network::HostedZone;

/// The private hosted zones of a VPC, other accounts' and services' too. The API has pages and no paginator.
pub(crate) async fn hosted_zones(route53: &Client, vpc: &str, region: &str) -> Asked<Vec<HostedZone>> {
    let mut zones = Vec::new();
    let mut next = None;
    loop {
        let asked = route53.list_hosted_zones_by_vpc().vpc_id(vpc).vpc_region(VpcRegion::from(region));
        let page = asked.set_next_token(next).send().await?;
        zones.extend(page.hosted_zone_summaries().iter().map(zone));
        next = page.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if next.is_none() {
            return Ok(Some(zones));
        }
    }
}

fn zone(zone: &HostedZoneSummary) -> HostedZone {
    let owner = zone.owner();
    HostedZone {
        id: zone.hosted_zone_id().to_owned(),
        name: zone.name().trim_end_matches('.').to_owned(),
        account: owner.and_then(|owner| owner.owning_account()).map(str::to_owned),
        service: owner.and_then(|owner| owner.owning_service()).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_route53::types::HostedZoneOwner;

    #[test]
    fn a_zone_is_told_without_its_dot_and_with_its_owner() {
        let owner = HostedZoneOwner::builder().owning_service("efs.amazonaws.com").build();
        let told = HostedZoneSummary::builder().hosted_zone_id("Z1").name("example.org.").owner(owner).build();
        let read = zone(&told.expect("it has an id and a name"));
        assert_eq!((read.id.as_str(), read.name.as_str(), read.account), ("Z1", "example.org", None));
        assert_eq!(read.service.as_deref(), Some("efs.amazonaws.com"));
    }
}
