//! The cluster has no registered container instance.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The cluster has no registered container instance.
///
/// # Why a task stops here
/// A task of launch type EC2 runs on an instance that has registered in the cluster. Without one there is no place for
/// it, whatever it asks for.
/// # How it is told
/// By the words of ECS. An instance that runs and does not register has another cluster in its `ECS_CLUSTER`, lacks the
/// rights of an instance role, or cannot reach ECS.
/// # Prevention
/// Let a capacity provider with managed scaling start instances.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/launch_container_instance.html>
pub struct NoContainerInstances;
}

impl Cause for NoContainerInstances {
    type Subject = Whole;
    const ID: CauseId = CauseId::NoContainerInstances;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            format!("cluster {} has no container instance that could run the task", case.cluster)
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let words = ["aws", "ecs", "list-container-instances", "--cluster", &case.cluster, "--output", "json"];
        Ok(vec![told::look("Add instances to the cluster, or run the task on Fargate", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            NoContainerInstances::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements. Reason: No Container Instances were found in your cluster.",
                "InvalidParameterException: No Container Instances were found in your cluster.",
            ],
            &["(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) has \
                 insufficient memory available."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            NoContainerInstances::ID,
            "TaskFailedToStart",
            "(service web) was unable to place a task because no \
             container instance met all of its requirements. \
             Reason: No Container Instances were found in your \
             cluster.",
        );
        assert!(command.contains("list-container-instances --cluster prod"), "{command}");
    }
}
