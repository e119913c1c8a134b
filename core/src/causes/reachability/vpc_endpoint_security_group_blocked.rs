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
