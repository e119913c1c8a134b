//! An essential container finished, which stops the task.

use crate::causes::prelude::*;
use crate::causes::told::{self, revision_and_container};

documented! {
/// An essential container finished with exit code 0, which stops the task.
///
/// # Why a task stops here
/// When an essential container ends, ECS stops the task, whatever its exit code. For a job that is the end; a service
/// starts the task again, and again.
/// # How it is told
/// By exit code 0 of the container that ended first.
/// # Prevention
/// A service needs a process that stays in the foreground; a job belongs into RunTask or a schedule; a helper that ends is
/// not `essential`.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>
pub struct ApplicationCompleted;
}

impl Cause for ApplicationCompleted {
    type Subject = Whole;
    const ID: CauseId = CauseId::ApplicationCompleted;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::judge(Self::ID, case, |symptom| {
            let (resources, container) = revision_and_container(case, symptom);
            let belongs =
                case.task.and_then(|task| task.group.as_deref()).is_some_and(|group| group.starts_with("service:"));
            let again = if belongs { ", and its service starts it again each time" } else { "" };
            let why = format!("container {container} finished with exit code 0, which ends the task{again}");
            Finding::on(resources).in_container(container).because(why)
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let belongs =
            case.task.and_then(|task| task.group.as_deref()).is_some_and(|group| group.starts_with("service:"));
        if !belongs {
            return Ok(vec![]); // a job that is done
        }
        let query = "containerDefinitions[].[name,essential,entryPoint,command]";
        Ok(told::look_at_revision(
            case,
            "Keep the process in the foreground, or run it as a task instead of a service",
            query,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, Said};

    const ID: CauseId = CauseId::ApplicationCompleted;

    fn ended(code: i64) -> Fixture {
        Fixture::fargate().ended("EssentialContainerExited", "Essential container in task exited", Some(code), None)
    }

    #[test]
    fn zero_is_an_end_and_an_error_code_is_none() {
        assert_eq!(
            [0, 1, 3, 139].map(|code| ended(code).says(ID)),
            [Said::AsTold, Said::Sound, Said::Sound, Said::Sound]
        );
        assert_eq!(ended(0).check().says(ID), Said::NotApplicable);
    }

    #[test]
    fn a_service_starts_again_and_a_job_is_done() {
        let found = ended(0).finding(ID);
        assert_eq!(found.resources, [REVISION, "app"]);
        assert!(found.explanation.ends_with("its service starts it again each time"), "{found:?}");
        assert_eq!(ended(0).mended(ID).len(), 1);
        let job = ended(0).task(|task| task.group = Some("family:web".to_owned()));
        assert!(job.finding(ID).explanation.ends_with("which ends the task"), "{:?}", job.finding(ID));
        assert_eq!(job.mended(ID), []);
    }
}
