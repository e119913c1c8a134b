//! Somebody, or some automation, called StopTask.

use crate::causes::prelude::*;
use crate::causes::told;
use crate::change::command;

documented! {
/// Somebody, or some automation, called StopTask.
///
/// # Why a task stops here
/// People, pipelines, Step Functions and AWS Batch stop tasks with StopTask. The reason that they give is free text, and
/// may look like any error.
/// # How it is told
/// By the stop code `UserInitiated`, which only StopTask sets; the text is not believed for more.
/// # Prevention
/// Say in the reason who stops a task, and why. CloudTrail keeps the caller for 90 days.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html>
pub struct StoppedByUser;
}

impl Cause for StoppedByUser {
    type Subject = Whole;
    const ID: CauseId = CauseId::StoppedByUser;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::judge(Self::ID, case, |symptom| {
            let said = match symptom.text.trim() {
                "" => String::new(),
                text => format!(", and gave as reason: \"{text}\""),
            };
            let why = format!("somebody or some automation stopped the task with StopTask{said}");
            Finding::on(case.task.map(|task| task.arn.clone())).because(why)
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(task) = case.task else { return Ok(vec![]) };
        let lookup = command([
            "aws",
            "cloudtrail",
            "lookup-events",
            "--lookup-attributes",
            &format!("AttributeKey=ResourceName,AttributeValue={}", task.arn),
            "--query",
            "Events[?EventName=='StopTask'].[EventTime,Username]",
            "--output",
            "text",
        ]);
        let fix =
            Fix::new("Ask CloudTrail who stopped it", Risk::None).making(Change::ByHand { commands: vec![lookup] });
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, TASK};

    const ID: CauseId = CauseId::StoppedByUser;

    #[test]
    fn the_stop_code_tells_and_the_text_is_only_quoted() {
        let told = Fixture::fargate().stopped("UserInitiated", "CannotPullContainerError: not really");
        assert_eq!(told.says(ID), Said::AsTold);
        let found = told.finding(ID);
        assert_eq!(found.resources, [TASK]);
        assert!(found.explanation.ends_with("gave as reason: \"CannotPullContainerError: not really\""), "{found:?}");
    }

    #[test]
    fn what_ecs_did_by_itself_is_no_users_doing() {
        let other =
            Fixture::fargate().ended("EssentialContainerExited", "Essential container in task exited", Some(3), None);
        assert_eq!(other.says(ID), Said::Sound);
        assert_eq!(Fixture::fargate().check().says(ID), Said::NotApplicable);
    }

    #[test]
    fn the_trail_is_asked_who_it_was() {
        let fixes = Fixture::fargate().stopped("UserInitiated", "bye").mended(ID);
        let [Change::ByHand { commands }] = fixes[0].changes.as_slice() else { unreachable!() };
        let words = shlex::split(&commands[0]).expect("it is a command");
        assert!(words.contains(&format!("AttributeKey=ResourceName,AttributeValue={TASK}")), "{words:?}");
    }
}
