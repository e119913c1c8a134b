//! The runtime rejects a volume or mount of the container.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The runtime rejects a volume or mount of the container.
///
/// # Why a task stops here
/// A file is mounted on a directory or the other way round, the source does not exist on the host, or its name is none.
/// # How it is told
/// By the runtime's own words.
/// # Prevention
/// Mount directories, not files.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_data_volumes.html>
pub struct VolumeConfigurationInvalid;
}

impl Cause for VolumeConfigurationInvalid {
    type Subject = Whole;
    const ID: CauseId = CauseId::VolumeConfigurationInvalid;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            format!(
                "container {} cannot be started with its mounts: {}",
                told::container(case, symptom),
                symptom.inner()
            )
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_revision(
            case,
            "Correct the volume or the mount in a new revision",
            "[volumes,containerDefinitions[].[name,mountPoints]]",
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
            VolumeConfigurationInvalid::ID,
            "TaskFailedToStart",
            &[
                "CannotStartContainerError: OCI runtime create failed: runc create failed: unable to start \
                 container process: error during container init: error mounting \"/etc/app.conf\" to rootfs at \
                 \"/app.conf\": not a directory: unknown",
                "CannotCreateContainerError: Error response from daemon: invalid mount config for type \"bind\": \
                 bind source path does not exist: /data",
            ],
            &["CannotStartContainerError: OCI runtime create failed: runc create failed: unable to start \
                 container process: exec: \"/app\": permission denied: unknown"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            VolumeConfigurationInvalid::ID,
            "TaskFailedToStart",
            "CannotStartContainerError: OCI runtime create failed: \
             runc create failed: unable to start container process: \
             error during container init: error mounting \
             \"/etc/app.conf\" to rootfs at \"/app.conf\": not a \
             directory: unknown",
        );
        assert!(command.contains("mountPoints"), "{command}");
    }
}
