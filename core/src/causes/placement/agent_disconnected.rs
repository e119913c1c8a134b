//! The container agent of the closest instance has no connection to ECS.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The container agent of the closest instance has no connection to ECS.
///
/// # Why a task stops here
/// An agent that has lost its connection takes no tasks, and what runs on its instance runs on. It is gone after an
/// update for some seconds, and for longer when the host has no memory, no disk or no way to ECS.
/// # How it is told
/// By the words of ECS (`AGENT`).
/// # Prevention
/// Watch `agentConnected`, leave memory for the host (`ECS_RESERVED_MEMORY`), and keep the agent current.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
pub struct AgentDisconnected;
}

impl Cause for AgentDisconnected {
    type Subject = Whole;
    const ID: CauseId = CauseId::AgentDisconnected;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let instance = symptom.fact("container_instance").unwrap_or("the closest container instance");
            format!("the agent of {instance} is not connected to ECS, so that it takes no task")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_instance(
            case,
            "Restart the agent on the instance, or replace the instance",
            "[ec2InstanceId,status,agentConnected,versionInfo]",
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
            AgentDisconnected::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching (container-instance 48fccf62981f4fc2b53e62233a586fe8) \
                 encountered error \"AGENT\".",
                "(service web) was unable to place a task because no container instance met all of its \
                 requirements. The closest matching container-instance 0123 doesn't have the agent connected.",
                "AGENT",
            ],
            &["[error] [AppNet Agent] Envoy readiness check failed with: Get \"http://127.0.0.1:9901/ready\": \
                 context deadline exceeded"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            AgentDisconnected::ID,
            "TaskFailedToStart",
            "(service web) was unable to place a task because no \
             container instance met all of its requirements. The \
             closest matching (container-instance \
             48fccf62981f4fc2b53e62233a586fe8) encountered error \
             \"AGENT\".",
        );
        assert!(command.contains("agentConnected"), "{command}");
    }
}
