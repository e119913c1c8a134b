//! The runtime rejects the container's configuration.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The runtime rejects the container's configuration.
///
/// # Why a task stops here
/// A user that the image does not have, a limit, capability, device or kernel setting that the host does not allow, a
/// working directory that cannot be entered.
/// # How it is told
/// By the runtime's own words, which name the setting.
/// # Prevention
/// Start the image once in the pipeline with the settings of the definition.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>
pub struct ContainerConfigurationInvalid;
}

impl Cause for ContainerConfigurationInvalid {
    type Subject = Whole;
    const ID: CauseId = CauseId::ContainerConfigurationInvalid;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            format!(
                "container {} cannot be started as it is configured: {}",
                told::container(case, symptom),
                symptom.inner()
            )
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_revision(
            case,
            "Correct the setting in a new revision, or the image",
            "containerDefinitions[].[name,user,workingDirectory,ulimits,linuxParameters,systemControls,privileged]",
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
            ContainerConfigurationInvalid::ID,
            "TaskFailedToStart",
            &[
                "CannotStartContainerError: Error response from daemon: linux spec user: unable to find user \
                 converter: no matching entries in passwd file",
                "CannotStartContainerError: Error response from daemon: failed to create task for container: failed \
                 to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: error during container init: error setting rlimits for ready process: error setting \
                 rlimit type 7: operation not permitted: unknown",
                "CannotStartContainerError: Error response from daemon: failed to create task for container: failed \
                 to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: error during container init: chdir to cwd (\"/srv/app\") set in config.json failed: no \
                 such file or directory: unknown",
            ],
            &["CannotStartContainerError: Error response from daemon: failed to create task for container: failed \
                 to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: exec: \"/app/start.sh\": permission denied: unknown"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            ContainerConfigurationInvalid::ID,
            "TaskFailedToStart",
            "CannotStartContainerError: Error response from daemon: \
             linux spec user: unable to find user converter: no \
             matching entries in passwd file",
        );
        assert!(command.contains("workingDirectory"), "{command}");
    }
}
