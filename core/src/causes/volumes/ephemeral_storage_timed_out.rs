//! The task's ephemeral storage was not ready in time.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The task's ephemeral storage was not ready in time.
///
/// # Why a task stops here
/// Fargate gives each task storage of its own. Nothing in the account takes part in that, and it passes.
/// # How it is told
/// By the words of ECS, which no page of AWS explains.
/// # Prevention
/// Let whatever calls RunTask try again on this reason; a service does so by itself.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html>
pub struct EphemeralStorageTimedOut;
}

impl Cause for EphemeralStorageTimedOut {
    type Subject = Whole;
    const ID: CauseId = CauseId::EphemeralStorageTimedOut;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the ephemeral storage of the task was not ready in time; nothing in the account takes part in that"
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
            EphemeralStorageTimedOut::ID,
            "TaskFailedToStart",
            &[
                "Timeout waiting for EphemeralStorage provisioning to complete",
                "Timeout waiting for EphemeralStorage provisioning to complete.",
            ],
            &["Timeout waiting for network interface provisioning to complete."],
        );
    }
}
