//! The task definition is not compatible with the launch type or platform that is asked for.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The task definition is not compatible with the launch type or platform that is asked for.
///
/// # Why a task stops here
/// Fargate wants `awsvpc`, a size that it sells and none of what belongs to a host (privileged containers, host
/// networking, links, host paths); old platform versions lack newer settings.
/// # How it is told
/// By the words of ECS, at the request or when the task is placed.
/// # Prevention
/// `requiresCompatibilities` in the definition, so that its registration is refused instead.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>
pub struct LaunchTypeIncompatible;
}

impl Cause for LaunchTypeIncompatible {
    type Subject = Whole;
    const ID: CauseId = CauseId::LaunchTypeIncompatible;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the task definition is not compatible with the launch type or platform version that is asked for"
                .to_owned()
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_revision(
            case,
            "Correct the definition, or ask for another launch type",
            "[compatibilities,requiresCompatibilities,networkMode,cpu,memory]",
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
            LaunchTypeIncompatible::ID,
            "TaskFailedToStart",
            &[
                "The selected task definition is not compatible with the selected compute strategy",
                "PlatformTaskDefinitionIncompatibilityException: The specified platform does not satisfy the task \
                 definition’s required capabilities",
            ],
            &["service (web) was unable to place a task. Reason: Internal error."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            LaunchTypeIncompatible::ID,
            "TaskFailedToStart",
            "The selected task definition is not compatible with \
             the selected compute strategy",
        );
        assert!(command.contains("compatibilities"), "{command}");
    }
}
