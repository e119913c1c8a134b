//! The task's groups do not let it out.

use super::blocked;
use super::blocked::blocker;
use super::fixes::{ANYWHERE, Neighbourhood, https, s3_prefix_list};
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;
use crate::network::Way;

documented! {
/// No security group of the task has an outbound rule for the connection.
///
/// # Why a task stops here
/// Groups only allow: what no rule of any group of the interface lets out is dropped. A group made by Terraform has no
/// outbound rule until one is declared; one that allows only the VPC's range blocks layers from S3, whose addresses are public.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Allow TCP 443 outwards, or reference the endpoints' group and S3's prefix list.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
pub struct SecurityGroupEgressBlocked;
}

impl Cause for SecurityGroupEgressBlocked {
    type Subject = Need;
    const ID: CauseId = CauseId::SecurityGroupEgressBlocked;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some((subnet, found)) = blocker(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let Some(group) = found.resources.iter().find(|one| one.starts_with("sg-")) else { return Ok(vec![]) };
        let around = Neighbourhood::of(facts, &subnet)?;
        let way =
            ways::ways(case, facts, need)?.iter().find(|way| way.subnet == subnet).and_then(|way| way.path.way.clone());
        // By reference where that can be: narrower than a range.
        let (title, rule) = match way {
            Some(Way::GatewayEndpoint(_)) => match s3_prefix_list(case, facts)? {
                Some(list) => ("Let the tasks out to S3's prefix list", https(&[], &[], &[list])),
                None => return Ok(vec![]),
            },
            Some(Way::InterfaceEndpoint(Some(id))) => {
                let groups = around.as_ref().and_then(|all| all.endpoints.iter().find(|one| one.id == id));
                let groups = groups.map(|endpoint| endpoint.security_groups.clone()).unwrap_or_default();
                ("Let the tasks out to the endpoint's group", https(&[], &groups, &[]))
            }
            _ => ("Let the tasks out on port 443", https(&[ANYWHERE], &[], &[])),
        };
        let change = Change::LetOut { group: group.clone(), rule };
        let mut fixes = vec![Fix::new(format!("{title} ({group})"), Risk::Low).making(change)];
        let all = Change::LetOut { group: group.clone(), rule: https(&[ANYWHERE], &[], &[]) };
        if fixes.first().is_some_and(|first| first.changes != [all.clone()]) {
            fixes.push(
                Fix::new(format!("Let the tasks out on port 443 to anywhere ({group})"), Risk::Medium).making(all),
            );
        }
        Ok(fixes)
    }
}
