//! What ECS's service scheduler did when it stopped a task: the same words for scaling in and for a deployment.

use crate::case::Case;
use crate::evidence::{Facts, GapReason};
use crate::model::ecs::ServiceDeployment;
use crate::model::{CauseId, Moment, Unknown};

/// The scheduler stopped the task, and says that a scaling activity did.
pub(super) fn is_scheduled(case: &Case<'_>) -> bool {
    let told = |id| case.symptom.as_ref().is_some_and(|symptom| symptom.claims.iter().any(|claim| claim.cause == id));
    case.task.is_some_and(|task| task.stop_code.as_deref() == Some("ServiceSchedulerInitiated"))
        && (told(CauseId::ScaledIn) || told(CauseId::ReplacedByDeployment))
}

/// When the scheduler told the task to stop.
fn told_at(case: &Case<'_>) -> Option<Moment> {
    let times = &case.task?.times;
    times.stopping.or(times.stopped)
}

/// What the scheduler did it for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    /// Another deployment began while the task ran: its id, its revision where that is known, and whether it is a roll-back.
    Replaced {
        /// `ecs-svc/...` or the deployment's ARN.
        by: String,
        /// `family:revision`.
        revision: Option<String>,
        /// It brought an older revision back.
        rolls_back: bool,
    },
    /// No other deployment had begun when the task was told to stop.
    Fewer,
}

/// Why the scheduler stopped the task, by the deployments that there were at that time.
///
/// # Errors
/// When the service, or its deployments of that time, are not known.
pub(super) fn reason(case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Reason>, Unknown> {
    case.service_known?;
    let (Some(task), Some(service), Some(told)) = (case.task, case.service, told_at(case)) else { return Ok(None) };
    // The service is what shows it: read here, it is the evidence.
    facts.service(&case.cluster, &service.name)?;
    let Some(own) = task.started_by.as_deref() else { return Ok(None) };
    let began = task.times.created;
    let between = |created: Option<Moment>| {
        created.is_some_and(|created| created <= told && began.is_none_or(|began| created > began))
    };
    if let Some(next) = service.deployments.iter().find(|one| one.id != own && between(one.created)) {
        let revision = next.definition.rsplit('/').next().map(str::to_owned);
        let rolls_back = next.rollout_reason.as_deref().is_some_and(|reason| reason.contains("rolling back"));
        return Ok(Some(Reason::Replaced { by: next.id.clone(), revision, rolls_back }));
    }
    if let Some(listed) = service.deployments.iter().find(|one| one.id == own) {
        // Tasks of a deployment that failed are stopped because it is rolled back, and not for a smaller number.
        return Ok(Some(match listed.rollout.as_deref() {
            Some("FAILED") => Reason::Replaced { by: own.to_owned(), revision: None, rolls_back: true },
            _ => Reason::Fewer,
        }));
    }
    // The service lists its own deployment no more: those of before are kept for longer elsewhere.
    let older = facts.service_deployments(&case.cluster, &service.name)?.map_or(&[][..], Vec::as_slice);
    let number = own.rsplit('/').next().unwrap_or(own);
    // The status tells of the deployment that was rolled back, not of one that brings another back.
    let rolled_back = |one: &&ServiceDeployment| one.arn.ends_with(number) && one.status.contains("ROLLBACK");
    if let Some(own) = older.iter().find(rolled_back) {
        return Ok(Some(Reason::Replaced { by: own.arn.clone(), revision: None, rolls_back: true }));
    }
    let next = older.iter().find(|one| !one.arn.ends_with(number) && between(one.created));
    let reaches_back = older.iter().any(|one| one.created.is_some() && one.created <= began);
    match next {
        Some(next) => Ok(Some(Reason::Replaced { by: next.arn.clone(), revision: None, rolls_back: false })),
        None if reaches_back => Ok(Some(Reason::Fewer)),
        None => {
            let lost = "the deployments of the time when the task was stopped are not listed any more";
            Err(facts.lacks("ecs:ListServiceDeployments", GapReason::Expired, lost))
        }
    }
}
