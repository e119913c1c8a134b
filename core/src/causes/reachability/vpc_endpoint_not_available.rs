//! The endpoint is there, and not in service.

use super::blocked;
use super::blocked::blocker;
use super::fixes::way_out;
use crate::causes::prelude::*;
use crate::change::command;
use crate::launch::needs::Need;
use crate::launch::ways;
use crate::model::network::VpcEndpoint;

documented! {
/// The endpoint is pending, rejected, failed or being deleted: its names lead to it, and nothing answers.
///
/// # Why a task stops here
/// Only an endpoint in the state `available` carries traffic. While it has private DNS, the service's name resolves to it in
/// the whole VPC, so that a NAT gateway beside it does not help either.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Alarm on endpoints that are not `available`, and make an endpoint before the route that it replaces is taken away.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html>
pub struct VpcEndpointNotAvailable;
}

impl Cause for VpcEndpointNotAvailable {
    type Subject = Need;
    const ID: CauseId = CauseId::VpcEndpointNotAvailable;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some((subnet, found)) = blocker(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let Some(own) = facts.subnet(&subnet)? else { return Ok(vec![]) };
        let all = facts.vpc_endpoints(&own.vpc)?.into_iter().flatten();
        let broken = all.filter(|one| found.resources.contains(&one.id) && one.kind.eq_ignore_ascii_case("interface"));
        let anew = |endpoint: &VpcEndpoint| {
            Fix::new(format!("Delete {} and make it anew", endpoint.id), Risk::Medium)
                .making(Change::ByHand { commands: make_anew(endpoint, &own.vpc) })
                .documented_at("https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html")
                .noting("deleting takes a minute, and the second command is refused until it is done; one that is `pending` may only want a minute")
        };
        let mut fixes: Vec<Fix> = broken.map(anew).collect();
        fixes.extend(way_out(case, facts, &subnet)?);
        Ok(fixes)
    }
}

/// The same endpoint once more, after the broken one.
fn make_anew(endpoint: &VpcEndpoint, vpc: &str) -> Vec<String> {
    let mut create = vec!["aws", "ec2", "create-vpc-endpoint", "--vpc-id", vpc, "--vpc-endpoint-type", "Interface"];
    create.extend(["--service-name", &endpoint.service, "--private-dns-enabled", "--subnet-ids"]);
    create.extend(endpoint.subnets.iter().map(String::as_str));
    create.push("--security-group-ids");
    create.extend(endpoint.security_groups.iter().map(String::as_str));
    vec![command(["aws", "ec2", "delete-vpc-endpoints", "--vpc-endpoint-ids", &endpoint.id]), command(create)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said};
    use crate::evidence::Question;

    const ID: CauseId = CauseId::VpcEndpointNotAvailable;

    fn failed() -> Fixture {
        Fixture::endpoints().network(|lab| lab.endpoints[0].state = "failed".to_owned())
    }

    #[test]
    fn an_endpoint_out_of_service_is_named_with_its_service() {
        let found = failed().finding(ID);
        assert_eq!(found.resources.first().map(String::as_str), Some("vpce-ecr.api"));
        assert_eq!(found.endpoint.as_deref(), Some("ecr.api"));
        assert_eq!(Fixture::endpoints().says(ID), Said::Sound);
    }

    #[test]
    fn it_hangs_on_the_endpoints() {
        failed().hangs_on(ID, &Question::VpcEndpoints { vpc: "vpc-1".to_owned() });
        failed().never_turns(ID);
    }

    #[test]
    fn it_is_made_anew_with_the_same_subnets_and_groups() {
        let fixes = failed().mended(ID);
        let Change::ByHand { commands } = &fixes[0].changes[0] else { panic!("{fixes:?}") };
        for part in ["delete-vpc-endpoints", "--private-dns-enabled", "ecr.api", "sg-"] {
            assert!(commands.join(" ").contains(part), "{part} in {commands:?}");
        }
    }
}
