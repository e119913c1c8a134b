//! The file system's policy or access point refuses the mount.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The file system's policy or access point refuses the mount.
///
/// # Why a task stops here
/// With IAM authorization it is the task role that mounts: its policies or those of the file system must allow
/// `ClientMount`. Without it the task is anonymous, which a policy of the file system ends for all.
/// # How it is told
/// By the words of the server.
/// # Prevention
/// IAM authorization and an access point from the beginning.
/// # AWS
/// <https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html>
pub struct EfsAccessDenied;
}

impl Cause for EfsAccessDenied {
    type Subject = Whole;
    const ID: CauseId = CauseId::EfsAccessDenied;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let system = symptom.fact("file_system").unwrap_or("the file system");
            format!("{system} refuses the mount: its policy or its access point does not admit the task")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(system) = case.symptom.as_ref().and_then(|symptom| symptom.fact("file_system")) else {
            return Ok(vec![]);
        };
        let words = ["aws", "efs", "describe-file-system-policy", "--file-system-id", system];
        Ok(vec![told::look("Let the task role mount, in the file system's policy or its own", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            EfsAccessDenied::ID,
            "TaskFailedToStart",
            &["ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: \
                 b'mount.nfs4: access denied by server while mounting 127.0.0.1:/' :"],
            &["ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: \
                 b'mount.nfs4: mounting fs-06f98f3e7fbc8300c.efs.us-east-1.amazonaws.com:/data failed, reason given \
                 by server: No such file or directory'"],
        );
    }
}
