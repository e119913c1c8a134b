//! The entry point or command is not in the image.

use crate::causes::prelude::*;
use crate::causes::run::told::{self, revision_and_container};
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
