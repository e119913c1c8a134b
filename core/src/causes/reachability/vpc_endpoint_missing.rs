//! The VPC has some endpoints, and not this one.

use super::blocked;
use super::fixes::{failed_subnet, missing_endpoints, way_out};
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;

documented! {
/// The VPC has endpoints for some of the services that a launch needs, but not for this one, and no other way out.
///
/// # Why a task stops here
/// A pull from ECR needs three: `ecr.api` for the token, `ecr.dkr` for the manifest and `s3` for the layers. Secrets
/// need `secretsmanager` or `ssm`, and the log driver needs `logs`. One that is missing is noticed when it is needed first.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Make all endpoints of a path together, and let one stack own them.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html>
pub struct VpcEndpointMissing;
}

impl Cause for VpcEndpointMissing {
    type Subject = Need;
    const ID: CauseId = CauseId::VpcEndpointMissing;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(subnet) = failed_subnet(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let (endpoints, out) = (missing_endpoints(need, case, facts, &subnet), way_out(case, facts, &subnet));
        let mut fixes: Vec<Fix> = endpoints?.into_iter().collect();
        fixes.extend(out?);
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said};
    use crate::evidence::Question;
    use crate::network::lab;

    const ID: CauseId = CauseId::VpcEndpointMissing;

    fn without(services: &[&str]) -> Fixture {
        Fixture::endpoints().network(|lab| {
            lab.endpoints.retain(|one| !services.iter().any(|service| one.id == format!("vpce-{service}")));
        })
    }

    #[test]
    fn the_one_endpoint_that_is_missing_is_named() {
        for service in ["ecr.api", "ecr.dkr", "secretsmanager", "logs"] {
            let found = without(&[service]).finding(ID);
            assert_eq!(found.endpoint.as_deref(), Some(service));
            assert_eq!(found.resources, ["vpc-1", lab::TASK, "rtb-task"]);
        }
        assert_eq!([Fixture::endpoints().says(ID), Fixture::fargate().says(ID)], [Said::Sound, Said::Sound]);
    }

    #[test]
    fn where_there_is_none_at_all_the_route_is_what_is_missing() {
        let bare = Fixture::fargate().network(|lab| drop(lab.tables[1].routes.pop()));
        assert_eq!([bare.says(ID), bare.says(CauseId::NoEgressRoute)], [Said::Sound, Said::Fault]);
    }

    #[test]
    fn it_hangs_on_the_endpoints_and_the_routes() {
        for question in [Question::VpcEndpoints { vpc: "vpc-1".into() }, Question::RouteTables { vpc: "vpc-1".into() }]
        {
            without(&["logs"]).hangs_on(ID, &question);
        }
        without(&["logs"]).never_turns(ID);
    }

    #[test]
    fn all_that_are_missing_are_made_together_behind_the_group_that_is_in_use() {
        let fixture = without(&["ecr.dkr", "logs"]);
        let fixes = fixture.mended(ID);
        let made = |service: &str, zone: &str| Change::CreateInterfaceEndpoint {
            vpc: "vpc-1".to_owned(),
            service: format!("com.amazonaws.us-east-1.{service}"),
            subnets: vec![zone.to_owned()],
            security_groups: vec!["sg-vpce".to_owned()],
            admitted: vec!["sg-task".to_owned()],
        };
        assert_eq!(
            fixes[0].changes,
            [made("ecr.dkr", lab::TASK), made("logs", lab::TASK)],
            "one subnet of the one zone"
        );
        assert_eq!(fixture.after(&fixes[0]).says(ID), Said::Sound);
    }
}
