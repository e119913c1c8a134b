//! Somebody, or some automation, called StopTask.

use crate::causes::prelude::*;
use crate::causes::run::told;
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
