//! The container runtime did not create, start or stop the container in time.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The container runtime did not create, start or stop the container in time.
///
/// # Why a task stops here
/// A host that starts many containers at once, or whose disk has spent its burst credits, is slow, and the agent gives
/// up: on Linux after four minutes for creating and three for starting.
/// # How it is told
/// By the agent's words, whose verb tells what took so long.
/// # Prevention
/// Headroom on hosts, gp3 volumes, fewer starts at once.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html>
pub struct RuntimeTimedOut;
}

impl Cause for RuntimeTimedOut {
    type Subject = Whole;
    const ID: CauseId = CauseId::RuntimeTimedOut;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let waited = symptom.fact("waited").map_or_else(String::new, |waited| format!(" within {waited}"));
            format!("the runtime did not create, start or stop container {}{waited}", told::container(case, symptom))
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
            RuntimeTimedOut::ID,
            "TaskFailedToStart",
            &[
                "DockerTimeoutError: Could not transition to created; timed out after waiting 4m0s",
                "ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m: <nil>",
            ],
            &["DockerTimeoutError: Could not transition to pulled; timed out after waiting 2h0m0s"],
        );
    }
}
