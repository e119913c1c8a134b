//! The file system, its access point or the directory does not exist.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The file system, its access point or the directory does not exist.
///
/// # Why a task stops here
/// The directory that a volume names must be there, unless an access point makes it (`CreationInfo`).
/// # How it is told
/// By the words of the server or of the mount helper.
/// # Prevention
/// An access point with `CreationInfo`, and ids from where they are made.
/// # AWS
/// <https://docs.aws.amazon.com/efs/latest/ug/efs-access-points.html>
pub struct EfsNotFound;
}

impl Cause for EfsNotFound {
    type Subject = Whole;
    const ID: CauseId = CauseId::EfsNotFound;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let system = symptom.fact("file_system").unwrap_or("the file system");
            let what = symptom
                .fact("directory")
                .map_or_else(|| "what the volume names".to_owned(), |path| format!("directory {path}"));
            format!("{what} is not there on {system}")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(system) = case.symptom.as_ref().and_then(|symptom| symptom.fact("file_system")) else {
            return Ok(vec![]);
        };
        let words = ["aws", "efs", "describe-access-points", "--file-system-id", system];
        Ok(vec![told::look("Make the directory, or an access point that makes it", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            EfsNotFound::ID,
            "TaskFailedToStart",
            &["ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: \
                 b'mount.nfs4: mounting fs-06f98f3e7fbc8300c.efs.us-east-1.amazonaws.com:/data failed, reason given \
                 by server: No such file or directory' : unsuccessful EFS utils command execution; code: 32"],
            &["ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: \
                 b'mount.nfs4: access denied by server while mounting 127.0.0.1:/' :"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            EfsNotFound::ID,
            "TaskFailedToStart",
            "ResourceInitializationError: failed to invoke EFS \
             utils commands to set up EFS volumes: stderr: \
             b'mount.nfs4: mounting \
             fs-06f98f3e7fbc8300c.efs.us-east-1.amazonaws.com:/data \
             failed, reason given by server: No such file or \
             directory' : unsuccessful EFS utils command execution; \
             code: 32",
        );
        assert!(command.contains("describe-access-points --file-system-id fs-06f98f3e7fbc8300c"), "{command}");
    }
}
