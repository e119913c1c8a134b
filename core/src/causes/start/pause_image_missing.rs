//! The host lost the image that holds a task's network together.

use crate::causes::prelude::*;
use crate::causes::told;
use crate::change::command;

documented! {
/// The host lost the pause image, and cannot fetch it again.
///
/// # Why a task stops here
/// A container of AWS's own holds the network of a task or pod. The ECS agent loads its image from a file when it starts
/// and never pulls it; a node of EKS may not be able to pull it again. A job that sweeps images from hosts takes it along.
/// # How it is told
/// On ECS by the agent's log only: the API says `Task failed to start` and no container has a reason. The kubelet names
/// the sandbox image, in words that read like wrong credentials; the image is not the user's.
/// # Prevention
/// No `docker image prune -a` on hosts: the agent's own cleaning spares the image.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html>
pub struct PauseImageMissing;
}

impl Cause for PauseImageMissing {
    type Subject = Whole;
    const ID: CauseId = CauseId::PauseImageMissing;
    const READS: &'static [&'static [Source]] = &[&[Source::ContainerInstance]];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let image = symptom.fact("image").unwrap_or("the pause image");
            format!("the host has lost {image}, which holds the network of its tasks together; the image is not yours")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(host) = case.task.and_then(|task| task.container_instance.as_deref()) else { return Ok(vec![]) };
        let Some(instance) = facts.container_instance(&case.cluster, host)?.and_then(|one| one.instance.as_deref())
        else {
            return Ok(vec![]);
        };
        let restart = command([
            "aws",
            "ssm",
            "send-command",
            "--document-name",
            "AWS-RunShellScript",
            "--instance-ids",
            instance,
            "--parameters",
            "commands=[\"sudo systemctl restart ecs\",\"sleep 20\",\"sudo docker image ls amazon/amazon-ecs-pause\"]",
        ]);
        let fix = told::by_hand("Restart the agent on the instance: it loads the image again", Risk::Low, restart)
            .noting("what runs on the instance runs on; the instance must be managed by Systems Manager");
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    const ID: CauseId = CauseId::PauseImageMissing;
    const LOST: &str = "error creating container [~internal~ecs~pause]; marking its desired status as STOPPED: Error: No such \
                        image: amazon/amazon-ecs-pause:0.1.0";

    #[test]
    fn the_agents_log_and_the_kubelet_tell_it_and_an_own_image_does_not() {
        words::tell(
            ID,
            "TaskFailedToStart",
            &[
                LOST,
                "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox image \
                 \"602401143452.dkr.ecr.us-east-1.amazonaws.com/eks/pause:3.5\": failed to pull image: authorization failed: no \
                 basic auth credentials",
            ],
            &["CannotCreateContainerError: Error response from daemon: No such image: team/web:v42"],
        );
    }

    #[test]
    fn the_agent_of_that_instance_is_restarted() {
        let command = words::first_command(ID, "TaskFailedToStart", LOST);
        assert!(command.contains("--instance-ids i-1 ") && command.contains("systemctl restart ecs"), "{command}");
    }
}
