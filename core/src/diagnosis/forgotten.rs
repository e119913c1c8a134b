//! The report on a task of which nothing is left: that it is so, and what would keep the next one.

use super::assemble::evidence_section;
use super::gaps::{self, FORGOTTEN};
use super::resolve::Forgotten;
use crate::change::{capture_events, command, shows_capture};
use crate::evidence::{Evidence, Facts, GapReason};
use crate::model::{CauseId, Stage};
use crate::report::{
    CauseSection, CheckState, Cost, FixSection, GapSection, Outcome, Proof, ProofState, Report, Risk, SCHEMA_VERSION,
    StageSection, Status, TargetKind, TargetSection, TimelineEntry,
};

const DOCS: &str =
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/container-insights-ECS-lifecycle-events.html";

/// Nothing is guessed: what is gone is `expired`.
pub fn report(gone: &Forgotten, facts: &Facts<'_>, evidence: &Evidence) -> Report {
    let reading = facts.reading();
    let kept = reading.questions.iter().filter_map(|question| Some((question, evidence.get(question)?)));
    let sections: Vec<_> = kept
        .enumerate()
        .map(|(index, (question, kept))| evidence_section(format!("e{}", index + 1), question, kept))
        .collect();
    let about = |source: &str| source == FORGOTTEN || source == "logs:StartQuery";
    let shown = sections.iter().filter(|one| about(&one.source)).map(|one| one.id.clone()).collect();
    let fix = fix(gone);
    let mut gaps = vec![GapSection {
        action: FORGOTTEN.to_owned(),
        reason: GapReason::Expired,
        hides: vec![],
        detail: Some(detail(gone)),
    }];
    gaps.extend(gaps::gaps(&reading, &reading, &[], &[], evidence));
    let last = gone.last.iter();
    Report {
        schema_version: SCHEMA_VERSION,
        target: TargetSection {
            kind: TargetKind::Task,
            account: Some(gone.region.account.clone()),
            region: Some(gone.region.region.clone()),
            cluster: Some(gone.cluster.clone()),
            task: Some(arn(gone)),
            ..TargetSection::default()
        },
        outcome: Outcome::Undetermined,
        symptom: None,
        headline: match &gone.last {
            Some((status, at)) => {
                format!("how task {} ended cannot be told any more: its last record says {status} ({at:.0})", gone.task)
            }
            None => format!("what became of task {} cannot be told any more: ECS has forgotten it", gone.task),
        },
        since: None,
        impact: None,
        causes: vec![CauseSection {
            id: CauseId::Unknown,
            status: Status::Possible,
            latent: false,
            healed_at: None,
            stage: CauseId::Unknown.stage(),
            endpoint: None,
            container: None,
            resources: vec![arn(gone)],
            explanation: explanation(gone),
            evidence: shown,
            fixes: fix.iter().map(|fix| fix.id.clone()).collect(),
        }],
        launch_path: Stage::LAUNCH
            .into_iter()
            .map(|stage| StageSection { stage, state: CheckState::Unknown, checks: vec![] })
            .collect(),
        evidence: sections,
        fixes: fix.into_iter().collect(),
        advice: vec![],
        gaps,
        timeline: last.map(|(status, at)| TimelineEntry { at: *at, what: format!("the task was {status}") }).collect(),
        log: None,
        notes: vec![ask_else(gone)],
        cost: Cost::default(),
    }
}

fn arn(gone: &Forgotten) -> String {
    let Forgotten { region, cluster, task, .. } = gone;
    format!("arn:{}:ecs:{}:{}:task/{cluster}/{task}", region.partition, region.region, region.account)
}

/// What is left, in a sentence.
fn explanation(gone: &Forgotten) -> String {
    let Forgotten { task, cluster, .. } = gone;
    let searched = gone.searched.join(", ");
    let record = match (&gone.last, gone.searched.is_empty(), gone.uncaptured) {
        (Some(_), ..) => format!("log group {searched} has a record of it, and none of its end"),
        (None, false, _) => format!("log group {searched} has no record of it from the last 30 days"),
        (None, true, true) => format!("no log group is known to keep the events of cluster {cluster}"),
        (None, true, false) => "whether a log group keeps its events could not be read".to_owned(),
    };
    format!("ECS keeps a stopped task for about an hour, and knows no task {task}; {record}")
}

/// The same, and the commands in one line: for who reads nothing but the gap.
pub fn detail(gone: &Forgotten) -> String {
    let explanation = explanation(gone);
    match fix(gone) {
        Some(fix) => {
            let commands = fix.commands.join(" && ");
            format!("{explanation}. Event capture has to be switched on for the tasks to come: {commands}")
        }
        None => explanation,
    }
}

/// What would keep the next one, where the report is about what else is left.
pub fn keep_the_next(gone: &Forgotten) -> Option<String> {
    let commands = fix(gone)?.commands.join(" && ");
    Some(format!(
        "no log group is known to keep what ECS tells of the tasks of cluster {}: from now on one would with event capture: \
         `{commands}`",
        gone.cluster
    ))
}

/// Only where nothing is known that would keep them.
fn fix(gone: &Forgotten) -> Option<FixSection> {
    let off = gone.uncaptured && gone.searched.is_empty();
    off.then(|| FixSection {
        id: "f1".to_owned(),
        title: format!("Switch on event capture: keep what ECS tells of the tasks of cluster {}", gone.cluster),
        risk: Risk::Low,
        commands: capture_events(&gone.region, &gone.cluster),
        proof: Proof {
            state: ProofState::NotProvable,
            detail: "it is for tasks that stop from now on: what was not kept cannot be read".to_owned(),
        },
        verify: vec![shows_capture(&gone.cluster)],
        docs: Some(DOCS.to_owned()),
        note: Some(
            "CloudWatch Logs bills what it takes in; the ECS console does much the same in the cluster's settings"
                .to_owned(),
        ),
        account: Some(gone.region.account.clone()),
        keepers: vec![],
    })
}

fn ask_else(gone: &Forgotten) -> String {
    let ask = |name: &String| format!("`{}`", command(["ecs-why", &format!("{}/{name}", gone.cluster)]));
    let services: Vec<String> = gone.services.iter().map(ask).collect();
    let service = match services.is_empty() {
        true => String::new(),
        false => format!("ask about its service, which may fail for the same reason ({}), or ", services.join(", ")),
    };
    format!("{service}paste its stop reason into `ecs-why explain`, if somebody has it")
}
