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
