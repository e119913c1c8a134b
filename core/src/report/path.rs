//! The launch path: stages and checks.

use crate::model::{CheckId, Stage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A stage of the launch path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StageSection {
    /// Which one.
    pub stage: Stage,
    /// The worst of its checks.
    pub state: CheckState,
    /// Its checks.
    pub checks: Vec<CheckSection>,
}

/// A check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckSection {
    /// Which one.
    pub id: CheckId,
    /// Its answer.
    pub state: CheckState,
    /// Ids of evidence.
    pub evidence: Vec<String>,
}

/// The answer of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// Nothing to ask here.
    NotApplicable,
    /// All is well.
    Passed,
    /// Something could not be read.
    Unknown,
    /// A cause is at fault.
    Failed,
}
