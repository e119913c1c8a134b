//! The tools: what each is for, what it takes and gives, and how a call becomes an answer.

mod check;
mod diagnose;
mod explain;
mod failures;
mod fix;
mod item;
pub mod report;
mod targets;
mod whoami;

pub use report::{SCHEMA_URI, full};

use crate::caller::Caller;
use crate::errors::{Code, Fault};
use crate::progress::Reporter;
use crate::schema;
use crate::shared::Shared;
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;

/// What a tool needs of its surroundings.
pub struct Call<'c> {
    /// What all sessions share.
    pub shared: &'c Shared,
    /// Who calls.
    pub caller: &'c Caller,
    /// Where it says how far it is.
    pub reporter: &'c Reporter,
}

/// What a tool answers.
#[derive(Debug)]
pub struct Answer {
    /// By its schema.
    pub value: Value,
    /// In a few lines.
    pub text: String,
    /// There is one more report to read.
    pub new_report: bool,
}

impl Answer {
    /// An answer of the type that is declared.
    pub fn new(value: &impl Serialize, text: impl Into<String>) -> Answer {
        let value = serde_json::to_value(value).expect("answers have string keys only");
        Answer { value, text: text.into(), new_report: false }
    }
}

/// All tools, in the order in which they are of use.
pub fn all() -> &'static [Tool] {
    static ALL: LazyLock<Vec<Tool>> = LazyLock::new(|| {
        vec![
            tool::<diagnose::Arguments, report::ReportAnswer>("diagnose", diagnose::TITLE, diagnose::ABOUT, true),
            tool::<explain::Arguments, report::ReportAnswer>(
                "explain_stop_reason",
                explain::TITLE,
                explain::ABOUT,
                false,
            ),
            tool::<failures::Arguments, failures::Failures>("list_failures", failures::TITLE, failures::ABOUT, true),
            tool::<check::Arguments, report::ReportAnswer>("check", check::TITLE, check::ABOUT, true),
            tool::<targets::Arguments, targets::Targets>("list_targets", targets::TITLE, targets::ABOUT, true),
            tool::<item::Arguments, item::Item>("get_evidence", item::TITLE, item::ABOUT, false),
            tool::<fix::Arguments, fix::Fix>("show_fix", fix::TITLE, fix::ABOUT, false),
            tool::<whoami::Arguments, whoami::Whoami>("whoami", whoami::TITLE, whoami::ABOUT, true),
        ]
    });
    &ALL
}

fn tool<A: JsonSchema, B: JsonSchema>(name: &'static str, title: &str, about: &'static str, open: bool) -> Tool {
    let annotations =
        ToolAnnotations::with_title(title).read_only(true).destructive(false).idempotent(true).open_world(open);
    Tool::new(name, about, schema::input::<A>())
        .with_title(title)
        .with_raw_output_schema(schema::output::<B>())
        .with_annotations(annotations)
}

/// Runs a tool by its name.
pub async fn run(name: &str, arguments: JsonObject, call: &Call<'_>) -> Result<Answer, Fault> {
    match name {
        "diagnose" => Box::pin(diagnose::run(parsed(arguments)?, call)).await,
        "explain_stop_reason" => Box::pin(explain::run(parsed(arguments)?, call)).await,
        "list_failures" => Box::pin(failures::run(parsed(arguments)?, call)).await,
        "check" => Box::pin(check::run(parsed(arguments)?, call)).await,
        "list_targets" => Box::pin(targets::run(parsed(arguments)?, call)).await,
        "get_evidence" => item::run(&parsed(arguments)?, call),
        "show_fix" => fix::run(&parsed(arguments)?, call),
        "whoami" => Box::pin(whoami::run(parsed(arguments)?, call)).await,
        _ => Err(Fault::new(Code::InvalidArgument, "there is no such tool", "call tools/list")),
    }
}

/// The arguments by their type; what is wrong with them is told with the name of the one that it is about.
fn parsed<T: DeserializeOwned>(arguments: JsonObject) -> Result<T, Fault> {
    serde_path_to_error::deserialize(Value::Object(arguments)).map_err(|error| {
        let path = error.path().to_string();
        let what = error.into_inner().to_string();
        // What is missing or unknown is named by the message, between its first backticks.
        let named = what.split('`').nth(1).unwrap_or_default().to_owned();
        let argument = if path == "." || path.is_empty() { named } else { path };
        Fault::argument(
            &argument,
            format!("the arguments are wrong: {what}"),
            "call again with what the tool's schema says",
        )
    })
}

