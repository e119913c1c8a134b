//! A report on a pasted message: what the text alone tells, and no question asked.

use super::assemble::message_section;
use super::headline::{as_told, lower};
use super::outcome;
use crate::evidence::GapReason;
use crate::model::{CauseId, Stage};
use crate::report::{
    CauseSection, CheckState, Cost, GapSection, Outcome, Report, SCHEMA_VERSION, StageSection, Status, SymptomSection,
    TargetKind, TargetSection,
};
use crate::symptom::{self, Stop, Strength, Symptom};

/// What a stop says by itself.
pub fn explain(stop: &Stop) -> Report {
    let symptom = symptom::read(stop);
    let causes: Vec<CauseSection> =
        symptom.claims.iter().map(|claim| section(claim.cause, claim.strength, &symptom)).collect();
    let first = symptom.first();
    let outcome = if first == CauseId::Unknown { Outcome::Undetermined } else { outcome::of_cause(first) };
    let text = |name: &str| symptom.facts.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let headline = match causes.first() {
        Some(one) => one.explanation.clone(),
        None => "the text says nothing".to_owned(),
    };
    let mut notes = vec![];
    if let (Some(cluster), Some(service)) = (text("cluster"), text("service")) {
        let cluster = cluster.rsplit('/').next().unwrap_or(&cluster);
        let target = crate::change::command(["ecs-why", &format!("{cluster}/{service}")]);
        notes.push(format!("with the account it can be told for sure: {target}"));
    }
    if symptom.cut {
        notes.push("the text ends before its cause: ask ECS for the whole of it (`aws ecs describe-tasks`)".to_owned());
    }
    Report {
        schema_version: SCHEMA_VERSION,
        target: TargetSection {
            kind: TargetKind::Message,
            cluster: text("cluster"),
            service: text("service"),
            task: text("task").filter(|task| task.starts_with("arn:")),
            ..TargetSection::default()
        },
        outcome,
        headline,
        since: None,
        impact: None,
        launch_path: launch_path(&symptom),
        evidence: vec![message_section(&symptom.text, None)],
        fixes: vec![],
        advice: vec![],
        gaps: gaps(&causes),
        timeline: vec![],
        log: None,
        notes,
        cost: Cost::default(),
        symptom: Some(SymptomSection {
            stage: symptom.stage,
            text: symptom.text,
            cut: symptom.cut,
            stop_code: stop.stop_code.clone(),
            container: symptom.container,
            exit_code: symptom.exit_code,
            facts: symptom.facts,
        }),
        causes,
    }
}

fn section(id: CauseId, strength: Strength, symptom: &Symptom) -> CauseSection {
    let status = match strength {
        Strength::Settles => Status::Confirmed,
        Strength::Suggests => Status::Likely,
        Strength::Allows => Status::Possible,
    };
    CauseSection {
        id,
        status,
        latent: false,
        healed_at: None,
        stage: id.stage(),
        endpoint: symptom.endpoints.first().cloned().filter(|_| id.has_endpoint()),
        container: symptom.container.clone(),
        resources: if strength == Strength::Settles { symptom.names() } else { vec![] },
        explanation: match strength {
            _ if id == CauseId::Unknown => "nobody has described such a text yet".to_owned(),
            // Its title says what the walk found; without an account there was none.
            _ if id == CauseId::NetworkPathUnexplained => {
                "a connection failed on its way; the account tells where".to_owned()
            }
            Strength::Settles => as_told(id, symptom),
            Strength::Suggests => format!("the text points to this: {}", lower(id.title())),
            Strength::Allows => format!("the text allows this: {}", lower(id.title())),
        },
        evidence: vec!["e1".to_owned()],
        fixes: vec![],
    }
}

/// Only the stage that the text names is known to have failed.
fn launch_path(symptom: &Symptom) -> Vec<StageSection> {
    let state = |stage: Stage| if stage == symptom.stage { CheckState::Failed } else { CheckState::Unknown };
    Stage::LAUNCH.into_iter().map(|stage| StageSection { stage, state: state(stage), checks: vec![] }).collect()
}

/// The account was not asked: what it would decide stays open.
fn gaps(causes: &[CauseSection]) -> Vec<GapSection> {
    let open: Vec<CauseId> = causes
        .iter()
        .filter(|one| one.status != Status::Confirmed && !one.id.symptom_only() && one.id != CauseId::Unknown)
        .map(|one| one.id)
        .collect();
    if open.is_empty() {
        return vec![];
    }
    let detail = "only a text was given: name the task or service, and the account is asked".to_owned();
    vec![GapSection {
        action: "ecs:DescribeTasks".to_owned(),
        reason: GapReason::NotAsked,
        hides: open,
        detail: Some(detail),
    }]
}
