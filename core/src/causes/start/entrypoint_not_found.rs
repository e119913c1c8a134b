//! The entry point or command is not in the image.

use crate::causes::prelude::*;
use crate::causes::told::{self, revision_and_container};
use crate::change::command;

documented! {
/// The entry point or command that the container is started with is not in the image.
///
/// # Why a task stops here
/// The runtime looks the program up in the image, by its path or in its `PATH`, and refuses to start a container without
/// it. A definition's `entryPoint` and `command` win over the image's own.
/// # How it is told
/// The runtime's own words in the stop reason name the file; nothing in the account could tell more.
/// # Prevention
/// Start the image once in the pipeline with the very command of the definition.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html>
pub struct EntrypointNotFound;
}

impl Cause for EntrypointNotFound {
    type Subject = Whole;
    const ID: CauseId = CauseId::EntrypointNotFound;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::judge(Self::ID, case, |symptom| {
            let program = symptom.facts.get("executable").and_then(|value| value.as_str()).unwrap_or("its program");
            let (resources, container) = revision_and_container(case, symptom);
            let why = format!("container {container} cannot start: `{program}` is not in its image");
            Finding::on(resources).in_container(container).because(why)
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(revision) = case.revision() else { return Ok(vec![]) };
        let query = "taskDefinition.containerDefinitions[].[name,image,entryPoint,command]";
        let look = command([
            "aws",
            "ecs",
            "describe-task-definition",
            "--task-definition",
            &revision,
            "--query",
            query,
            "--output",
            "json",
        ]);
        let fix = Fix::new("Correct the command in the definition, or put the program into the image", Risk::Medium)
            .making(Change::ByHand { commands: vec![look] })
            .noting("the command shows what the definition starts; the image's content cannot be read from outside");
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, Said};

    const ID: CauseId = CauseId::EntrypointNotFound;

    fn refused(program: &str) -> Fixture {
        let why = format!(
            "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create \
             shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \
             \"{program}\": stat {program}: no such file or directory: unknown"
        );
        Fixture::fargate().ended("TaskFailedToStart", "Task failed to start", None, Some(&why))
    }

    #[test]
    fn the_runtimes_words_name_the_program() {
        let found = refused("/app/start.sh").finding(ID);
        assert_eq!(refused("/app/start.sh").says(ID), Said::AsTold);
        assert_eq!(found.resources, [REVISION, "app"]);
        assert_eq!(found.explanation, "container app cannot start: `/app/start.sh` is not in its image");
    }

    #[test]
    fn another_stop_or_none_says_nothing_of_it() {
        let other = Fixture::fargate().ended("EssentialContainerExited", "", Some(3), None);
        assert_eq!([other.says(ID), Fixture::fargate().check().says(ID)], [Said::Sound, Said::NotApplicable]);
        assert!(refused("/x").judged(ID).1.is_empty(), "nothing in the account could tell more");
    }

    #[test]
    fn the_fix_shows_what_the_definition_starts() {
        let fixes = refused("/app/start.sh").mended(ID);
        let [Change::ByHand { commands }] = fixes[0].changes.as_slice() else { unreachable!() };
        assert!(commands[0].starts_with("aws ecs describe-task-definition --task-definition web:42 "), "{commands:?}");
    }
}
