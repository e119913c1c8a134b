//! The application ended with an error code.

use super::told::{self, revision_and_container};
use crate::causes::prelude::*;
use crate::change::command;
use crate::launch::logs::log_uses;

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
        let guilty = case.symptom.as_ref().and_then(|symptom| symptom.container.clone());
        let log = log_uses(case)?.into_iter().find(|log| guilty.as_ref().is_none_or(|name| *name == log.container));
        let stream = log.as_ref().zip(case.task).and_then(|(log, task)| log.stream(&task.arn));
        let (Some(log), Some(stream)) = (log, stream) else { return Ok(vec![]) };
        let read = command([
            "aws",
            "logs",
            "get-log-events",
            "--region",
            &log.region,
            "--log-group-name",
            &log.group,
            "--log-stream-name",
            &stream,
            "--limit",
            "50",
            "--query",
            "events[].message",
            "--output",
            "text",
        ]);
        let fix = Fix::new("Read the container's last lines, and mend the application", Risk::None)
            .making(Change::ByHand { commands: vec![read] });
        Ok(vec![fix])
    }
}
