//! What was read, and what could not be.

use crate::evidence::GapReason;
use crate::model::{CauseId, Moment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceSection {
    /// `e1`, `e2` ...
    pub id: String,
    /// The AWS action, or `message`.
    pub source: String,
    /// What was asked about.
    pub subject: String,
    /// Known, absent or a gap.
    pub state: EvidenceState,
    /// When it was read.
    pub observed_at: Option<Moment>,
    /// In words.
    pub summary: String,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceState {
    /// It is known.
    Known,
    /// It is known not to be there.
    Absent,
    /// It could not be read.
    Gap,
}

/// What could not be read, and what that leaves open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GapSection {
    /// The permission that would close it.
    pub action: String,
    /// Why it could not be read.
    pub reason: GapReason,
    /// The causes that stay undecided.
    pub hides: Vec<CauseId>,
    /// What AWS said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
