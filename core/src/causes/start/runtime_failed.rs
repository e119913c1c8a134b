//! The container runtime or the agent failed by itself.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The container runtime or the agent failed by itself.
///
/// # Why a task stops here
/// The daemon is not there, its storage is broken, a process of the runtime died, or the agent lost what it knew of the
/// task. Neither image nor definition are at fault.
/// # How it is told
/// By words of the runtime about itself.
/// # Prevention
/// A current AMI and agent, and the newest platform version.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>
pub struct RuntimeFailed;
}

impl Cause for RuntimeFailed {
    type Subject = Whole;
    const ID: CauseId = CauseId::RuntimeFailed;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            format!(
                "the runtime under container {} failed by itself: {}",
                told::container(case, symptom),
                symptom.inner()
            )
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
            RuntimeFailed::ID,
            "TaskFailedToStart",
            &[
                "CannotCreateContainerError: API error (500): devicemapper: Error running deviceResume dm_task_run \
                 failed",
                "CannotInspectContainerError: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. \
                 Is the docker daemon running?",
            ],
            &["CannotStartContainerError: Error response from daemon: linux spec user: unable to find user \
                 converter: no matching entries in passwd file"],
        );
    }
}
