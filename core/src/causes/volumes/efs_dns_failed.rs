//! The file system's name cannot be resolved.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The file system's name cannot be resolved.
///
/// # Why a task stops here
/// The name of a file system resolves only in a VPC with DNS support and DNS host names, where the file system has a
/// mount target in the zone of the task.
/// # How it is told
/// By the words of the mount helper. A file system that does not exist reads the same.
/// # Prevention
/// No private hosted zone over names of AWS, and a mount target in every zone.
/// # AWS
/// <https://docs.aws.amazon.com/efs/latest/ug/troubleshooting-efs-mounting.html>
pub struct EfsDnsFailed;
}

impl Cause for EfsDnsFailed {
    type Subject = Whole;
    const ID: CauseId = CauseId::EfsDnsFailed;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let system = symptom.fact("file_system").unwrap_or("the file system");
            format!(
                "the name of {system} is not resolved in the task's VPC: it, its mount target in the zone, or DNS is missing"
            )
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(system) = case.symptom.as_ref().and_then(|symptom| symptom.fact("file_system")) else {
            return Ok(vec![]);
        };
        let query = "MountTargets[].[AvailabilityZoneName,LifeCycleState,SubnetId,IpAddress]";
        let words = ["aws", "efs", "describe-mount-targets", "--file-system-id", system, "--query", query];
        Ok(vec![told::look("Look whether the file system has a mount target in the task's zone", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            EfsDnsFailed::ID,
            "TaskFailedToStart",
            &["ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: \
                 Failed to resolve \"fs-0123456789abcdef0.efs.us-east-1.amazonaws.com\" - check that your file \
                 system ID is correct, and ensure that the VPC has an EFS mount target for this file system ID."],
            &["ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: \
                 b'mount.nfs4: Connection timed out' : unsuccessful EFS utils command execution; code: 32"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            EfsDnsFailed::ID,
            "TaskFailedToStart",
            "ResourceInitializationError: failed to invoke EFS \
             utils commands to set up EFS volumes: stderr: Failed \
             to resolve \
             \"fs-0123456789abcdef0.efs.us-east-1.amazonaws.com\" - \
             check that your file system ID is correct, and ensure \
             that the VPC has an EFS mount target for this file \
             system ID.",
        );
        assert!(command.contains("describe-mount-targets --file-system-id fs-0123456789abcdef0"), "{command}");
    }
}
