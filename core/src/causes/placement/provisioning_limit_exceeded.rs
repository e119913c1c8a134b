//! The cluster already has as many tasks in PROVISIONING as ECS allows.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The cluster already has as many tasks in PROVISIONING as ECS allows.
///
/// # Why a task stops here
/// At most 500 tasks of a cluster may wait for instances of a capacity provider. Where none come, since the group is at
/// its maximum or launches fail, they wait on.
/// # How it is told
/// By the words of ECS; it is the whole cluster that counts, other services too.
/// # Prevention
/// Scale services in steps, with a capacity provider that has headroom.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
pub struct ProvisioningLimitExceeded;
}

impl Cause for ProvisioningLimitExceeded {
    type Subject = Whole;
    const ID: CauseId = CauseId::ProvisioningLimitExceeded;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            format!("cluster {} has as many tasks waiting in PROVISIONING as ECS allows", case.cluster)
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let words =
            ["aws", "ecs", "describe-clusters", "--clusters", &case.cluster, "--include", "ATTACHMENTS", "STATISTICS"];
        Ok(vec![told::look("Let the capacity provider grow, or ask for fewer tasks at once", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            ProvisioningLimitExceeded::ID,
            "TaskFailedToStart",
            &["service (web) was unable to place tasks in your cluster because the tasks provisioning capacity \
                 limit was exceeded."],
            &["(service web) was unable to place a task. Reason: You've reached the limit on the number of tasks \
                 you can run concurrently."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            ProvisioningLimitExceeded::ID,
            "TaskFailedToStart",
            "service (web) was unable to place tasks in your \
             cluster because the tasks provisioning capacity limit \
             was exceeded.",
        );
        assert!(command.contains("describe-clusters"), "{command}");
    }
}
