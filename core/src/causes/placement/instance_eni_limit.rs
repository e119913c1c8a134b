//! No container instance has a free network interface for the task.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// No container instance has a free network interface for the task.
///
/// # Why a task stops here
/// In `awsvpc` mode each task takes a network interface of its instance, and a type has only so many. Trunking gives
/// more, to instances that were launched after it was switched on.
/// # How it is told
/// By the words of ECS.
/// # Prevention
/// Types that can trunk, with `awsvpcTrunking` on before they are launched.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-eni.html>
pub struct InstanceEniLimit;
}

impl Cause for InstanceEniLimit {
    type Subject = Whole;
    const ID: CauseId = CauseId::InstanceEniLimit;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let closest =
                symptom.fact("container_instance").map_or_else(String::new, |id| format!("; {id} came closest"));
            format!("no container instance has a free network interface for an awsvpc task{closest}")
        })
    }

    fn fixes(&self, _: &Whole, _: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let words = ["aws", "ecs", "list-account-settings", "--name", "awsvpcTrunking", "--effective-settings"];
        Ok(vec![told::look("Add instances, or switch trunking on and replace them", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            InstanceEniLimit::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) \
                 encountered error \"RESOURCE:ENI\".",
                "RESOURCE:ENI",
            ],
            &["Unexpected EC2 error while attempting to Create Network Interface in subnet 'subnet-0123': \
                 NetworkInterfaceLimitExceeded"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            InstanceEniLimit::ID,
            "TaskFailedToStart",
            "(service web) was unable to place a task because no \
             container instance met all of its requirements. The \
             closest matching (container-instance \
             48fccf62981f4fc2b53e62233a586fe8) encountered error \
             \"RESOURCE:ENI\".",
        );
        assert!(command.contains("awsvpcTrunking"), "{command}");
    }
}
