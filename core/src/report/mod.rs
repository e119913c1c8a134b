//! The contract: what every front end prints. The schema (`docs/report.schema.json`) is derived from these types.
//!
//! Every text in a report may hold foreign text (stop reasons, names, log lines): a renderer escapes all of it.

mod advice;
mod cause;
mod evidence;
mod fix;
mod path;
mod symptom;
mod target;

pub use advice::{AdviceSection, SinceSection, SinceState};
pub use cause::{CauseSection, Status};
pub use evidence::{EvidenceSection, EvidenceState, GapSection};
pub use fix::{FixSection, KeeperSection, Proof, ProofState, Risk};
pub use path::{CheckSection, CheckState, StageSection};
pub use symptom::{Impact, LogSection, SymptomSection, TimelineEntry};
pub use target::{RevisionSection, TargetKind, TargetSection};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the contract; fields may be added within one.
pub const SCHEMA_VERSION: u32 = 1;

/// All of it: what was asked about, what became of it, why, what proves it, and what mends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always 1.
    pub schema_version: u32,
    /// What the report is about.
    pub target: TargetSection,
    /// What became of it.
    pub outcome: Outcome,
    /// How it died, as ECS tells; absent for a check.
    pub symptom: Option<SymptomSection>,
    /// One line that a person reads first.
    pub headline: String,
    /// What has changed since the older report that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceSection>,
    /// What a service suffers.
    pub impact: Option<Impact>,
    /// The causes; the first is the answer.
    pub causes: Vec<CauseSection>,
    /// The stages of a launch with their checks.
    pub launch_path: Vec<StageSection>,
    /// What was read.
    pub evidence: Vec<EvidenceSection>,
    /// What would mend it.
    pub fixes: Vec<FixSection>,
    /// What a check advises, apart from faults.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<AdviceSection>,
    /// What could not be read.
    pub gaps: Vec<GapSection>,
    /// When what happened.
    pub timeline: Vec<TimelineEntry>,
    /// The last lines of the guilty container, where they may be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogSection>,
    /// What a reader should know besides: disagreements of witnesses, other regions ...
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What the report cost.
    pub cost: Cost,
}

/// What became of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It did not start, or died; for a check: it would not start.
    Failed,
    /// Not started, and longer on its way than its stage takes.
    Hanging,
    /// The platform did what it was asked to, or what it announces.
    StoppedDeliberately,
    /// An essential container ended with exit code 0.
    Completed,
    /// It runs.
    Running,
    /// A check that found no fault.
    Sound,
    /// Nobody can tell.
    Undetermined,
}

impl Outcome {
    /// The word as reports print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Failed => "failed",
            Outcome::Hanging => "hanging",
            Outcome::StoppedDeliberately => "stopped-deliberately",
            Outcome::Completed => "completed",
            Outcome::Running => "running",
            Outcome::Sound => "sound",
            Outcome::Undetermined => "undetermined",
        }
    }
}

/// What a report cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Requests, retries not counted.
    pub calls: u64,
    /// The longest chain of requests that had to wait for each other.
    pub rounds: u64,
    /// Milliseconds from the first request to the report.
    pub elapsed_ms: u64,
}

/// A text that is no report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// It is none, or damaged.
    #[error("it is no report of this program: {0}")]
    NotOne(String),
    /// A newer program wrote it.
    #[error("it has schema version {0}, and this program reads version {SCHEMA_VERSION}: use a newer ecs-why")]
    Newer(u64),
}

impl Report {
    /// Reads a report that was printed as JSON.
    ///
    /// # Errors
    /// When it is none, or newer than this program.
    pub fn parse(text: &str) -> Result<Report, ReportError> {
        let not_one = |error: serde_json::Error| ReportError::NotOne(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text).map_err(not_one)?;
        match value.get("schema_version").and_then(serde_json::Value::as_u64) {
            Some(version) if version > u64::from(SCHEMA_VERSION) => Err(ReportError::Newer(version)),
            Some(_) => serde_json::from_value(value).map_err(not_one),
            None => Err(ReportError::NotOne("it has no `schema_version`".to_owned())),
        }
    }
}

/// The JSON schema of a report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}
