//! No container instance has as much free memory as the task asks for.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// No container instance has as much free memory as the task asks for.
///
/// # Why a task stops here
/// ECS reserves the `memoryReservation` of a container, or else its `memory`, on the instance. An instance registers less
/// memory than its type has, since the system needs some.
/// # How it is told
/// By the words of ECS, which name the instance that came closest and not how much it lacks.
/// # Prevention
/// Managed scaling with some headroom, and a `memoryReservation` of what the container needs at most times.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
pub struct InsufficientMemory;
}

impl Cause for InsufficientMemory {
    type Subject = Whole;
    const ID: CauseId = CauseId::InsufficientMemory;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let closest =
                symptom.fact("container_instance").map_or_else(String::new, |id| format!("; {id} came closest"));
            format!("no container instance has as much free memory as the task asks for{closest}")
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
            InsufficientMemory::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) has \
                 insufficient memory available.",
                r#"encountered error "RESOURCE:MEMORY"."#,
            ],
            &["OutOfMemoryError: Container killed due to memory usage"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            InsufficientMemory::ID,
            "TaskFailedToStart",
            "(service web) was unable to place a task because no \
             container instance met all of its requirements. The \
             closest matching (container-instance \
             48fccf62981f4fc2b53e62233a586fe8) has insufficient \
             memory available.",
        );
        assert!(command.contains("remainingResources"), "{command}");
    }
}
