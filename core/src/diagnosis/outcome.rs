//! What became of the target, in one word.

use crate::case::Case;
use crate::model::CauseId;
use crate::report::Outcome;

/// The platform did what it was asked to, or what it announces.
pub fn is_deliberate(cause: CauseId) -> bool {
    matches!(
        cause,
        CauseId::ScaledIn
            | CauseId::ReplacedByDeployment
            | CauseId::DeploymentRolledBack
            | CauseId::StoppedByUser
            | CauseId::SpotInterruption
            | CauseId::HostTerminated
            | CauseId::InstanceDraining
            | CauseId::FargateMaintenance
            | CauseId::AvailabilityZoneRebalanced
    )
}

/// The outcome that a first cause means for a stop.
pub fn of_cause(cause: CauseId) -> Outcome {
    match cause {
        CauseId::ApplicationCompleted => Outcome::Completed,
        cause if is_deliberate(cause) => Outcome::StoppedDeliberately,
        _ => Outcome::Failed,
    }
}

/// Longer on its way than any stage takes that makes progress: the slowest pulls that are seen are shorter.
const HANGING_AFTER_SECONDS: i64 = 15 * 60;

/// The outcome of a task that has neither stopped nor run.
pub fn of_pending(case: &Case<'_>) -> Outcome {
    let since = case.task.and_then(|task| task.times.created);
    match since.map(|created| case.now.as_second() - created.as_second()) {
        Some(seconds) if seconds > HANGING_AFTER_SECONDS => Outcome::Hanging,
        _ => Outcome::Undetermined,
    }
}
