//! The endpoint's groups let nobody in.

use super::blocked;
use super::blocked::blocker;
use super::fixes::{client_groups, https};
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;

documented! {
/// The security group of the endpoint does not accept port 443 from the task.
///
/// # Why a task stops here
/// Inside the VPC the service's name resolves to the endpoint's interfaces. Their security groups must let the task in on
/// TCP 443; where they do not, every connection to that service ends in a time-out, and a NAT gateway does not help.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Let endpoint groups admit the VPC's range, or each service's group by reference.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html>
pub struct VpcEndpointSecurityGroupBlocked;
}

impl Cause for VpcEndpointSecurityGroupBlocked {
    type Subject = Need;
    const ID: CauseId = CauseId::VpcEndpointSecurityGroupBlocked;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some((_, found)) = blocker(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let Some(group) = found.resources.iter().find(|one| one.starts_with("sg-")) else { return Ok(vec![]) };
        let clients = client_groups(case, facts)?;
        if clients.is_empty() {
            return Ok(vec![]);
        }
        let title = format!("Let the tasks' group into the endpoint's group {group} on port 443");
        let change = Change::LetIn { group: group.clone(), rule: https(&[], &clients, &[]) };
        Ok(vec![Fix::new(title, Risk::Low).making(change)])
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said};
    use crate::evidence::Question;
    use crate::network::lab;

    const ID: CauseId = CauseId::VpcEndpointSecurityGroupBlocked;

    fn admits(rules: Vec<crate::model::network::GroupRule>) -> Fixture {
        Fixture::endpoints().network(|lab| lab.groups.get_mut("sg-vpce").expect("it guards them").ingress = rules)
    }

    #[test]
    fn the_endpoints_group_must_let_the_tasks_in() {
        let mut by_group = lab::rule("tcp", Some(443), &[]);
        by_group.groups = vec!["sg-task".to_owned()];
        let mut by_other = by_group.clone();
        by_other.groups = vec!["sg-alb".to_owned()];
        for (rules, said, why) in [
            (vec![by_group], Said::Sound, "the tasks' group"),
            (vec![lab::rule("tcp", Some(443), &["10.0.1.0/24"])], Said::Sound, "the tasks' subnet"),
            (vec![lab::rule("tcp", Some(443), &["10.0.9.0/24"])], Said::Fault, "another subnet"),
            (vec![lab::rule("tcp", Some(80), &["0.0.0.0/0"])], Said::Fault, "another port"),
            (vec![by_other], Said::Fault, "another group"),
            (vec![], Said::Fault, "nobody"),
        ] {
            assert_eq!(admits(rules).says(ID), said, "{why}");
        }
    }

    #[test]
    fn the_group_stands_before_the_endpoint_that_it_guards() {
        let found = admits(vec![]).finding(ID);
        assert_eq!(found.resources, ["sg-vpce", "vpce-ecr.api"]);
        assert_eq!(found.endpoint.as_deref(), Some("ecr.api"));
        assert_eq!(Fixture::fargate().says(ID), Said::Sound, "no endpoint, no group");
    }

    #[test]
    fn it_hangs_on_the_group_and_the_endpoints() {
        for question in
            [Question::SecurityGroup { group: "sg-vpce".into() }, Question::VpcEndpoints { vpc: "vpc-1".into() }]
        {
            admits(vec![]).hangs_on(ID, &question);
        }
        admits(vec![]).never_turns(ID);
    }

    #[test]
    fn letting_the_tasks_or_the_instances_group_in_mends_it() {
        for closed in [
            admits(vec![]),
            Fixture::ec2().network(|lab| {
                *lab = lab::with_endpoints();
                lab.groups.get_mut("sg-vpce").expect("it guards them").ingress.clear();
            }),
        ] {
            let fixes = closed.mended(ID);
            let rule = https(&[], &["sg-task".to_owned()], &[]);
            assert_eq!(fixes[0].changes, [Change::LetIn { group: "sg-vpce".to_owned(), rule }]);
            assert_eq!(closed.after(&fixes[0]).says(ID), Said::Sound);
        }
    }
}
