//! No mount target of the file system in the task's zone answers on port 2049.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// No mount target of the file system in the task's zone answers on port 2049.
///
/// # Why a task stops here
/// A task mounts over the mount target of its own zone. There must be one, its security group must admit the task on TCP
/// 2049, and that of the task must let it out.
/// # How it is told
/// The mount helper gives up after its time, or the connection breaks off.
/// # Prevention
/// A mount target in every zone of the service, made together with it.
/// # AWS
/// <https://docs.aws.amazon.com/efs/latest/ug/troubleshooting-efs-mounting.html>
pub struct EfsMountTargetUnreachable;
}

impl Cause for EfsMountTargetUnreachable {
    type Subject = Whole;
    const ID: CauseId = CauseId::EfsMountTargetUnreachable;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let system = symptom.fact("file_system").unwrap_or("the file system");
            format!("no mount target of {system} in the task's zone answered on port 2049")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(system) = case.symptom.as_ref().and_then(|symptom| symptom.fact("file_system")) else {
            return Ok(vec![]);
        };
        let query = "MountTargets[].[AvailabilityZoneName,LifeCycleState,SubnetId,IpAddress]";
        let words = ["aws", "efs", "describe-mount-targets", "--file-system-id", system, "--query", query];
        Ok(vec![told::look(
            "Make a mount target in that zone, or open port 2049 between its group and the task's",
            words,
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
            EfsMountTargetUnreachable::ID,
            "TaskFailedToStart",
            &["ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: \
                 Mount attempt 1/3 failed due to timeout after 15 sec, wait 0 sec before next attempt. \
                 b'mount.nfs4: mount system call failed' : unsuccessful EFS utils command execution; code: 32"],
            &["ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: \
                 b'mount.nfs4: access denied by server while mounting 127.0.0.1:/' :"],
        );
    }
}
