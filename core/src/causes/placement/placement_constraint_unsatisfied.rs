//! The placement constraints exclude every container instance.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The placement constraints exclude every container instance.
///
/// # Why a task stops here
/// A `memberOf` expression or `distinctInstance` is a condition, not a wish: where no instance meets it, the task is not
/// placed.
/// # How it is told
/// By the words of ECS. The constraints stand in the definition, in the service, or in the call of RunTask.
/// # Prevention
/// Try an expression with `aws ecs list-container-instances --filter` before it is deployed.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html>
pub struct PlacementConstraintUnsatisfied;
}

impl Cause for PlacementConstraintUnsatisfied {
    type Subject = Whole;
    const ID: CauseId = CauseId::PlacementConstraintUnsatisfied;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "no container instance meets the placement constraints of the task".to_owned()
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_service(
            case,
            "Correct the expression, or give instances what it asks for",
            "placementConstraints",
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
            PlacementConstraintUnsatisfied::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) \
                 encountered error \"MemberOf placement constraint unsatisfied.\".",
                "TaskFailedToStart: MemberOf placement constraint unsatisfied",
            ],
            &["(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) \
                 encountered error \"ATTRIBUTE\"."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            PlacementConstraintUnsatisfied::ID,
            "TaskFailedToStart",
            "(service web) was unable to place a task because no \
             container instance met all of its requirements. The \
             closest matching (container-instance \
             48fccf62981f4fc2b53e62233a586fe8) encountered error \
             \"MemberOf placement constraint unsatisfied.\".",
        );
        assert!(command.contains("placementConstraints"), "{command}");
    }
}
