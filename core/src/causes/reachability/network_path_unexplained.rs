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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said};
    use crate::model::network::RouteTarget;
    use crate::network::lab;

    const ID: CauseId = CauseId::NetworkPathUnexplained;

    fn timed_out(fixture: Fixture) -> Fixture {
        fixture.stopped(
            "TaskFailedToStart",
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
             unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request \
             failed caused by: Post \"https://api.ecr.us-east-1.amazonaws.com/\": dial tcp 44.213.79.10:443: i/o timeout",
        )
    }

    #[test]
    fn a_connection_that_failed_over_a_way_that_is_open_is_as_told_for_that_service_alone() {
        let open = timed_out(Fixture::fargate());
        let found = open.finding(ID);
        assert_eq!((found.resources, found.endpoint.as_deref()), (vec![lab::TASK.to_owned()], Some("ecr.api")));
        assert!(found.explanation.ends_with("api.ecr.us-east-1.amazonaws.com is open"), "{}", found.explanation);
        let said: Vec<Said> = open.judged(ID).0.iter().map(|one| Said::of(&one.verdict)).collect();
        assert_eq!(said.iter().filter(|said| **said == Said::AsTold).count(), 1, "{said:?}");
    }

    #[test]
    fn what_nobody_can_look_behind_is_named() {
        let over = timed_out(Fixture::fargate()).network(|lab| {
            lab.tables[1].routes[1].target = RouteTarget::Elsewhere("tgw-1".to_owned());
        });
        assert!(over.finding(ID).explanation.contains("tgw-1"), "{:?}", over.finding(ID));
    }

    #[test]
    fn a_blocker_explains_it_and_another_stop_does_not_ask() {
        let blocked = timed_out(Fixture::fargate()).network(|lab| drop(lab.tables[1].routes.pop()));
        assert_eq!([blocked.says(ID), blocked.says(CauseId::NoEgressRoute)], [Said::NotApplicable, Said::Fault]);
        let other = Fixture::fargate().ended("EssentialContainerExited", "", Some(3), None);
        assert_eq!([other.says(ID), timed_out(other).check().says(ID)], [Said::NotApplicable, Said::NotApplicable]);
    }

    #[test]
    fn without_the_subnet_not_even_that_is_known_and_without_the_rest_it_is_said_so() {
        let open = timed_out(Fixture::fargate());
        open.hangs_on(ID, &crate::evidence::Question::Subnet { subnet: lab::TASK.into() });
        let hidden = open.gap(crate::evidence::Question::RouteTables { vpc: "vpc-1".into() });
        assert!(hidden.finding(ID).explanation.contains("cannot be decided"), "{:?}", hidden.finding(ID));
    }
}
