//! The contract: what every front end prints. `shared/report.md` fixes the names; the schema is derived from these types.
//!
//! Every text in a report may hold foreign text (stop reasons, names, log lines): a renderer escapes all of it.

use crate::evidence::GapReason;
use crate::model::{CauseId, CheckId, Moment, Stage};
use indexmap::IndexMap;
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

/// What a report is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetSection {
    /// The kind of thing.
    pub kind: TargetKind,
    /// Twelve digits.
    pub account: Option<String>,
    /// As in `us-east-1`.
    pub region: Option<String>,
    /// The cluster's name.
    pub cluster: Option<String>,
    /// The service's name.
    pub service: Option<String>,
    /// The task's ARN.
    pub task: Option<String>,
    /// `family:revision`.
    pub task_definition: Option<String>,
    /// `FARGATE`, `EC2` ...
    pub launch_type: Option<String>,
}

/// The kinds of targets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// One task.
    #[default]
    Task,
    /// A service.
    Service,
    /// A task definition.
    TaskDefinition,
    /// A pasted text or event.
    Message,
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

/// A fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FixSection {
    /// `f1`, `f2` ...
    pub id: String,
    /// What it does.
    pub title: String,
    /// What may go wrong.
    pub risk: Risk,
    /// Shell commands with the AWS CLI, each complete by itself.
    pub commands: Vec<String>,
    /// Whether it helps.
    pub proof: Proof,
    /// Commands that show that it did.
    pub verify: Vec<String>,
    /// AWS's page.
    pub docs: Option<String>,
    /// What a reader should know before: whose account, what it costs, what to fill in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What may go wrong with a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing changes for anybody else.
    None,
    /// Adds something that others hardly notice.
    Low,
    /// Changes what runs, or what others use.
    Medium,
    /// May hurt others.
    High,
}

impl Risk {
    /// The word as reports print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Risk::None => "none",
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
        }
    }
}

/// Whether a fix helps: the launch path walked again with the change laid over the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// The verdict.
    pub state: ProofState,
    /// In words.
    pub detail: String,
}

/// The verdict on a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProofState {
    /// This cause is gone, and no other fault remains.
    Proved,
    /// This cause is gone, and another fault remains.
    Partial,
    /// The changed walk meets a gap.
    Unknown,
    /// It changes what cannot be read.
    NotProvable,
}

impl ProofState {
    /// The word as reports print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ProofState::Proved => "proved",
            ProofState::Partial => "partial",
            ProofState::Unknown => "unknown",
            ProofState::NotProvable => "not-provable",
        }
    }
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

/// The JSON schema of a report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}
