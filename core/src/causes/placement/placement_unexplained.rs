//! No task was placed, and neither the message nor what can be read says for want of what.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// No task was placed, and neither the message nor what can be read says for want of what.
///
/// # Why a task stops here
/// In some words ECS names neither a resource nor an instance, and the instances may have been different at that time.
/// # How it is told
/// It is what is left: never confirmed.
/// # Prevention
/// Keep the events of a cluster (event capture): those of the same minute often say more.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
pub struct PlacementUnexplained;
}

impl Cause for PlacementUnexplained {
    type Subject = Whole;
    const ID: CauseId = CauseId::PlacementUnexplained;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "no container instance met all that the task asks for, and the message does not say what was lacking"
                .to_owned()
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
            PlacementUnexplained::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements.",
                "service (api) could not launch 3 tasks for deployment ecs-svc/1111111111111111111.",
                "TaskFailedToStart: RESOURCE:*",
            ],
            &["(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) has \
                 insufficient CPU units available."],
        );
    }
}
