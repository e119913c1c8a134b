//! The endpoint is there, and its names are not used.

use super::blocked;
use super::blocked::blocker;
use super::fixes::way_out;
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;

documented! {
/// The interface endpoint exists but its private DNS is off, so the service's public name leads past it.
///
/// # Why a task stops here
/// A task always calls a service by its public name. Only with private DNS does that name resolve to the endpoint inside
/// the VPC; without it, traffic goes to the public address, to which this subnet has no way.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Say `PrivateDnsEnabled` in every interface endpoint for ECR, Secrets Manager, SSM and Logs.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html>
pub struct VpcEndpointPrivateDnsDisabled;
}

const PAGE: &str = "https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html";

impl Cause for VpcEndpointPrivateDnsDisabled {
    type Subject = Need;
    const ID: CauseId = CauseId::VpcEndpointPrivateDnsDisabled;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some((subnet, found)) = blocker(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let Some(vpc) = facts.subnet(&subnet)?.map(|own| own.vpc.clone()) else { return Ok(vec![]) };
        let hostnames = facts.dns_hostnames(&vpc)?.copied() == Some(false);
        let mut fixes = vec![];
        if let Some(endpoint) = found.resources.iter().find(|one| one.starts_with("vpce-")) {
            let all = facts.vpc_endpoints(&vpc)?.into_iter().flatten();
            let is_on = all.filter(|one| one.id == *endpoint).any(|one| one.private_dns);
            let title = match (hostnames, is_on) {
                (true, true) => format!("Switch on DNS hostnames of {vpc}, which private DNS of {endpoint} needs"),
                (true, false) => format!("Switch on DNS hostnames of {vpc} and private DNS of {endpoint}"),
                (false, _) => format!("Switch on private DNS of {endpoint}"),
            };
            let change = Change::EnablePrivateDns { endpoint: endpoint.clone(), vpc, hostnames, is_on };
            fixes.push(
                Fix::new(title, Risk::Medium).making(change).documented_at(PAGE).noting(
                    "every client in the VPC then uses the endpoint for that service: its group must let them in",
                ),
            );
        }
        fixes.extend(way_out(case, facts, &subnet)?);
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said};
    use crate::evidence::Question;

    const ID: CauseId = CauseId::VpcEndpointPrivateDnsDisabled;

    fn switched_off() -> Fixture {
        Fixture::endpoints().network(|lab| lab.endpoints[0].private_dns = false)
    }

    fn without_host_names() -> Fixture {
        Fixture::endpoints().network(|lab| lab.dns_hostnames = Some(false))
    }

    #[test]
    fn the_name_leads_past_an_endpoint_without_private_dns() {
        let found = switched_off().finding(ID);
        assert_eq!(
            (found.resources, found.endpoint.as_deref()),
            (vec!["vpce-ecr.api".to_owned(), "vpc-1".to_owned()], Some("ecr.api"))
        );
        assert_eq!(Fixture::endpoints().says(ID), Said::Sound);
        let nat = Fixture::fargate().network(|lab| {
            let mut endpoint = crate::network::lab::endpoint("vpce-x", "ecr.api", &[], &["sg-vpce"]);
            endpoint.private_dns = false;
            lab.endpoints.push(endpoint);
        });
        assert_eq!(nat.says(ID), Said::Sound, "past it, over the NAT gateway");
    }

    #[test]
    fn a_vpc_that_gives_no_host_names_is_what_is_to_be_changed() {
        let found = without_host_names().finding(ID);
        assert_eq!(found.resources, ["vpc-1", "vpce-ecr.api"]);
    }

    #[test]
    fn it_hangs_on_the_endpoints_and_on_dns() {
        let vpc = || "vpc-1".to_owned();
        switched_off().hangs_on(ID, &Question::VpcEndpoints { vpc: vpc() });
        without_host_names().hangs_on(ID, &Question::DnsHostnames { vpc: vpc() });
        for fixture in [switched_off(), without_host_names()] {
            fixture.never_turns(ID);
        }
    }

    #[test]
    fn the_title_says_what_is_switched() {
        let title = |fixture: Fixture| fixture.mended(ID)[0].title.clone();
        assert_eq!(title(switched_off()), "Switch on private DNS of vpce-ecr.api");
        let names = "Switch on DNS hostnames of vpc-1";
        assert_eq!(title(without_host_names()), format!("{names}, which private DNS of vpce-ecr.api needs"));
        let both = without_host_names().network(|lab| lab.endpoints[0].private_dns = false);
        assert_eq!(title(both), format!("{names} and private DNS of vpce-ecr.api"));
    }

    #[test]
    fn switching_it_on_mends_it_along_with_the_host_names_it_needs() {
        for (fixture, hostnames, is_on) in [(switched_off(), false, false), (without_host_names(), true, true)] {
            let fixes = fixture.mended(ID);
            let (endpoint, vpc) = ("vpce-ecr.api".to_owned(), "vpc-1".to_owned());
            assert_eq!(fixes[0].changes, [Change::EnablePrivateDns { endpoint, vpc, hostnames, is_on }]);
            assert_eq!(fixture.after(&fixes[0]).says(ID), Said::Sound);
        }
    }
}
