//! The report, made from what the walk found.

use super::explains::Explains;
use super::fixes::{self, Offered};
use super::gaps;
use super::headline;
use super::hints;
use super::impact;
use super::moved;
use super::outcome;
use super::path;
use super::rank::{Ranked, rank};
use super::walk::{Step, walk};
use super::witness;
use super::{Wish, advise};
use crate::case::Case;
use crate::evidence::{Answer, Evidence, Facts, Kept, Question};
use crate::launch::logs::{LogUse, log_uses};
use crate::model::Stage;
use crate::report::{
    CauseSection, Cost, EvidenceSection, EvidenceState, LogSection, Outcome, Report, RevisionSection, SCHEMA_VERSION,
    Status, SymptomSection, TargetKind, TargetSection, TimelineEntry,
};
use crate::target::{GIVEN, Target};
use indexmap::IndexSet;

/// A report, and what would have to be known for it to be complete.
pub struct Assembled {
    /// The report, as far as it goes.
    pub report: Report,
    /// Questions whose answers are still out.
    pub missing: Vec<Question>,
    /// The causes are judged: only fixes and proofs may still want to know something.
    pub judged: bool,
    /// Fixes that do not remove their cause in the walk.
    pub useless: Vec<String>,
}

/// Walks, ranks, mends and proves; the report counts when nothing is missing.
pub fn assemble(case: &Case<'_>, facts: &Facts<'_>, evidence: &Evidence, wish: &Wish) -> Assembled {
    let resolved = facts.reading();
    let steps = if case.runs { vec![] } else { walk(case, facts) };
    let (log, silent) = if wish.logs { log_lines(case, facts) } else { (None, None) };
    let explains = Explains::of(case, facts);
    let mut ranked = rank(case, &steps, &explains);
    let judged = facts.missing().is_empty();
    let heard = if judged { witness::hear(&mut ranked, &steps, facts) } else { vec![] };
    let outcome = outcome_of(case, &ranked, &steps);
    let mut missing = facts.missing();
    let mut offered = if judged {
        let offered = fixes::offer(case, facts, evidence, &steps, &ranked, outcome, &wish.rules);
        missing = facts.missing();
        missing.extend(offered.missing.iter().cloned());
        offered
    } else {
        Offered::default()
    };
    let mut shown = Shown::new(case);
    for question in &resolved.questions {
        shown.note(question, evidence);
    }
    let mut causes = vec![];
    for (index, one) in ranked.iter().enumerate() {
        let heard = heard.get(index).map_or(&[][..], Vec::as_slice);
        causes.push(cause_section(one, offered.of(index), &steps, heard, evidence, &mut shown));
    }
    let launch_path = path::launch_path(case, &steps, &ranked, evidence, &mut shown);
    let advice = match wish.check {
        true => {
            let advised = advise::advise(case, evidence, &mut shown);
            missing.extend(advised.missing);
            advised.sections
        }
        false => vec![],
    };
    let mut all = facts.reading();
    all.questions.append(&mut offered.read);
    let gaps = gaps::gaps(&resolved, &all, &steps, &ranked, evidence);
    let mut notes = case.notes.clone();
    notes.extend(moved::notes(case, facts));
    notes.extend(ranked.iter().filter_map(|one| one.note.clone()));
    notes.extend(offered.refused.drain(..));
    notes.extend(silent);
    notes.extend(hints::agent_log(case, facts, &ranked));
    let useless = std::mem::take(&mut offered.useless);
    let report = Report {
        schema_version: SCHEMA_VERSION,
        target: target(case, wish),
        outcome,
        symptom: symptom(case),
        headline: headline::headline(case, outcome, &ranked),
        since: None,
        impact: impact::impact(case, outcome),
        causes,
        launch_path,
        evidence: shown.sections,
        fixes: offered.sections,
        advice,
        gaps,
        timeline: timeline(case, &ranked),
        log,
        notes,
        cost: Cost::default(),
    };
    Assembled { report, missing, judged, useless }
}

