//! The application ended with an error code.

use super::last_lines;
use crate::causes::prelude::*;
use crate::causes::told::{self, revision_and_container};

documented! {
/// An essential container ended with an error code of its own, which stops the task.
///
/// # Why a task stops here
/// When an essential container ends, ECS stops the task. The exit code is the application's: 1 is what most runtimes give
/// for an error that nobody caught.
/// # How it is told
/// By the exit code of the container that ended first. Its last log lines tell more than anything in the account.
/// # Prevention
/// Log the reason before you exit, and use codes that tell one failure from another.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>
pub struct ApplicationError;
}

impl Cause for ApplicationError {
    type Subject = Whole;
    const ID: CauseId = CauseId::ApplicationError;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::judge(Self::ID, case, |symptom| {
            let (resources, container) = revision_and_container(case, symptom);
            let code = symptom.exit_code.map_or_else(|| "an error code".to_owned(), |code| format!("exit code {code}"));
            let why = format!("container {container} ended by itself with {code}");
            Finding::on(resources).in_container(container).because(why)
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        last_lines::read(case, "Read the container's last lines, and mend the application")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, Said};

    const ID: CauseId = CauseId::ApplicationError;

    fn ended(code: i64) -> Fixture {
        Fixture::fargate().ended("EssentialContainerExited", "Essential container in task exited", Some(code), None)
    }

    #[test]
    fn a_code_of_its_own_is_the_applications_and_zero_is_none() {
        for (code, said) in [(1, Said::AsTold), (3, Said::AsTold), (0, Said::Sound), (139, Said::Sound)] {
            assert_eq!(ended(code).says(ID), said, "exit code {code}");
        }
        assert_eq!(ended(3).check().says(ID), Said::NotApplicable);
    }

    #[test]
    fn the_finding_names_the_revision_the_container_and_the_code() {
        let found = ended(3).finding(ID);
        assert_eq!(
            (found.resources, found.container.as_deref()),
            (vec![REVISION.to_owned(), "app".to_owned()], Some("app"))
        );
        assert_eq!(found.explanation, "container app ended by itself with exit code 3");
    }

    #[test]
    fn the_fix_reads_the_stream_of_that_task_and_container() {
        let fixes = ended(3).mended(ID);
        let [Change::ByHand { commands }] = fixes[0].changes.as_slice() else { unreachable!() };
        let stream = "--log-group-name /ecs/web --log-stream-name web/app/0123456789abcdef0123456789abcdef";
        assert!(commands[0].contains(stream), "{commands:?}");
        assert_eq!(ended(3).app(|app| app.log = None).mended(ID), [], "without a log there is nothing to read");
    }
}
