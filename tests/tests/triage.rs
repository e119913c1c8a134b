//! A triage of every recorded account says of each incident what the diagnosis of that incident says.

use ecs_why_core::account::{Entry, EvidenceFile};
use ecs_why_core::diagnosis::{Engine, replay};
use ecs_why_core::error::Error;
use ecs_why_core::evidence::{Answer, Known, Question};
use ecs_why_core::model::CauseId;
use ecs_why_core::render;
use ecs_why_core::report::{Outcome, Report};
use ecs_why_core::triage::{Group, Owner, Triage, TriageWish, Unwatched};
use ecs_why_tests::{Listed, Scenario, block_on, on_each, scenarios};
use std::collections::HashSet;
use std::future::pending;
use std::sync::Arc;

fn incidents() -> Vec<Scenario> {
    scenarios().into_iter().filter(|one| one.expect.mode != "check").collect()
}

/// Every so many of them: walking is dear without optimization.
fn some(step: usize) -> Vec<Scenario> {
    incidents().into_iter().step_by(step).collect()
}

fn triage(one: &Scenario, account: Arc<Listed>, enough: impl Future<Output = ()>) -> Triage {
    let wish = TriageWish::default();
    let engine = Engine::new(account, one.file.region.clone());
    block_on(engine.triage(&wish, &Unwatched, enough)).expect("it was recorded")
}

fn first(report: &Report) -> Option<CauseId> {
    report.causes.first().map(|cause| cause.id)
}

/// The group that holds the target: by its task, or, where no task was placed, by its service.
fn group_of<'t>(triage: &'t Triage, report: &Report) -> Option<&'t Group> {
    let id = report.target.task.as_ref().and_then(|task| triage.tasks().find(|(arn, _)| arn == task));
    match id {
        Some((_, id)) => triage.groups.iter().find(|group| group.id == id),
        None => triage.groups.iter().find(|group| match &group.owner {
            Owner::Service(name) => group.report.target.task.is_none() && report.target.service.as_ref() == Some(name),
            Owner::Family(_) => false,
        }),
    }
}

#[test]
fn the_group_of_each_incident_has_the_first_cause_of_its_diagnosis() {
    on_each(&incidents(), |one| {
        let report = replay(&one.file).expect("it was recorded");
        let triage = triage(one, Arc::new(Listed::new(&one.file, 7)), pending());
        let mut wrong = vec![];
        let fine = matches!(report.outcome, Outcome::Running | Outcome::Sound)
            || report.outcome == Outcome::Undetermined && report.symptom.is_none();
        match (group_of(&triage, &report), fine) {
            (None, true) => {}
            (None, false) => wrong.push(format!("it is in no group: {:?}", report.target.task)),
            (Some(group), _) if first(&group.report) != first(&report) => {
                wrong.push(format!("{:?} in a triage, {:?} alone", first(&group.report), first(&report)));
            }
            (Some(_), _) => {}
        }
        let counted: u64 = triage.groups.iter().map(|group| group.count).sum();
        if counted != triage.tasks().count() as u64 {
            wrong.push(format!("{counted} tasks are counted, and {} are in the index", triage.tasks().count()));
        }
        let ids: HashSet<&str> = triage.groups.iter().map(|group| group.id.as_str()).collect();
        if ids.len() != triage.groups.len() {
            wrong.push("two groups have one id".to_owned());
        }
        wrong
    });
}

#[test]
fn nothing_is_asked_twice_whatever_the_order_of_answers() {
    on_each(&some(4), |one| {
        let mut wrong = vec![];
        let mut told: Vec<Vec<(String, u64)>> = vec![];
        for seed in [1, 2, 3] {
            let account = Arc::new(Listed::new(&one.file, seed));
            let triage = triage(one, Arc::clone(&account), pending());
            told.push(triage.groups.iter().map(|group| (group.id.clone(), group.count)).collect());
            let mut once = HashSet::new();
            // A task is read with its page, and once more if it is the sibling of another.
            let twice = account
                .asked()
                .into_iter()
                .find(|one| !matches!(one, Question::Task { .. }) && !once.insert(one.clone()));
            wrong.extend(twice.map(|question| format!("asked twice: {question:?}")));
        }
        if told.iter().any(|one| *one != told[0]) {
            wrong.push(format!("the order of answers matters: {told:?}"));
        }
        wrong
    });
}