fn outcome_of(case: &Case<'_>, ranked: &[Ranked], steps: &[Step]) -> Outcome {
    if case.runs {
        return Outcome::Running;
    }
    if let Some(symptom) = &case.symptom {
        return outcome::of_cause(ranked.first().map_or(symptom.first(), |one| one.id));
    }
    if case.task.is_some() {
        return outcome::of_pending(case);
    }
    let faulty = ranked.iter().any(|one| one.status == Status::Confirmed && !one.latent);
    let doubted = ranked.iter().any(|one| one.status == Status::Likely && !one.latent);
    let unknown = doubted || steps.iter().any(|step| step.judged.verdict.is_err());
    match (faulty, unknown) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Undetermined,
        (false, false) => Outcome::Sound,
    }
}

// -------------------------------------------------------------------------------------------------- evidence

/// The evidence of the report: each question once, in the order in which it was read.
pub struct Shown {
    sections: Vec<EvidenceSection>,
    asked: IndexSet<Question>,
    message: Option<String>,
}

impl Shown {
    fn new(case: &Case<'_>) -> Self {
        let mut shown = Shown { sections: vec![], asked: IndexSet::new(), message: None };
        if let Some(symptom) = &case.symptom {
            let subject = case.task.map(|task| task.arn.clone()).or_else(|| case.service.map(|one| one.arn.clone()));
            shown.sections.push(message_section(&symptom.text, subject));
            shown.message = Some("e1".to_owned());
        }
        shown
    }

    /// The id of a question's answer; none if it has none.
    pub fn note(&mut self, question: &Question, evidence: &Evidence) -> Option<String> {
        let kept = evidence.get(question)?;
        let offset = usize::from(self.message.is_some());
        let (index, new) = self.asked.insert_full(question.clone());
        let id = format!("e{}", index + offset + 1);
        if new {
            self.sections.push(evidence_section(id.clone(), question, kept));
        }
        Some(id)
    }
}

/// An answer as evidence.
pub fn evidence_section(id: String, question: &Question, kept: &Kept) -> EvidenceSection {
    EvidenceSection {
        id,
        source: match question {
            Question::TaskDefinition { definition } if definition.starts_with(GIVEN) => "given".to_owned(),
            _ => question.source().action().to_owned(),
        },
        subject: question.subject(),
        state: match kept.answer {
            Answer::Known(_) => EvidenceState::Known,
            Answer::Absent => EvidenceState::Absent,
            Answer::Gap(_) => EvidenceState::Gap,
        },
        observed_at: Some(kept.at),
        summary: kept.answer.summary(),
    }
}

/// The stop reason as evidence.
pub fn message_section(text: &str, subject: Option<String>) -> EvidenceSection {
    EvidenceSection {
        id: "e1".to_owned(),
        source: "message".to_owned(),
        subject: subject.unwrap_or_else(|| "the text given".to_owned()),
        state: EvidenceState::Known,
        observed_at: None,
        summary: text.to_owned(),
    }
}

fn cause_section(
    one: &Ranked,
    fixes: Vec<String>,
    steps: &[Step],
    heard: &[Question],
    evidence: &Evidence,
    shown: &mut Shown,
) -> CauseSection {
    let mut ids: Vec<String> = vec![];
    if !one.latent && one.status != Status::RuledOut {
        ids.extend(shown.message.clone());
    }
    for step in &one.steps {
        for question in &steps[*step].judged.reading.questions {
            let shows = one.finding.shown_by.is_empty() || one.finding.shown_by.contains(&question.source());
            let id = shows.then(|| shown.note(question, evidence)).flatten();
            ids.extend(id.filter(|id| !ids.contains(id)));
        }
    }
    ids.extend(heard.iter().filter_map(|question| shown.note(question, evidence)));
    let mut explanation = one.finding.explanation.clone();
    if !one.finding.also.is_empty() {
        explanation.push_str(&format!(" (and to {} likewise)", one.finding.also.join(", ")));
    }
    CauseSection {
        id: one.id,
        status: one.status,
        latent: one.latent,
        healed_at: one.finding.healed_at,
        stage: one.id.stage(),
        endpoint: one.finding.endpoint.clone(),
        container: one.finding.container.clone(),
        resources: one.finding.resources.iter().take(6).cloned().collect(),
        explanation,
        evidence: ids,
        fixes,
    }
}

// -------------------------------------------------------------------------------------------------- the rest