/// How long a call may still take, and what lets it begin.
pub struct Turn<'t> {
    /// When it has to tell what it knows.
    pub until: Instant,
    _permit: SemaphorePermit<'t>,
}

impl Turn<'_> {
    /// Ends when the time is over.
    pub async fn over(&self) {
        tokio::time::sleep_until(self.until).await;
    }
}

/// What comes after the time is over is pure, and short: nothing takes longer than that.
pub const GRACE: Duration = Duration::from_secs(8);

impl<'c> Call<'c> {
    /// Waits for its turn: only so many ask an account at once.
    pub async fn turn(&self) -> Result<Turn<'c>, Fault> {
        let until = Instant::now() + self.shared.time_limit;
        if self.shared.permits.available_permits() == 0 {
            self.reporter.say("waiting: other diagnoses run");
        }
        let busy = || {
            let message = "too many diagnoses run at once, and none has ended in time";
            Fault::new(Code::Busy, message, "wait a moment, then call again")
        };
        let half = Instant::now() + self.shared.time_limit / 2;
        match tokio::time::timeout_at(half, self.shared.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(Turn { until, _permit: permit }),
            Ok(Err(_)) | Err(_) => Err(busy()),
        }
    }

    /// Runs what tells all or nothing.
    pub async fn in_time<T>(&self, turn: &Turn<'_>, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        tokio::time::timeout_at(turn.until, work).await.unwrap_or_else(|_| Err(self.time_over()))
    }

    fn time_over(&self) -> Fault {
        let message = format!("nothing was known after {} s", self.shared.time_limit.as_secs());
        Fault::new(Code::TimeOver, message, "ask about one service instead of all, or again later")
    }

    /// Runs what should end soon after the time is over, and gives up on it if it does not.
    pub async fn within<T>(&self, turn: &Turn<'_>, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        tokio::time::timeout_at(turn.until + GRACE, work).await.unwrap_or_else(|_| Err(self.time_over()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_says_what_it_is_and_changes_nothing() {
        assert_eq!(all().len(), 8);
        for tool in all() {
            let text = tool.description.as_deref().unwrap_or_default();
            assert!(tool.title.is_some() && text.len() > 80 && text.len() < 1_000, "{}: {}", tool.name, text.len());
            let annotations = tool.annotations.clone().unwrap_or_default();
            assert_eq!(annotations.read_only_hint, Some(true), "{}", tool.name);
            assert!(!annotations.is_destructive() && annotations.is_idempotent(), "{}", tool.name);
            let input = Value::Object((*tool.input_schema).clone());
            assert_eq!(input["additionalProperties"], false, "{}: an unknown argument is told", tool.name);
        }
    }

    #[test]
    fn every_argument_and_answer_is_described() {
        for tool in all() {
            for schema in [Some(&tool.input_schema), tool.output_schema.as_ref()].into_iter().flatten() {
                let schema = Value::Object((**schema).clone());
                assert_eq!(schema["type"], "object", "{}", tool.name);
                for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                    assert!(property["description"].is_string(), "{}.{name} is not described", tool.name);
                }
            }
        }
    }

    #[test]
    fn a_model_can_read_all_of_it() {
        let bytes = |tools: &[Tool]| serde_json::to_vec(tools).expect("JSON").len();
        let mut read = all().to_vec();
        // Clients validate answers by their schemas, and do not show these to the model.
        read.iter_mut().for_each(|tool| tool.output_schema = None);
        assert!(bytes(&read) < 14_000, "{} bytes in every conversation", bytes(&read));
        assert!(bytes(all()) < 60_000, "{} bytes on the wire", bytes(all()));
    }

    #[test]
    fn a_wrong_argument_is_named() {
        let of = |json: Value| {
            let Value::Object(arguments) = json else { panic!("an object") };
            match parsed::<diagnose::Arguments>(arguments) {
                Err(Fault::Wrong(wrong)) => wrong.argument.unwrap_or_default(),
                _ => panic!("it is wrong"),
            }
        };
        assert_eq!(of(serde_json::json!({})), "target");
        assert_eq!(of(serde_json::json!({"target": 3})), "target");
        assert_eq!(of(serde_json::json!({"target": "a/b", "detail": "all"})), "detail");
        assert_eq!(of(serde_json::json!({"target": "a/b", "tarqet": "x"})), "tarqet");
    }
}
