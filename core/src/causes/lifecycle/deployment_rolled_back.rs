//! The deployment circuit breaker or an alarm rolled the deployment back.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The deployment circuit breaker or an alarm rolled the deployment back.
///
/// # Why a task stops here
/// After some failed tasks, or when an alarm goes off, ECS gives a deployment up and brings the one before back. Its
/// tasks are stopped; the fault is in those that failed before.
/// # How it is told
/// By the words of the service, or by the deployments.
/// # Prevention
/// Leave circuit breaker and alarms on.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
pub struct DeploymentRolledBack;
}

impl Cause for DeploymentRolledBack {
    type Subject = Whole;
    const ID: CauseId = CauseId::DeploymentRolledBack;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the deployment was given up and rolled back: its fault is in the tasks that failed before".to_owned()
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(service) = case.service else { return Ok(vec![]) };
        let words = ["aws", "ecs", "list-service-deployments", "--cluster", &case.cluster, "--service", &service.name];
        Ok(vec![told::look("Find why the tasks of that deployment failed", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            DeploymentRolledBack::ID,
            "ServiceSchedulerInitiated",
            &[
                "(service api) rolling back to deployment ecs-svc/1111111111111111111.",
                "(service api) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
            ],
            &["(service api) has reached a steady state."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            DeploymentRolledBack::ID,
            "ServiceSchedulerInitiated",
            "(service api) rolling back to deployment \
             ecs-svc/1111111111111111111.",
        );
        assert!(command.contains("list-service-deployments"), "{command}");
    }
}