fn target(case: &Case<'_>, wish: &Wish) -> TargetSection {
    // A definition that is to run nowhere in particular is in no cluster.
    let nowhere = matches!(&wish.target, Target::Definition { placement, .. } if placement.cluster.is_none());
    TargetSection {
        kind: match (case.task, case.service) {
            (Some(_), _) => TargetKind::Task,
            (None, None) if case.service_known.is_ok() => TargetKind::TaskDefinition,
            (None, _) => TargetKind::Service,
        },
        account: Some(case.region.account.clone()),
        region: Some(case.region.region.clone()),
        cluster: (!nowhere).then(|| case.cluster.clone()),
        service: case.service.map(|service| service.name.clone()),
        task: case.task.map(|task| task.arn.clone()),
        task_definition: case.revision(),
        launch_type: case.launch_type.clone(),
        revision: registration(case),
    }
}

/// Who registered the revision, and when: what failed since may have come with it.
fn registration(case: &Case<'_>) -> Option<RevisionSection> {
    let definition = case.definition.ok()?;
    let (registered_at, registered_by) = (definition.registered_at, definition.registered_by.clone());
    (registered_at.is_some() || registered_by.is_some()).then_some(RevisionSection { registered_at, registered_by })
}

fn symptom(case: &Case<'_>) -> Option<SymptomSection> {
    case.symptom.as_ref().map(|symptom| SymptomSection {
        stage: symptom.stage,
        text: symptom.text.clone(),
        cut: symptom.cut,
        stop_code: case.task.and_then(|task| task.stop_code.clone()),
        container: symptom.container.clone(),
        exit_code: symptom.exit_code,
        facts: symptom.facts.clone(),
    })
}

fn timeline(case: &Case<'_>, ranked: &[Ranked]) -> Vec<TimelineEntry> {
    let mut all = vec![];
    if let (Some(registered), Some(name)) = (registration(case), case.revision()) {
        let by = registered.registered_by.map(|by| format!(" by {by}")).unwrap_or_default();
        let what = format!("{name} was registered{by}");
        all.extend(registered.registered_at.map(|at| TimelineEntry { at, what }));
    }
    if let Some(deployment) = case.deployment.and_then(|one| one.created) {
        all.push(TimelineEntry { at: deployment, what: "the deployment began".to_owned() });
    }
    if let Some(task) = case.task {
        let times = &task.times;
        for (at, what) in [
            (times.created, "the task was made"),
            (times.pull_started, "images began to be pulled"),
            (times.pull_stopped, "images were pulled, or given up"),
            (times.started, "all containers ran"),
            (times.stopping, "the task was told to stop"),
            (times.execution_stopped, "its containers ended"),
            (times.stopped, "the task was gone"),
        ] {
            all.extend(at.map(|at| TimelineEntry { at, what: what.to_owned() }));
        }
    }
    for one in ranked {
        let what = format!("{} was mended", one.id);
        all.extend(one.finding.healed_at.map(|at| TimelineEntry { at, what }));
    }
    all.sort_by_key(|entry| entry.at);
    all
}

/// The last lines of the guilty container, where it ran and the task failed by itself; or that there are none.
fn log_lines(case: &Case<'_>, facts: &Facts<'_>) -> (Option<LogSection>, Option<String>) {
    let Some((log, stream)) = guilty_log(case) else { return (None, None) };
    let Ok(lines) = facts.log_lines(&log.region, &log.group, &stream) else { return (None, None) };
    let known: Vec<String> = lines.into_iter().flatten().map(|line| line.text.clone()).collect();
    if known.is_empty() {
        let silent = hints::empty_log(&log.container, &log.group, &stream, lines.is_some());
        return (None, Some(silent));
    }
    (Some(LogSection { group: log.group, stream, lines: known }), None)
}

/// Where the guilty container writes to.
fn guilty_log(case: &Case<'_>) -> Option<(LogUse, String)> {
    let (symptom, task) = (case.symptom.as_ref()?, case.task?);
    let ran = matches!(symptom.stage, Stage::Run | Stage::Health | Stage::Start) && symptom.exit_code.is_some();
    let asked = outcome::of_cause(symptom.first()) == Outcome::Failed;
    if !ran || !asked {
        return None;
    }
    let guilty = symptom.container.as_deref();
    let log = log_uses(case).ok()?.into_iter().find(|log| guilty.is_none_or(|name| name == log.container))?;
    let stream = log.stream(&task.arn)?;
    Some((log, stream))
}
