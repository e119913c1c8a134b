//! The entry point is in the image and cannot be executed, or its interpreter is missing.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The entry point is in the image and cannot be executed, or its interpreter is missing.
///
/// # Why a task stops here
/// A file without the execute bit, a script whose first line names an interpreter that the image does not have (often
/// `/bin/bash` on Alpine, or one that ends in a carriage return), or a program for another C library.
/// # How it is told
/// By the runtime's own words. `exec format error` is nearly always an image for another CPU, and most often stands in
/// the container's log only.
/// # Prevention
/// Start the image once in the pipeline, on the CPU of the task.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>
pub struct EntrypointNotExecutable;
}

impl Cause for EntrypointNotExecutable {
    type Subject = Whole;
    const ID: CauseId = CauseId::EntrypointNotExecutable;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let program = symptom.fact("executable").unwrap_or("its program");
            let container = told::container(case, symptom);
            format!("container {container} cannot start: `{program}` is there, and cannot be executed")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_revision(
            case,
            "Mend the file in the image: its mode, its first line, its line ends",
            "containerDefinitions[].[name,image,entryPoint,command]",
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
            EntrypointNotExecutable::ID,
            "TaskFailedToStart",
            &[
                "CannotStartContainerError: Error response from daemon: failed to create task for container: failed \
                 to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: exec: \"/app/start.sh\": permission denied: unknown",
                r#"standard_init_linux.go:190: exec user process caused "permission denied""#,
                "exec /app/start.sh: no such file or directory",
            ],
            &["CannotStartContainerError: Error response from daemon: failed to create task for container: failed \
                 to create shim task: OCI runtime create failed: runc create failed: unable to start container \
                 process: exec: \"/app/start.sh\": stat /app/start.sh: no such file or directory: unknown"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            EntrypointNotExecutable::ID,
            "TaskFailedToStart",
            "CannotStartContainerError: Error response from daemon: \
             failed to create task for container: failed to create \
             shim task: OCI runtime create failed: runc create \
             failed: unable to start container process: exec: \
             \"/app/start.sh\": permission denied: unknown",
        );
        assert!(command.contains("entryPoint"), "{command}");
    }
}
