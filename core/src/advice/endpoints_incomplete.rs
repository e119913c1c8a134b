//! Half a way by endpoints, and half by the internet.

use super::prelude::*;
use crate::launch::needs::needs;
use crate::launch::ways::{self, ways};
use crate::network::Way;

documented! {
/// The VPC has endpoints for some of the services that a launch needs, and the others go over the internet.
///
/// # Why
/// A pull takes three names (`ecr.api`, `ecr.dkr` and S3 for the layers), and logs and secrets take more. With endpoints for
/// some of them, the launch still hangs on the way out, which is easily closed by somebody who believes that endpoints
/// serve all of it; the one that is missing then fails late, in the middle of a launch.
/// # When it is said
/// Where at least one of the services is reached over an interface endpoint, and another of the same region over a NAT or
/// internet gateway. A gateway endpoint for S3 alone is no half set: it is there to save money.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html>
pub struct EndpointsIncomplete;
}

impl Advice for EndpointsIncomplete {
    const ID: &'static str = "endpoints-incomplete";
    const TITLE: &'static str = "Complete the set of VPC endpoints";
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> Advised {
        let needs = needs(case, facts)?;
        let own: Vec<_> = needs.iter().filter(|need| need.destination.same_region && !need.hidden).collect();
        let traced: Vec<_> = own.iter().map(|need| (need, ways(case, facts, need))).collect();
        let (mut inside, mut outside): (Vec<String>, Vec<String>) = (vec![], vec![]);
        let mut subnets: Vec<String> = vec![];
        for (need, ways) in traced {
            for way in ways?.iter() {
                let list = match &way.path.way {
                    // What is barred is a fault, and no advice.
                    _ if !way.path.blockers.is_empty() => continue,
                    Some(Way::InterfaceEndpoint(Some(_))) => &mut inside,
                    Some(Way::NatGateway(_) | Way::InternetGateway(_)) => &mut outside,
                    _ => continue,
                };
                if !list.contains(&need.endpoint) {
                    list.push(need.endpoint.clone());
                }
                if !subnets.contains(&way.subnet) {
                    subnets.push(way.subnet.clone());
                }
            }
        }
        if inside.is_empty() || outside.is_empty() {
            return Ok(None);
        }
        let why = format!(
            "{} goes over an endpoint of the VPC, and {} over the internet",
            some_of(&inside),
            some_of(&outside)
        );
        Ok(Some(Tip::on(subnets).because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::{silent_without, tip};
    use crate::causes::fixture::Fixture;
    use crate::evidence::Question;
    use crate::network::lab::{OTHER, TASK, endpoint, s3_gateway};

    const ID: &str = EndpointsIncomplete::ID;

    fn half() -> Fixture {
        Fixture::fargate().network(|lab| {
            lab.endpoints.push(endpoint("vpce-1", "ecr.api", &[TASK, OTHER], &["sg-vpce"]));
        })
    }

    #[test]
    fn one_endpoint_beside_a_nat_gateway_is_half_a_set() {
        let found = tip(ID, &half()).expect("the rest goes out");
        assert_eq!(
            found.explanation,
            "ecr.api goes over an endpoint of the VPC, and secretsmanager, ecr.dkr and 2 more over the internet"
        );
        silent_without(ID, &half(), &Question::RouteTables { vpc: "vpc-1".into() });
    }

    #[test]
    fn all_or_none_of_them_is_well_and_so_is_a_gateway_alone() {
        assert_eq!(tip(ID, &Fixture::endpoints()), None);
        assert_eq!(tip(ID, &Fixture::fargate()), None);
        assert_eq!(tip(ID, &Fixture::fargate().network(|lab| lab.endpoints.push(s3_gateway(&["rtb-task"])))), None);
    }
}
