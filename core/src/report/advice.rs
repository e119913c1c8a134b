//! What a check advises, apart from faults; and what has changed since an older report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What would make the next failure less likely, although nothing is wrong today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdviceSection {
    /// Which one; `ecs-why causes ID` prints its page.
    pub id: String,
    /// What to do, in a line.
    pub title: String,
    /// What was seen here, in a sentence.
    pub explanation: String,
    /// What it is about, most specific first; at most six.
    pub resources: Vec<String>,
    /// Ids of evidence.
    pub evidence: Vec<String>,
    /// Commands that do it, each complete by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
}

/// What has changed since an older report on the same target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SinceSection {
    /// In a word.
    pub state: SinceState,
    /// In a sentence.
    pub text: String,
}

/// What has become of the cause of before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SinceState {
    /// It is the same.
    Same,
    /// It is gone, and nothing else is in the way.
    Gone,
    /// It is gone, and the next one behind it shows.
    Next,
    /// Too little could be read to tell.
    Unknown,
}

impl SinceState {
    /// The word as reports print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            SinceState::Same => "same",
            SinceState::Gone => "gone",
            SinceState::Next => "next",
            SinceState::Unknown => "unknown",
        }
    }
}
