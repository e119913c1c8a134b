//! No container instance has a free GPU for the task.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// No container instance has a free GPU for the task.
///
/// # Why a task stops here
/// A GPU belongs to one container as long as that runs. Only instances of a GPU type with an AMI for it register GPUs.
/// # How it is told
/// By the words of ECS, which name the instance that came closest and not how much it lacks.
/// # Prevention
/// A capacity provider of its own for tasks with GPUs.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
pub struct InsufficientGpu;
}

impl Cause for InsufficientGpu {
    type Subject = Whole;
    const ID: CauseId = CauseId::InsufficientGpu;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let closest =
                symptom.fact("container_instance").map_or_else(String::new, |id| format!("; {id} came closest"));
            format!("no container instance has a free GPU{closest}")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_instance(
            case,
            "Add instances, or make the task smaller",
            "[ec2InstanceId,registeredResources,remainingResources]",
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
            InsufficientGpu::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) \
                 encountered error \"RESOURCE:GPU\".",
                "RESOURCE:GPU",
            ],
            &[r#"could not select device driver "nvidia" with capabilities: [[gpu]]"#],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            InsufficientGpu::ID,
            "TaskFailedToStart",
            "(service web) was unable to place a task because no \
             container instance met all of its requirements. The \
             closest matching (container-instance \
             48fccf62981f4fc2b53e62233a586fe8) encountered error \
             \"RESOURCE:GPU\".",
        );
        assert!(command.contains("remainingResources"), "{command}");
    }
}