#[test]
fn what_is_interrupted_tells_what_it_has_and_that_it_is_not_all() {
    on_each(&some(3), |one| {
        let whole = triage(one, Arc::new(Listed::new(&one.file, 7)), pending());
        let mut wrong = vec![];
        for turns in [0, 5, 40, 150] {
            let enough = async move {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
            };
            let part = triage(one, Arc::new(Listed::new(&one.file, 7)), enough);
            let blamed = part.groups.iter().filter(|group| {
                group.status == Some(ecs_why_core::report::Status::Confirmed)
                    && !whole.groups.iter().any(|other| other.cause == group.cause)
            });
            // What only a refusal of the account can tell may be told by the message until then.
            wrong.extend(
                blamed
                    .filter(|group| {
                        !one.expect
                            .acceptable_top
                            .iter()
                            .any(|id| Some(id.as_str()) == group.cause.map(|cause| cause.as_str()))
                    })
                    .map(|group| format!("after {turns} turns {:?} is confirmed", group.cause)),
            );
        }
        wrong
    });
}

#[test]
fn no_name_acts_in_what_is_printed() {
    on_each(&some(12), |one| {
        let hidden = "\u{1b}[2J\u{202e}gnp\u{7}<!channel>`x`\u{9b}";
        let service = one.file.answers.iter().find_map(|entry| match &entry.answer {
            Answer::Known(Known::Service(service)) => Some(service.name.clone()),
            _ => None,
        });
        let Some(service) = service.filter(|name| name.len() > 3) else { return vec![] };
        let new = serde_json::to_string(hidden).expect("a text");
        let text = one.file.to_text().replace(&service, new.trim_matches('"'));
        let Ok(file) = EvidenceFile::parse(&text) else { return vec![] };
        let engine = Engine::new(Arc::new(Listed::new(&file, 7)), file.region.clone());
        let Ok(triage) = block_on(engine.triage(&TriageWish::default(), &Unwatched, pending())) else { return vec![] };
        let look = render::Look { verbose: true, ..render::Look::default() };
        let mut json = vec![];
        render::triage_json(&triage, &mut json).expect("memory can be written to");
        let json = String::from_utf8(json).expect("it is UTF-8");
        let lines: String = triage.groups.iter().map(|group| render::triage_line(group, true)).collect();
        let mut wrong = vec![];
        for (form, printed) in [
            ("text", render::triage_text(&triage, &look)),
            ("Markdown", render::triage_markdown(&triage, true)),
            ("JSON", json.clone()),
            ("line", lines),
        ] {
            let acts = |c: &char| c.is_control() && *c != '\n' || matches!(c, '\u{202a}'..='\u{202e}');
            wrong.extend(printed.chars().find(acts).map(|c| format!("{c:?} is printed as {form}")));
        }
        let back: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        let tasks = back["tasks"].as_object().map_or(0, serde_json::Map::len);
        if tasks != triage.tasks().count() {
            wrong.push(format!("{tasks} tasks are in the JSON, and {} in the triage", triage.tasks().count()));
        }
        wrong
    });
}

#[test]
fn a_cluster_that_is_not_there_is_told_with_those_like_it() {
    let one = &some(1)[0];
    let engine = Engine::new(Arc::new(Listed::new(&one.file, 7)), one.file.region.clone());
    let wish = TriageWish { clusters: vec!["prdo".to_owned()], ..TriageWish::default() };
    let mut file = one.file.clone();
    let question = Question::Cluster { cluster: "prdo".to_owned() };
    file.answers.push(Entry { question, answer: Answer::Absent, at: file.now });
    let told = block_on(Engine::new(Arc::new(Listed::new(&file, 7)), file.region.clone()).triage(
        &wish,
        &Unwatched,
        pending(),
    ));
    let cluster = one.file.target.cluster();
    assert!(
        matches!(&told, Err(Error::NoSuchCluster { near, .. }) if near.iter().any(|name| name.contains(cluster))),
        "{told:?}"
    );
    // Where nothing of it can be read, nobody claims that nothing has failed.
    let unread = block_on(engine.triage(&wish, &Unwatched, pending()));
    assert!(matches!(unread, Err(Error::NoAnswer { .. })), "{unread:?}");
}
