//! The causes.

use crate::model::{CauseId, Moment, Stage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CauseSection {
    /// Which one.
    pub id: CauseId,
    /// How sure it is.
    pub status: Status,
    /// Really there, and not what stopped this task.
    pub latent: bool,
    /// Since when it is there no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healed_at: Option<Moment>,
    /// The kind of fault.
    pub stage: Stage,
    /// The service that could not be reached.
    pub endpoint: Option<String>,
    /// The container that it is about.
    pub container: Option<String>,
    /// What is at fault, most specific first; at most six.
    pub resources: Vec<String>,
    /// One sentence that a tired reader can act on.
    pub explanation: String,
    /// Ids of evidence.
    pub evidence: Vec<String>,
    /// Ids of fixes.
    pub fixes: Vec<String>,
}

/// How sure a cause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Shown by evidence, or by a stop that leaves no doubt.
    Confirmed,
    /// The symptom points here, and nothing read contradicts it.
    Likely,
    /// One of several that the symptom allows.
    Possible,
    /// Looked at, and sound.
    RuledOut,
}

impl Status {
    /// The word as reports print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Confirmed => "confirmed",
            Status::Likely => "likely",
            Status::Possible => "possible",
            Status::RuledOut => "ruled-out",
        }
    }
}
