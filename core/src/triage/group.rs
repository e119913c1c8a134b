//! Groups of what fails alike: one cause, one owner, one guilty resource.

use super::kin::Owner;
use super::services::Size;
use crate::diagnosis::Wish;
use crate::model::{CauseId, Moment};
use crate::report::{CauseSection, Outcome, Report, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What fails alike, with one report that stands for all of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// The same for the same fault of the same owner, today and tomorrow.
    pub id: String,
    /// How many tasks; none where a service does not even get one placed.
    pub count: u64,
    /// When the first of them stopped, or was made if it has not stopped.
    pub first: Option<Moment>,
    /// The same of the last.
    pub last: Option<Moment>,
    /// The answer; none where not even a likely one is known.
    pub cause: Option<CauseId>,
    /// How sure it is.
    pub status: Option<Status>,
    /// The cluster.
    pub cluster: String,
    /// Whose tasks they are.
    pub owner: Owner,
    /// What is at fault.
    pub resource: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// One of the tasks, by ARN: the one that the report is about.
    pub example: Option<String>,
    /// Why, what proves it, and what mends it.
    pub report: Report,
}

impl Group {
    /// What to ask about for the report of one of its tasks: `cluster/task-id`, or `cluster/service`.
    pub fn target(&self) -> String {
        let id = self.example.as_deref().and_then(|arn| arn.rsplit('/').next());
        format!("{}/{}", self.cluster, id.unwrap_or_else(|| self.owner.name()))
    }
}

/// What the owner suffers, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing of it runs.
    Down,
    /// The revision that should run does not; an older one serves.
    OldRevision,
    /// It runs, and some of its tasks fail.
    Flaps,
    /// Nothing failed: the tasks were stopped on purpose, or have done their work.
    Deliberate,
}

impl Severity {
    /// The word as it is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Down => "down",
            Severity::OldRevision => "old-revision",
            Severity::Flaps => "flaps",
            Severity::Deliberate => "deliberate",
        }
    }
}

/// What is said of a target in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It failed, or hangs.
    Failing,
    /// It was stopped on purpose, or is done.
    Deliberate,
    /// It runs, or is on its way.
    Fine,
}

/// What became of the target of a report.
pub fn standing(report: &Report) -> Standing {
    match report.outcome {
        Outcome::Failed | Outcome::Hanging => Standing::Failing,
        Outcome::StoppedDeliberately | Outcome::Completed => Standing::Deliberate,
        Outcome::Running | Outcome::Sound => Standing::Fine,
        Outcome::Undetermined if report.symptom.is_some() => Standing::Failing,
        Outcome::Undetermined => Standing::Fine,
    }
}

/// The cause that answers.
pub fn answer(report: &Report) -> Option<&CauseSection> {
    report.causes.first().filter(|cause| !cause.latent && cause.status != Status::RuledOut)
}

/// How bad it is for an owner: what its service runs, or whether anything of its family runs or has done its work.
///
/// Of a service that could not be read nobody claims that it is down.
pub fn severity(report: &Report, owner: &Owner, service: Option<Size>, alive: bool) -> Severity {
    if standing(report) == Standing::Deliberate {
        return Severity::Deliberate;
    }
    let serves = report.impact.as_ref().is_some_and(|impact| impact.still_failing && impact.served_by.is_some());
    match (owner, service) {
        (Owner::Service(_), Some(service)) if service.desired > 0 && service.running == 0 => Severity::Down,
        (Owner::Service(_), _) if serves => Severity::OldRevision,
        (Owner::Family(_), _) if !alive => Severity::Down,
        _ => Severity::Flaps,
    }
}

/// What tells groups apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    cluster: String,
    owner: Owner,
    cause: Option<CauseId>,
    resource: Option<String>,
    /// Where no cause is known, what ECS says is all that there is.
    text: Option<String>,
}

impl Key {
    /// The key of a report on something of an owner.
    pub fn of(cluster: &str, owner: &Owner, report: &Report) -> Key {
        let answer = answer(report).filter(|cause| cause.id != CauseId::Unknown);
        let text = || report.symptom.as_ref().map(|symptom| symptom.text.clone());
        Key {
            cluster: cluster.to_owned(),
            owner: owner.clone(),
            cause: answer.map(|cause| cause.id),
            resource: answer.and_then(|cause| cause.resources.first().cloned()),
            text: if answer.is_none() { text() } else { None },
        }
    }

    /// An id that stays the same from one triage to the next.
    pub fn id(&self, report: &Report) -> String {
        let place = (&report.target.account, &report.target.region);
        let hash = blake3::hash(format!("{place:?} {self:?}").as_bytes());
        format!("g-{}", hash.to_hex().chars().take(10).collect::<String>())
    }
}

/// What a diagnosis within a triage is asked for: all but the log lines, which a person reads of one task and not of many.
pub fn wish(target: crate::target::Target, of: &super::TriageWish) -> Wish {
    Wish { logs: false, rules: of.rules.clone(), ..Wish::why(target) }
}
