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
            let change = Change::EnablePrivateDns { endpoint: endpoint.clone(), vpc, hostnames, is_on };
            fixes.push(
                Fix::new(format!("Switch on private DNS of {endpoint}"), Risk::Medium).making(change).noting(
                    "every client in the VPC then uses the endpoint for that service: its group must let them in",
                ),
            );
        }
        fixes.extend(way_out(case, facts, &subnet)?);
        Ok(fixes)
    }
}
