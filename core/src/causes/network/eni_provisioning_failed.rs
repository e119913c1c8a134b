//! EC2 did not make or attach the task's network interface.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// EC2 did not make or attach the task's network interface.
///
/// # Why a task stops here
/// ECS makes the interface with its service-linked role. A policy of the organization or of tags may forbid that, the API
/// may throttle it, and sometimes it takes too long.
/// # How it is told
/// By the words of ECS: a time-out passes by itself, a refusal does not.
/// # Prevention
/// Spread starts, and try organization and tag policies against the service-linked role.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html>
pub struct EniProvisioningFailed;
}

impl Cause for EniProvisioningFailed {
    type Subject = Whole;
    const ID: CauseId = CauseId::EniProvisioningFailed;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "EC2 did not make or attach the network interface of the task in time".to_owned()
        })
    }

    fn fixes(&self, _: &Whole, _: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(vec![told::look(
            "Try again; if it repeats, look whether ECS has its own role",
            ["aws", "iam", "get-role", "--role-name", "AWSServiceRoleForECS"],
        )])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            EniProvisioningFailed::ID,
            "TaskFailedToStart",
            &[
                "Timeout waiting for network interface provisioning to complete.",
                "Network interface provision complete error timeout wait for network interface provision.",
                "ResourceInitializationError: failed to configure ENI: failed to setup regular eni: netplugin \
                 failed with no error message",
                "Rate limit exceeded while preparing network interface to be attached to instance",
            ],
            &["Timeout waiting for EphemeralStorage provisioning to complete"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            EniProvisioningFailed::ID,
            "TaskFailedToStart",
            "Timeout waiting for network interface provisioning to \
             complete.",
        );
        assert!(command.contains("AWSServiceRoleForECS"), "{command}");
    }
}
