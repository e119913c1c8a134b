//! No container instance has an attribute that the task requires.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// No container instance has an attribute that the task requires.
///
/// # Why a task stops here
/// A definition requires what its settings need: a log driver, an agent that is new enough, a CPU architecture. An
/// instance states what it can as attributes, and a task goes only where all are there.
/// # How it is told
/// By the words of ECS, which do not say which attribute it is: compare `requiresAttributes` with those of the instances.
/// # Prevention
/// One AMI for a whole cluster, and an agent that is kept current.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html>
pub struct InstanceAttributeMissing;
}

impl Cause for InstanceAttributeMissing {
    type Subject = Whole;
    const ID: CauseId = CauseId::InstanceAttributeMissing;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let closest =
                symptom.fact("container_instance").map_or_else(String::new, |id| format!("; {id} came closest"));
            format!("no container instance has every attribute that the task requires{closest}")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_revision(
            case,
            "Renew the instances, or drop the setting that asks for it",
            "requiresAttributes[].name",
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
            InstanceAttributeMissing::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) is \
                 missing an attribute required by your task.",
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) \
                 encountered error \"ATTRIBUTE\".",
            ],
            &["(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) \
                 encountered error \"LOCATION\"."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            InstanceAttributeMissing::ID,
            "TaskFailedToStart",
            "(service web) was unable to place a task because no \
             container instance met all of its requirements. The \
             closest matching (container-instance \
             48fccf62981f4fc2b53e62233a586fe8) is missing an \
             attribute required by your task.",
        );
        assert!(command.contains("requiresAttributes"), "{command}");
    }
}
