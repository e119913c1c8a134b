//! AWS retired the infrastructure under the task.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// AWS retired the infrastructure under the task.
///
/// # Why a task stops here
/// Fargate patches its hosts by stopping tasks on old ones, after a notice in AWS Health. A service starts new ones; a
/// standalone task ends.
/// # How it is told
/// By the words of ECS.
/// # Prevention
/// Two tasks or more with `minimumHealthyPercent` 100; a longer wait is an account setting.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-maintenance.html>
pub struct FargateMaintenance;
}

impl Cause for FargateMaintenance {
    type Subject = Whole;
    const ID: CauseId = CauseId::FargateMaintenance;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "AWS retired the infrastructure under the task, as it announces in AWS Health".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            FargateMaintenance::ID,
            "ServiceSchedulerInitiated",
            &[
                "Service web: ECS is performing maintenance on the underlying infrastructure hosting the task",
                "ECS is performing maintenance on the underlying infrastructure hosting the task",
            ],
            &["Scaling activity initiated by (deployment ecs-svc/42)"],
        );
    }
}
