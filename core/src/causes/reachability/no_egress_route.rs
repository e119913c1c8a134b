//! The subnet leads nowhere.

use super::blocked;
use super::fixes::{failed_subnet, missing_endpoints, way_out};
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;

documented! {
/// The subnet of the task has no route to the service: no NAT gateway, no internet gateway and no VPC endpoint.
///
/// # Why a task stops here
/// Images, tokens, secrets and logs are fetched over the network. A subnet whose route table knows only the VPC itself
/// reaches none of them, and each connection ends in a time-out.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Run `ecs-why check` before a service moves to other subnets.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-connecting-vpc.html>
pub struct NoEgressRoute;
}

impl Cause for NoEgressRoute {
    type Subject = Need;
    const ID: CauseId = CauseId::NoEgressRoute;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(subnet) = failed_subnet(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let (out, endpoints) = (way_out(case, facts, &subnet), missing_endpoints(need, case, facts, &subnet));
        let mut fixes = out?;
        fixes.extend(endpoints?);
        Ok(fixes)
    }
}
