//! `explain_stop_reason`: what a text alone tells.

use super::report::{self, Detail};
use super::{Answer, Call};
use crate::errors::{Code, Fault};
use ecs_why_core::symptom::NotReadable;
use ecs_why_core::{diagnosis, symptom};
use schemars::JsonSchema;
use serde::Deserialize;

/// For lists of tools.
pub const TITLE: &str = "Explain a stop reason";
/// For the model.
pub const ABOUT: &str = "Reads a pasted ECS text and tells what it means: a stop reason, a service event, agent or container log lines, an \
                         EventBridge event, or the JSON of `aws ecs describe-tasks` / `describe-services`. Asks AWS nothing and needs no \
                         credentials. Use it when there is only a text. If the task or service is known and AWS can be asked, use \
                         `diagnose` instead: it proves the cause.";

/// What the tool takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The text as it was found, at most 1 MiB.
    #[schemars(length(min = 1, max = 1_048_576))]
    pub text: String,
    /// ECS's stop code, as in `TaskFailedToStart`, if it is known and not in the text.
    pub stop_code: Option<String>,
    /// The container's exit code, if it is known and not in the text.
    pub exit_code: Option<i64>,
    /// `brief` (the default), or `full` for all of the report.
    #[serde(default)]
    pub detail: Option<Detail>,
}

/// No stop reason has more; `describe-tasks` of a hundred tasks has less.
const LONGEST: usize = 1 << 20;

/// Explains it.
pub async fn run(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Fault> {
    let Arguments { text, stop_code, exit_code, detail } = arguments;
    if text.len() > LONGEST {
        let message = format!("the text has {} bytes, and may have {LONGEST}", text.len());
        return Err(Fault::argument("text", message, "give the stop reason, or one task, alone"));
    }
    // A long text takes long: others are served meanwhile.
    let explained = tokio::task::spawn_blocking(move || {
        let stop = symptom::parse_pasted(&text)?;
        let stop = match (stop_code, exit_code) {
            (None, None) => stop,
            (code, exit) => symptom::message(&text, None, code.as_deref(), exit, None),
        };
        Ok::<_, NotReadable>(diagnosis::explain(&stop))
    });
    let report = match explained.await {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => {
            let next = "give a stop reason, an event, log lines, or the JSON of describe-tasks";
            return Err(Fault::argument("text", error.to_string(), next));
        }
        Err(_) => {
            return Err(Fault::new(Code::Internal, "a fault of ecs-why itself", "report it, with the text if you may"));
        }
    };
    Ok(report::new(call, "explain".to_owned(), report, None, true, detail.unwrap_or_default()))
}
