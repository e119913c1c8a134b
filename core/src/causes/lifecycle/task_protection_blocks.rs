//! Scale-in protection keeps tasks alive, so that a deployment or scale-in cannot end.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// Scale-in protection keeps tasks alive, so that a deployment or scale-in cannot end.
///
/// # Why a task stops here
/// A protected task is not stopped by the scheduler until its protection is cleared or runs out (two hours by default, 48
/// at most). New tasks start beside it only as far as `maximumPercent` allows.
/// # How it is told
/// By the service's words.
/// # Prevention
/// Clear protection when the work is done, and set it for short times again and again.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html>
pub struct TaskProtectionBlocks;
}

impl Cause for TaskProtectionBlocks {
    type Subject = Whole;
    const ID: CauseId = CauseId::TaskProtectionBlocks;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "protected tasks are kept alive, so that the service cannot scale in or finish its deployment".to_owned()
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(service) = case.service else { return Ok(vec![]) };
        let words = ["aws", "ecs", "get-task-protection", "--cluster", &case.cluster];
        let tasks = crate::change::quote(&case.cluster);
        let name = crate::change::quote(&service.name);
        let command = format!(
            "{} --tasks $(aws ecs list-tasks --cluster {tasks} --service-name {name} --max-items 100 --query 'taskArns[]' --output text)",
            crate::change::command(words)
        );
        let fix = told::by_hand("Wait, or clear the protection of tasks whose work may end", Risk::None, command);
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            TaskProtectionBlocks::ID,
            "ServiceSchedulerInitiated",
            &[
                "(service api) was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in \
                 due to (reason 2 tasks under protection)",
                "(service api) was unable to reach steady state because task set ecs-svc/1 was unable to scale in. \
                 Reason: The number of protected tasks are more than the desired count of tasks",
            ],
            &["service (web) was unable to stop or start tasks during a deployment because of the service \
                 deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            TaskProtectionBlocks::ID,
            "ServiceSchedulerInitiated",
            "(service api) was unable to reach steady state because \
             (taskSet ecs-svc/1) was unable to scale in due to \
             (reason 2 tasks under protection)",
        );
        assert!(command.contains("get-task-protection"), "{command}");
    }
}
