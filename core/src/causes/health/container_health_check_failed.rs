//! The container's own health check failed.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The container's own health check failed.
///
/// # Why a task stops here
/// ECS runs the `healthCheck` of the definition inside the container; that of the Dockerfile is not used. After `retries`
/// failures in a row the container is unhealthy, and the scheduler replaces the task.
/// # How it is told
/// By the words of ECS. The program that the check calls must be in the image.
/// # Prevention
/// Run the command of the check in the pipeline, inside the image.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html>
pub struct ContainerHealthCheckFailed;
}

impl Cause for ContainerHealthCheckFailed {
    type Subject = Whole;
    const ID: CauseId = CauseId::ContainerHealthCheckFailed;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            format!("the health check of container {} failed as often as it may", told::container(case, symptom))
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_revision(
            case,
            "Correct the health check, or what it asks",
            "containerDefinitions[].[name,healthCheck]",
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
            ContainerHealthCheckFailed::ID,
            "ServiceSchedulerInitiated",
            &["(service my-svc) (task 1234) failed container health checks.", "Task failed container health checks"],
            &["Task failed ELB health checks in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef)"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            ContainerHealthCheckFailed::ID,
            "ServiceSchedulerInitiated",
            "(service my-svc) (task 1234) failed container health \
             checks.",
        );
        assert!(command.contains("healthCheck"), "{command}");
    }
}
