//! What holds for every recorded incident, whatever it is about: silence is no evidence, order does not matter.

use ecs_why_core::account::{Account, EvidenceFile};
use ecs_why_core::diagnosis::{Engine, Silent, Wish, audit, replay};
use ecs_why_core::evidence::{Answer, Gap, GapReason, Question};
use ecs_why_core::report::{Report, Status};
use ecs_why_tests::{Scenario, StandIn, block_on, mistakes, on_each, scenarios};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The evidence with some answers refused.
fn hiding(file: &EvidenceFile, hide: impl Fn(&Question) -> bool) -> EvidenceFile {
    let mut file = file.clone();
    for entry in file.answers.iter_mut().filter(|entry| hide(&entry.question)) {
        let detail = "not authorized to perform it".to_owned();
        entry.answer = Answer::Gap(Gap { reason: GapReason::Denied, detail });
    }
    file
}

/// How sure the report is of each cause: the surest, where one stands there for several things.
fn verdicts(report: &Report) -> BTreeMap<String, Status> {
    let mut found = BTreeMap::new();
    for cause in &report.causes {
        let status = found.entry(cause.id.to_string()).or_insert(cause.status);
        *status = (*status).min(cause.status);
    }
    found
}

/// With less to read a verdict may become unsure, and no innocent is blamed.
fn of_hiding(one: &Scenario, whole: &Report, action: &str, hidden: &EvidenceFile) -> Vec<String> {
    // Without what everything depends on there is no report, and so nothing wrong in it.
    let Ok(report) = replay(hidden) else { return vec![] };
    // What stopped the task may be told by the stop alone, when nobody can see any more that it is over.
    let mut truth = one.expect.clone();
    truth.acceptable_top.append(&mut truth.healed);
    let mut wrong = mistakes(&report, &truth);
    let (before, after) = (verdicts(whole), verdicts(&report));
    for (id, status) in &before {
        match (status, after.get(id)) {
            (Status::Confirmed, Some(Status::RuledOut)) => {
                wrong.push(format!("`{id}` was confirmed, and is ruled out"))
            }
            (Status::RuledOut, Some(Status::Confirmed)) => {
                wrong.push(format!("`{id}` was ruled out, and is confirmed"))
            }
            _ => {}
        }
    }
    let named = report.gaps.iter().find(|gap| gap.action == action && gap.reason == GapReason::Denied);
    // What only a fix would have to know decides nothing: its proof, and no gap, says that it is unknown.
    let decides = before != after || report.launch_path != whole.launch_path || report.outcome != whole.outcome;
    if named.is_none() && decides {
        wrong.push("the gap is not named".to_owned());
    }
    for id in named.into_iter().flat_map(|gap| &gap.hides) {
        if let Some(status @ (Status::Confirmed | Status::RuledOut)) = after.get(id.as_str()) {
            wrong.push(format!("the gap hides `{id}`, which is {}", status.as_str()));
        }
    }
    if report.outcome.as_str() == "sound" && named.is_some_and(|gap| !gap.hides.is_empty()) {
        wrong.push("a check is sound in spite of what it could not see".to_owned());
    }
    wrong
}

/// Each answer of each incident in turn. In quarters, so that test programs can run them side by side.
fn each_answer_hidden(quarter: usize) {
    let all: Vec<Scenario> = scenarios().into_iter().skip(quarter).step_by(4).collect();
    on_each(&all, |one| {
        let whole = replay(&one.file).expect("it was recorded");
        let mut wrong = vec![];
        for entry in &one.file.answers {
            let hidden = hiding(&one.file, |question| *question == entry.question);
            let action = entry.question.source().action();
            let told = of_hiding(one, &whole, action, &hidden);
            wrong.extend(told.into_iter().map(|fault| format!("without {:?}: {fault}", entry.question)));
        }
        wrong
    });
}

#[test]
fn hiding_any_answer_blames_nobody_1() {
    each_answer_hidden(0);
}

#[test]
fn hiding_any_answer_blames_nobody_2() {
    each_answer_hidden(1);
}

#[test]
fn hiding_any_answer_blames_nobody_3() {
    each_answer_hidden(2);
}

#[test]
fn hiding_any_answer_blames_nobody_4() {
    each_answer_hidden(3);
}

/// A whole action denied, as IAM does it.
#[test]
fn hiding_any_action_blames_nobody() {
    on_each(&scenarios(), |one| {
        let whole = replay(&one.file).expect("it was recorded");
        let mut actions: Vec<&str> = one.file.answers.iter().map(|entry| entry.question.source().action()).collect();
        actions.sort_unstable();
        // An action that answered once is hidden by hiding that answer.
        let often = |action: &&str| actions.iter().filter(|other| *other == action).count() > 1;
        let mut actions: Vec<&str> = actions.iter().copied().filter(often).collect();
        actions.dedup();
        let mut wrong = vec![];
        for action in actions {
            let hidden = hiding(&one.file, |question| question.source().action() == action);
            let told = of_hiding(one, &whole, action, &hidden);
            wrong.extend(told.into_iter().map(|fault| format!("without {action}: {fault}")));
        }
        wrong
    });
}

/// The same report, whichever answer comes first; and nothing is asked twice.
#[test]
fn the_order_of_answers_never_matters() {
    on_each(&scenarios(), |one| {
        let wish = Wish::of_file(&one.file);
        let mut wrong = vec![];
        let expected = replay(&one.file).expect("it was recorded");
        for seed in [one.name.len() as u64] {
            let account = Arc::new(StandIn::new(&one.file, seed));
            let engine = Engine::new(Arc::clone(&account) as Arc<dyn Account>, one.file.region.clone());
            let found = block_on(engine.diagnose(&wish, &Silent)).expect("it was recorded").report;
            let asked = account.asked();
            for question in &asked {
                if asked.iter().filter(|other| *other == question).count() > 1 {
                    wrong.push(format!("{question:?} is asked twice"));
                }
                if one.file.answers.iter().all(|entry| entry.question != *question) {
                    wrong.push(format!("{question:?} is asked for nothing: the report needs no answer to it"));
                }
            }
            if found != expected {
                wrong.push(format!("another report in another order (seed {seed}): {}", difference(&expected, &found)));
            }
        }
        wrong
    });
}

/// Where two reports part.
fn difference(one: &Report, other: &Report) -> String {
    let text = |report: &Report| serde_json::to_string_pretty(report).expect("a report is data");
    let (one, other) = (text(one), text(other));
    let parted = one.lines().zip(other.lines()).find(|(a, b)| a != b);
    parted.map_or_else(|| "one is longer".to_owned(), |(a, b)| format!("{} / {}", a.trim(), b.trim()))
}

/// Known to take longer than they may: instances that have to be found behind a service, and roles and registries that are looked
/// for elsewhere. An entry goes when its bug does.
const SLOW: [&str; 0] = [];

/// Rounds are what a person waits for: five to the verdict on Fargate and seven on EC2, two more for fixes and their proof.
#[test]
fn nobody_waits_for_many_rounds() {
    on_each(&scenarios(), |one| {
        let known = if SLOW.contains(&one.name.as_str()) { 2 } else { 0 };
        let (most, audit) = (known + if one.is_on_ec2() { 7 } else { 5 }, audit(&one.file));
        let mut wrong = vec![];
        if audit.rounds_to_verdict > most {
            wrong.push(format!("{} rounds to the verdict, more than {most}", audit.rounds_to_verdict));
        }
        if audit.rounds > most + 2 {
            wrong.push(format!("{} rounds in all, more than {}", audit.rounds, most + 2));
        }
        wrong
    });
}
