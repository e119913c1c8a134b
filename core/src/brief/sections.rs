//! The sections of a brief, each made from the report's.

use super::fit::Limits;
use super::foreign::{container_name, unquoted};
use super::{Cut, Untrusted, WHOLE, sentence};
use crate::evidence::GapReason;
use crate::model::{CauseId, Moment, Stage};
use crate::report::{
    CauseSection, EvidenceState, FixSection, Impact, Proof, Report, Risk, Status, SymptomSection, TargetKind,
    TargetSection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefTarget {
    /// The kind of thing.
    pub kind: TargetKind,
    /// Twelve digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// As in `us-east-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The cluster's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The service's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The task's ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// `family:revision`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_definition: Option<String>,
    /// `FARGATE`, `EC2` ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_type: Option<String>,
}

impl BriefTarget {
    pub(super) fn of(target: &TargetSection, limits: &Limits) -> BriefTarget {
        let name = |name: &Option<String>| name.as_ref().map(|name| sentence(name, limits.name));
        BriefTarget {
            kind: target.kind,
            account: name(&target.account),
            region: name(&target.region),
            cluster: name(&target.cluster),
            service: name(&target.service),
            task: name(&target.task),
            task_definition: name(&target.task_definition),
            launch_type: name(&target.launch_type),
        }
    }
}

/// How the task died.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefSymptom {
    /// Where it died; a cause's stage may be another.
    pub stage: Stage,
    /// What ECS says.
    pub text: Untrusted,
    /// The text ended before its cause when it came.
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
}

impl BriefSymptom {
    pub(super) fn of(symptom: &SymptomSection, limits: &Limits) -> BriefSymptom {
        let name = |name: &Option<String>| name.as_ref().map(|name| sentence(name, limits.name));
        BriefSymptom {
            stage: symptom.stage,
            text: Untrusted::new(&symptom.text, limits.text),
            cut: symptom.cut,
            stop_code: name(&symptom.stop_code),
            container: symptom.container.as_ref().map(|name| container_name(name)),
            exit_code: symptom.exit_code,
        }
    }
}

/// What a service suffers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefImpact {
    /// How many tasks there should be.
    pub desired: i64,
    /// How many run.
    pub running: i64,
    /// Whether it still fails.
    pub still_failing: bool,
    /// All of it in one sentence.
    pub summary: String,
}

impl BriefImpact {
    pub(super) fn of(impact: &Impact, limits: &Limits) -> BriefImpact {
        BriefImpact {
            desired: impact.desired,
            running: impact.running,
            still_failing: impact.still_failing,
            summary: sentence(&impact.summary, limits.sentence),
        }
    }
}

/// A cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefCause {
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The container that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// What is at fault, most specific first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// One sentence that a tired reader can act on.
    pub explanation: String,
    /// Ids of evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Ids of fixes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<String>,
}

pub(super) fn causes(report: &Report, limits: &Limits, cut: &mut Vec<Cut>) -> Vec<BriefCause> {
    let (ruled_out, standing): (Vec<&CauseSection>, Vec<_>) =
        report.causes.iter().partition(|cause| cause.status == Status::RuledOut);
    let shown: Vec<BriefCause> = standing
        .into_iter()
        .take(limits.causes)
        .chain(ruled_out.into_iter().take(limits.ruled_out))
        .map(|cause| BriefCause::of(cause, report.symptom.as_ref(), limits))
        .collect();
    cut.extend(Cut::new("causes", shown.len(), report.causes.len(), WHOLE));
    shown
}

impl BriefCause {
    fn of(cause: &CauseSection, symptom: Option<&SymptomSection>, limits: &Limits) -> BriefCause {
        let name = |name: &String| sentence(name, limits.name);
        let some = |list: &[String]| list.iter().take(limits.details).map(name).collect::<Vec<_>>();
        let ruled_out = cause.status == Status::RuledOut;
        BriefCause {
            id: cause.id,
            status: cause.status,
            latent: cause.latent,
            healed_at: cause.healed_at,
            stage: cause.stage,
            endpoint: cause.endpoint.as_ref().map(name),
            container: cause.container.as_ref().map(|name| container_name(name)),
            resources: if ruled_out { vec![] } else { some(&cause.resources) },
            explanation: sentence(&unquoted(&cause.explanation, symptom), limits.sentence),
            evidence: some(&cause.evidence),
            fixes: some(&cause.fixes),
        }
    }
}

/// A fix. It is a proposal: nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefFix {
    /// `f1`, `f2` ...
    pub id: String,
    /// What it does.
    pub title: String,
    /// What may go wrong.
    pub risk: Risk,
    /// Shell commands, each complete by itself; empty where they are too long for here.
    pub commands: Vec<String>,
    /// Whether it helps.
    pub proof: Proof,
    /// The account in which it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What a reader should know before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

pub(super) fn fixes(report: &Report, limits: &Limits, cut: &mut Vec<Cut>) -> Vec<BriefFix> {
    let shown: Vec<BriefFix> =
        report.fixes.iter().take(limits.fixes).map(|fix| BriefFix::of(fix, limits, cut)).collect();
    cut.extend(Cut::new("fixes", shown.len(), report.fixes.len(), "show_fix, or detail `full`"));
    shown
}

