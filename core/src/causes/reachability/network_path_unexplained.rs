//! The connection failed, and what can be read of its way is open.

use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways::{self, WayFrom};
use crate::symptom::Symptom;

documented! {
/// The connection failed, yet everything on its way that can be read is open.
///
/// # Why a task stops here
/// A firewall, a transit gateway, a peering connection, a DNS server of one's own or a passing fault may drop a connection,
/// and none of them can be looked into from the account of the task.
/// # How it is told
/// The stop speaks of a connection that failed, and the walk from the task to that service finds no blocker. It is never
/// confirmed: it is the honest name for not knowing.
/// # Prevention
/// VPC flow logs of the task's subnets show rejected connections, and Reachability Analyzer walks over what can be read.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html>
pub struct NetworkPathUnexplained;
}

impl Cause for NetworkPathUnexplained {
    type Subject = Need;
    const ID: CauseId = CauseId::NetworkPathUnexplained;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let about = |symptom: &Symptom| {
            symptom.claims.iter().any(|claim| claim.cause == Self::ID)
                && (symptom.endpoints.is_empty() || symptom.endpoints.contains(&need.endpoint))
        };
        if !case.symptom.as_ref().is_some_and(about) {
            return Ok(Verdict::NotApplicable);
        }
        let ways = ways::ways(case, facts, need)?;
        if ways.iter().any(|way| !way.path.blockers.is_empty()) {
            return Ok(Verdict::NotApplicable);
        }
        let Some(WayFrom { subnet, path }) = ways.first() else { return Ok(Verdict::NotApplicable) };
        let why = match &path.opaque {
            Some(over) => {
                format!("the way from {subnet} to {} leads over {over}, beyond which nobody can read", need.host)
            }
            None if !path.unknown.is_empty() => {
                format!("the way from {subnet} to {} cannot be decided: {}", need.host, path.unknown.join("; "))
            }
            None => format!("everything that can be read of the way from {subnet} to {} is open", need.host),
        };
        let mut finding = Finding::on([subnet.clone()]).because(why);
        finding.endpoint = Some(need.endpoint.clone());
        finding.container.clone_from(&need.container);
        Ok(Verdict::AsTold(finding))
    }
}
