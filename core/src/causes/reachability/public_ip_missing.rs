//! The way leads over an internet gateway, and the task has no public address.

use super::blocked;
use super::fixes::{failed_subnet, missing_endpoints, way_out};
use crate::case::LaunchType;
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;

documented! {
/// The subnet routes to an internet gateway, and the task has no public address to use it with.
///
/// # Why a task stops here
/// An internet gateway serves only interfaces with a public address. On Fargate that is decided by `assignPublicIp` of the
/// service alone, whatever the subnet's own setting says; tasks with interfaces of their own on EC2 never get one.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Put tasks into private subnets with a NAT gateway or endpoints, or say `assignPublicIp: ENABLED` on purpose.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html>
pub struct PublicIpMissing;
}

impl Cause for PublicIpMissing {
    type Subject = Need;
    const ID: CauseId = CauseId::PublicIpMissing;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(subnet) = failed_subnet(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let mut fixes = vec![];
        if case.launch == LaunchType::Fargate && case.service.is_some() {
            fixes.push(
                Fix::new("Give the service's tasks public addresses", Risk::Medium)
                    .making(Change::AssignPublicIp)
                    .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html")
                    .noting("the tasks can then be reached from the internet as far as their security groups let anybody in"),
            );
        }
        fixes.extend(missing_endpoints(need, case, facts, &subnet)?);
        if fixes.is_empty() {
            fixes = way_out(case, facts, &subnet)?;
        }
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, service};
    use crate::evidence::Question;
    use crate::network::lab;

    const ID: CauseId = CauseId::PublicIpMissing;

    fn in_public_subnet(public_ip: bool) -> Fixture {
        Fixture::fargate()
            .settings(|network| (network.subnets, network.public_ip) = (vec![lab::PUBLIC.to_owned()], public_ip))
            .task(|task| {
                let own = task.interface.as_mut().expect("it has one");
                (own.subnet, own.private_ip) = (Some(lab::PUBLIC.to_owned()), Some("10.0.9.7".to_owned()));
            })
    }

    #[test]
    fn an_internet_gateway_is_of_no_use_without_a_public_address() {
        let found = in_public_subnet(false).finding(ID);
        assert_eq!(found.resources, [lab::PUBLIC, "rtb-public", "igw-1"]);
        assert_eq!([in_public_subnet(true).says(ID), Fixture::fargate().says(ID)], [Said::Sound, Said::Sound]);
    }

    #[test]
    fn the_subnets_own_setting_does_not_count_for_fargate() {
        let maps = in_public_subnet(false).network(|lab| lab.subnets[2].maps_public_ip = true);
        assert_eq!(maps.says(ID), Said::Fault);
    }

    #[test]
    fn a_task_that_runs_has_what_its_interface_has() {
        let running = |public_ip| {
            let interface = crate::model::network::NetworkInterface {
                id: "eni-1".to_owned(),
                subnet: Some(lab::PUBLIC.to_owned()),
                security_groups: vec!["sg-task".to_owned()],
                private_ip: None,
                public_ip,
            };
            in_public_subnet(false)
                .task(|task| {
                    task.last_status = "PENDING".to_owned();
                    task.interface.as_mut().expect("it has one").id = Some("eni-1".to_owned());
                })
                .with(
                    Question::NetworkInterface { interface: "eni-1".into() },
                    crate::evidence::Known::NetworkInterface(interface),
                )
        };
        let address = Some("54.1.2.3".parse().expect("it is an address"));
        assert_eq!([running(address).says(ID), running(None).says(ID)], [Said::Sound, Said::Fault]);
        running(None).hangs_on(ID, &Question::NetworkInterface { interface: "eni-1".into() });
    }

    #[test]
    fn without_the_service_or_the_routes_nobody_knows() {
        assert_eq!(in_public_subnet(false).gap(service()).says(ID), Said::Unknown);
        in_public_subnet(false).hangs_on(ID, &Question::RouteTables { vpc: "vpc-1".into() });
        in_public_subnet(false).never_turns(ID);
    }

    #[test]
    fn a_public_address_mends_it_on_fargate() {
        let fixes = in_public_subnet(false).mended(ID);
        assert_eq!(fixes[0].changes, [Change::AssignPublicIp]);
        assert_eq!(in_public_subnet(false).after(&fixes[0]).says(ID), Said::Sound);
    }
}