impl BriefFix {
    fn of(fix: &FixSection, limits: &Limits, cut: &mut Vec<Cut>) -> BriefFix {
        let length: usize = fix.commands.iter().map(String::len).sum();
        let commands = if length <= limits.commands { fix.commands.clone() } else { vec![] };
        let id = sentence(&fix.id, limits.name);
        cut.extend(Cut::new(&format!("fixes.{id}.commands"), commands.len(), fix.commands.len(), "show_fix"));
        BriefFix {
            id,
            title: sentence(&fix.title, limits.sentence),
            risk: fix.risk,
            commands,
            proof: Proof { state: fix.proof.state, detail: sentence(&fix.proof.detail, limits.sentence) },
            account: fix.account.as_ref().map(|account| sentence(account, limits.name)),
            note: fix.note.as_ref().map(|note| sentence(note, limits.sentence)),
        }
    }
}

/// A piece of advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefAdvice {
    /// Which one.
    pub id: String,
    /// What to do, in a line.
    pub title: String,
    /// What was seen here.
    pub explanation: String,
}

pub(super) fn advice(report: &Report, limits: &Limits, cut: &mut Vec<Cut>) -> Vec<BriefAdvice> {
    let one = |advice: &crate::report::AdviceSection| BriefAdvice {
        id: advice.id.clone(),
        title: sentence(&advice.title, limits.sentence),
        explanation: sentence(&advice.explanation, limits.sentence),
    };
    let shown: Vec<BriefAdvice> = report.advice.iter().take(limits.advice).map(one).collect();
    cut.extend(Cut::new("advice", shown.len(), report.advice.len(), WHOLE));
    shown
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefEvidence {
    /// `e1`, `e2` ...
    pub id: String,
    /// The AWS action, or `message`.
    pub source: String,
    /// What was asked about.
    pub subject: String,
    /// Known, absent or a gap.
    pub state: EvidenceState,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Moment>,
    /// In words, which quote the account.
    pub summary: Untrusted,
}

/// What the causes that are shown rest on, in their order.
pub(super) fn evidence(
    report: &Report,
    causes: &[BriefCause],
    limits: &Limits,
    cut: &mut Vec<Cut>,
) -> Vec<BriefEvidence> {
    let mut wanted: Vec<&str> = vec![];
    for id in causes.iter().flat_map(|cause| &cause.evidence) {
        if !wanted.contains(&id.as_str()) {
            wanted.push(id);
        }
    }
    // The stop reason stands in the symptom already.
    let message = report.symptom.is_some();
    let shown: Vec<BriefEvidence> = wanted
        .into_iter()
        .filter_map(|id| report.evidence.iter().find(|one| one.id == id))
        .filter(|one| !(message && one.source == "message"))
        .take(limits.evidence)
        .map(|one| BriefEvidence {
            id: one.id.clone(),
            source: one.source.clone(),
            subject: sentence(&one.subject, limits.name),
            state: one.state,
            observed_at: one.observed_at,
            summary: Untrusted::new(&one.summary, limits.name),
        })
        .collect();
    cut.extend(Cut::new("evidence", shown.len(), report.evidence.len(), "get_evidence, or detail `full`"));
    shown
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefGap {
    /// The permission that would close it.
    pub action: String,
    /// Why it could not be read.
    pub reason: GapReason,
    /// The causes that stay undecided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hides: Vec<CauseId>,
    /// What AWS said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Untrusted>,
}

pub(super) fn gaps(report: &Report, limits: &Limits, cut: &mut Vec<Cut>) -> Vec<BriefGap> {
    let one = |gap: &crate::report::GapSection| BriefGap {
        action: gap.action.clone(),
        reason: gap.reason,
        hides: gap.hides.iter().copied().take(limits.details).collect(),
        detail: gap.detail.as_ref().map(|detail| Untrusted::new(detail, limits.name)),
    };
    let shown: Vec<BriefGap> = report.gaps.iter().take(limits.gaps).map(one).collect();
    cut.extend(Cut::new("gaps", shown.len(), report.gaps.len(), WHOLE));
    shown
}

/// The last lines of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BriefLog {
    /// The log group.
    pub group: String,
    /// The stream.
    pub stream: String,
    /// Its last lines, the newest last.
    pub lines: Vec<Untrusted>,
}

pub(super) fn log(report: &Report, limits: &Limits, cut: &mut Vec<Cut>) -> Option<BriefLog> {
    let log = report.log.as_ref()?;
    let from = log.lines.len().saturating_sub(limits.lines);
    cut.extend(Cut::new("log.lines", log.lines.len() - from, log.lines.len(), WHOLE));
    Some(BriefLog {
        group: sentence(&log.group, limits.name),
        stream: sentence(&log.stream, limits.name),
        lines: log.lines.iter().skip(from).map(|line| Untrusted::new(line, limits.name)).collect(),
    })
}
