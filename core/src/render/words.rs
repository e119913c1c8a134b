//! The words of a report for people: outcomes, times, numbers, lists.

use super::outline::Block;
use super::outline::Block::Item;
use crate::model::Moment;
use crate::report::{
    CauseSection, CheckState, Cost, FixSection, Outcome, ProofState, StageSection, Status, SymptomSection,
    TargetSection,
};

pub(super) fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Failed => "FAILED",
        Outcome::Hanging => "HANGING",
        Outcome::StoppedDeliberately => "STOPPED",
        Outcome::Completed => "COMPLETED",
        Outcome::Running => "RUNNING",
        Outcome::Sound => "SOUND",
        Outcome::Undetermined => "UNCLEAR",
    }
}

pub(super) fn target(target: &TargetSection, verbose: bool) -> String {
    let name = match (&target.cluster, &target.service) {
        (Some(cluster), Some(service)) => Some(format!("{cluster}/{service}")),
        (Some(cluster), None) => Some(format!("cluster {cluster}")),
        (None, service) => service.clone(),
    };
    let task = target.task.as_ref().map(|task| match task.rsplit_once('/') {
        Some((_, id)) if !verbose => format!("task {}", id.chars().take(12).collect::<String>()),
        _ => format!("task {task}"),
    });
    let runs = match (&target.task_definition, &target.launch_type) {
        (Some(definition), Some(kind)) => Some(format!("{definition} on {}", launch_type(kind))),
        (definition, kind) => definition.clone().or_else(|| kind.as_deref().map(launch_type)),
    };
    let account = target.account.as_ref().map(|account| format!("account {account}"));
    [name, task, runs, target.region.clone(), account].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub(super) fn launch_type(kind: &str) -> String {
    match kind {
        "FARGATE" => "Fargate".to_owned(),
        "EXTERNAL" => "ECS Anywhere".to_owned(),
        other => other.to_owned(),
    }
}

/// `revision 42 was registered at ... by ...`.
pub(super) fn registered(target: &TargetSection) -> Option<String> {
    let revision = target.revision.as_ref()?;
    let name = target.task_definition.as_deref().unwrap_or("the revision");
    let at = revision.registered_at.map(|at| format!(" at {}", when(at))).unwrap_or_default();
    let by = revision.registered_by.as_ref().map(|by| format!(" by {}", short_principal(by))).unwrap_or_default();
    (!at.is_empty() || !by.is_empty()).then(|| format!("{name} was registered{at}{by}"))
}

/// `role/deploy (session ci-77)`, `user/anna`: the ARN's last part says who, and the rest is the target's account.
pub(super) fn short_principal(arn: &str) -> String {
    let resource = arn.splitn(6, ':').nth(5).filter(|resource| !resource.is_empty()).unwrap_or(arn);
    match resource.split('/').collect::<Vec<_>>().as_slice() {
        ["assumed-role", role, session] => format!("role {role} (session {session})"),
        _ => resource.to_owned(),
    }
}

/// `2026-01-31 09:20:11 UTC`.
pub(super) fn second(moment: Moment) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `09:20:11 UTC`.
pub(super) fn clock(moment: Moment) -> String {
    moment.strftime("%H:%M:%S UTC").to_string()
}

/// `2026-01-31 09:20 UTC`.
pub(super) fn when(moment: Moment) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `12 s ago`, `3 min ago`, `5 h ago`, `2 days ago`; nothing for what is to come.
pub(super) fn ago(at: Moment, now: Moment) -> Option<String> {
    let seconds = u64::try_from(now.as_second() - at.as_second()).ok()?;
    Some(match seconds {
        0..90 => format!("{seconds} s ago"),
        90..5_400 => format!("{} min ago", (seconds + 30) / 60),
        5_400..172_800 => format!("{} h ago", (seconds + 1_800) / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    })
}

pub(super) fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

pub(super) fn footer(cost: &Cost) -> Option<String> {
    let time = match cost.elapsed_ms {
        short @ 0..10_000 => format!("{short} ms"),
        long => format!("{}.{} s", long / 1000, long % 1000 / 100),
    };
    (cost.calls > 0).then(|| format!("{}, {}, {time}", count(cost.calls, "call"), count(cost.rounds, "round")))
}

/// `a, b, c and 4 more`.
pub(super) fn some_of(names: &[&str], limit: usize) -> String {
    let shown = names.iter().take(limit).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(limit) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

pub(super) fn proof(fix: &FixSection) -> String {
    let state = match fix.proof.state {
        ProofState::Proved => "proved",
        ProofState::Partial => "helps, and is not enough",
        ProofState::Unknown => "not proved",
        ProofState::NotProvable => "cannot be proved from here",
    };
    if fix.proof.detail.is_empty() { state.to_owned() } else { format!("{state}: {}", fix.proof.detail) }
}

/// `(low risk, proved)`: a fix of which only the title is told.
pub(super) fn in_short(fix: &FixSection) -> String {
    let state = match fix.proof.state {
        ProofState::Proved => ", proved",
        ProofState::Partial => ", helps in part",
        ProofState::Unknown | ProofState::NotProvable => "",
    };
    format!("{} ({}{state})", fix.title, risk(fix))
}

pub(super) fn risk(fix: &FixSection) -> String {
    match fix.risk {
        crate::report::Risk::None => "no risk".to_owned(),
        risk => format!("{} risk", risk.as_str()),
    }
}

pub(super) fn item(cause: &CauseSection) -> Block {
    let status = match cause.status {
        Status::Likely => " (likely)",
        Status::Confirmed | Status::Possible | Status::RuledOut => "",
    };
    Item(format!("{}{status}: {}", called(cause), cause.explanation))
}

/// The id, and what tells it from another one of that id.
pub(super) fn called(cause: &CauseSection) -> String {
    let container = cause.container.as_ref().map(|container| format!("container {container}"));
    let more: Vec<String> = cause.endpoint.clone().into_iter().chain(container).collect();
    if more.is_empty() { cause.id.to_string() } else { format!("{} ({})", cause.id, more.join(", ")) }
}

pub(super) fn stop(symptom: &SymptomSection) -> String {
    let container = match (&symptom.container, symptom.exit_code) {
        (Some(container), Some(code)) => Some(format!("container {container} ended with exit code {code}")),
        (Some(container), None) => Some(format!("container {container}")),
        (None, code) => code.map(|code| format!("exit code {code}")),
    };
    let code = symptom.stop_code.as_ref().map(|code| format!("stop code {code}"));
    let stage = Some(format!("stage {}", symptom.stage));
    [stage, code, container].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub(super) fn checks(stage: &StageSection, state: CheckState) -> Vec<&'static str> {
    stage.checks.iter().filter(|check| check.state == state).map(|check| check.id.as_str()).collect()
}
