//! No container instance is in a zone of the task's subnets.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// No container instance is in a zone of the task's subnets.
///
/// # Why a task stops here
/// In `awsvpc` mode the interface is made in a subnet of the task and attached to the instance, so that both must be in
/// one zone.
/// # How it is told
/// By the words of ECS (`LOCATION`).
/// # Prevention
/// The same list of subnets for the service and for the Auto Scaling group.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html>
pub struct InstanceZoneMismatch;
}

impl Cause for InstanceZoneMismatch {
    type Subject = Whole;
    const ID: CauseId = CauseId::InstanceZoneMismatch;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let instance = symptom.fact("container_instance").unwrap_or("the closest container instance");
            format!("{instance} is in none of the zones of the task's subnets")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_instance(
            case,
            "Give the service a subnet in the zone of an instance",
            "[ec2InstanceId,attributes[?name==`ecs.availability-zone`].value]",
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
            InstanceZoneMismatch::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) \
                 encountered error \"LOCATION\".",
                "LOCATION",
            ],
            &["(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) \
                 encountered error \"MemberOf placement constraint unsatisfied.\"."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            InstanceZoneMismatch::ID,
            "TaskFailedToStart",
            "(service web) was unable to place a task because no \
             container instance met all of its requirements. The \
             closest matching (container-instance \
             48fccf62981f4fc2b53e62233a586fe8) encountered error \
             \"LOCATION\".",
        );
        assert!(command.contains("ecs.availability-zone"), "{command}");
    }
}
