//! minimumHealthyPercent and maximumPercent leave the scheduler no room to start or stop a task.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// minimumHealthyPercent and maximumPercent leave the scheduler no room to start or stop a task.
///
/// # Why a task stops here
/// A deployment may start as many tasks as `maximumPercent` of the desired count has room for, rounded down, and stop as
/// many as `minimumHealthyPercent` leaves, rounded up. Where both are none, nothing moves.
/// # How it is told
/// By the words of ECS. Percents that leave room now were changed since, or tasks are held by protection or on draining
/// instances.
/// # Prevention
/// Small services need 200 or 0: 125 % of three tasks is no more than three.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
pub struct DeploymentConfigurationBlocks;
}

impl Cause for DeploymentConfigurationBlocks {
    type Subject = Whole;
    const ID: CauseId = CauseId::DeploymentConfigurationBlocks;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "minimumHealthyPercent and maximumPercent leave the scheduler no room to start or stop a task".to_owned()
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_service(
            case,
            "Give the deployment room",
            "[desiredCount,runningCount,pendingCount,deploymentConfiguration]",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            DeploymentConfigurationBlocks::ID,
            "ServiceSchedulerInitiated",
            &["service (web) was unable to stop or start tasks during a deployment because of the service \
                 deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again."],
            &["(service api) was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in \
                 due to (reason 2 tasks under protection)"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            DeploymentConfigurationBlocks::ID,
            "ServiceSchedulerInitiated",
            "service (web) was unable to stop or start tasks during \
             a deployment because of the service deployment \
             configuration. Update the minimumHealthyPercent or \
             maximumPercent value and try again.",
        );
        assert!(command.contains("deploymentConfiguration"), "{command}");
    }
}
