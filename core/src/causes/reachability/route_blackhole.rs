//! The route is there, and its target is gone.

use super::blocked;
use super::fixes::{failed_subnet, missing_endpoints, way_out};
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;

documented! {
/// The route that is chosen for the service points to something that no longer exists.
///
/// # Why a task stops here
/// The most specific route is taken whether its target lives or not: traffic of a dead route is dropped, it does not fall
/// back to a wider one. Deleting a NAT gateway leaves such a route behind.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Replace routes before their targets are deleted; alarm on routes in the state `blackhole`.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>
pub struct RouteBlackhole;
}

impl Cause for RouteBlackhole {
    type Subject = Need;
    const ID: CauseId = CauseId::RouteBlackhole;
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
