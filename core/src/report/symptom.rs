//! What happened: the symptom, the impact, the timeline, the last log lines.

use crate::model::{Moment, Stage};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the task died.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SymptomSection {
    /// Where it died; a cause's stage may be another.
    pub stage: Stage,
    /// What ECS says (foreign text).
    pub text: String,
    /// The text ends before its cause.
    pub cut: bool,
    /// ECS's stop code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_code: Option<String>,
    /// The container that is guilty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// Its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// What was read out of the text.
    pub facts: IndexMap<String, serde_json::Value>,
}

/// What a service suffers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    /// How many tasks there should be.
    pub desired: i64,
    /// How many run.
    pub running: i64,
    /// Since when it fails.
    pub failing_since: Option<Moment>,
    /// Whether it still does.
    pub still_failing: bool,
    /// The older revision that serves meanwhile.
    pub served_by: Option<String>,
    /// A roll-back is on its way, or done.
    pub rolled_back: bool,
    /// All of that in one sentence.
    pub summary: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineEntry {
    /// When.
    pub at: Moment,
    /// What.
    pub what: String,
}

/// The last lines of a container: foreign text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogSection {
    /// The log group.
    pub group: String,
    /// The stream.
    pub stream: String,
    /// Its last lines, the newest last.
    pub lines: Vec<String>,
}
