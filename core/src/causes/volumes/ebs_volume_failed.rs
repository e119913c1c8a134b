//! The task's EBS volume could not be made, attached or mounted.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The task's EBS volume could not be made, attached or mounted.
///
/// # Why a task stops here
/// ECS makes the volume with the infrastructure role, which must be trusted by `ecs.amazonaws.com` and may need rights on
/// a KMS key. The type of its file system must be that of the snapshot.
/// # How it is told
/// By ECS's words, in the stop reason or in the status of the attachment.
/// # Prevention
/// A module for the infrastructure role, tried with a snapshot.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-ebs-volumes.html>
pub struct EbsVolumeFailed;
}

impl Cause for EbsVolumeFailed {
    type Subject = Whole;
    const ID: CauseId = CauseId::EbsVolumeFailed;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "ECS could not make, attach or mount the EBS volume of the task".to_owned()
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(task) = case.task else { return Ok(vec![]) };
        let query = "tasks[].attachments[?type=='AmazonElasticBlockStorage'].[status,details]";
        let words =
            ["aws", "ecs", "describe-tasks", "--cluster", &case.cluster, "--tasks", &task.arn, "--query", query];
        Ok(vec![told::look("Read what the attachment says, and mend the infrastructure role or the volume", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            EbsVolumeFailed::ID,
            "TaskFailedToStart",
            &[
                "ECS failed to set up the EBS volume. Encountered IdempotentParameterMismatch\"; \"The client token \
                 you have provided is associated with a resource that is already deleted. Please use a different \
                 client token.\"",
                "ECS timed out while configuring the EBS volume attachment to your Task",
            ],
            &["ECS was unable to assume the configured ECS Infrastructure Role \
                 'arn:aws:iam::111122223333:role/ecsInfrastructureRole'. Please verify that the role being passed \
                 has the proper trust relationship with Amazon ECS."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            EbsVolumeFailed::ID,
            "TaskFailedToStart",
            "ECS failed to set up the EBS volume. Encountered \
             IdempotentParameterMismatch\"; \"The client token you \
             have provided is associated with a resource that is \
             already deleted. Please use a different client \
             token.\"",
        );
        assert!(command.contains("AmazonElasticBlockStorage"), "{command}");
    }
}
