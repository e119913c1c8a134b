//! What ECS's service scheduler did when it stopped a task: the same words for scaling in and for a deployment.

use crate::case::Case;
use crate::model::ecs::Deployment;
use crate::model::{CauseId, Moment};

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

/// The deployment that took the place of the task's: another one, made before the task was told to stop.
pub(super) fn successor<'e>(case: &Case<'e>) -> Option<&'e Deployment> {
    let (task, service, told) = (case.task?, case.service?, told_at(case)?);
    let own = task.started_by.as_deref()?;
    let began = task.times.created;
    let followed = |deployment: &&Deployment| {
        deployment.id != own
            && deployment.created.is_some_and(|created| created <= told && began.is_none_or(|began| created > began))
    };
    service.deployments.iter().find(followed)
}
