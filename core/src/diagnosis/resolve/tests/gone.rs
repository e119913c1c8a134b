//! Tasks that ECS has forgotten: by a record of their end, by an event of their service, or not at all.

use super::*;
use crate::diagnosis::engine::walk_once;
use crate::evidence::GapReason;
use crate::model::CauseId;
use crate::model::ecs::{EventLog, RecordedTask};
use crate::report::{Outcome, ProofState, Report, Status};

const GROUP: &str = "/aws/events/ecs/containerinsights/prod/performance";
const OWN: &str = "/our/events";

fn capture() -> Question {
    Question::EventCapture { cluster: "prod".into() }
}

fn rules() -> Question {
    Question::EventRules { cluster: "prod".into() }
}

fn record(group: &str, id: &str) -> Question {
    Question::RecordedTask { group: group.into(), cluster: "prod".into(), task: id.into() }
}

/// ECS knows the task no more, and nobody keeps its events.
fn gone() -> Fixture {
    let stopped = Question::StoppedTasks { cluster: "prod".into(), service: "web".into() };
    let fixture = baseline().absent(question("prod", ID)).with(stopped, Known::StoppedTasks(vec![]));
    fixture.absent(capture()).with(rules(), Known::EventRules(vec![]))
}

/// The same with event capture.
fn captured() -> Fixture {
    gone().with(capture(), Known::EventCapture(EventLog { name: GROUP.to_owned(), created: None }))
}

/// The same with a rule of one's own that fills a group.
fn ruled(fixture: Fixture) -> Fixture {
    let logs = Question::RuleLogs { rule: "ours".into() };
    let fixture = fixture.with(rules(), Known::EventRules(vec!["ours".to_owned()]));
    fixture.with(logs, Known::RuleLogs(vec![OWN.to_owned()]))
}

fn recorded(time: &str, edit: impl FnOnce(&mut Task)) -> Known {
    let mut task = a_task();
    edit(&mut task);
    Known::RecordedTask(RecordedTask { task, at: at(time) })
}

fn running(task: &mut Task) {
    (task.last_status, task.stop_code, task.stopped_reason) = ("RUNNING".to_owned(), None, None);
}

fn report(fixture: &Fixture) -> Report {
    let walked = walk_once(&of_task(), REGION, at("12:00"), &fixture.evidence);
    assert_eq!(walked.missing, [], "all is answered");
    walked.outcome.expect("there is a report")
}

fn asked(fixture: &Fixture) -> Vec<Question> {
    walk_once(&of_task(), REGION, at("12:00"), &fixture.evidence).missing
}

#[test]
fn an_event_of_its_service_mentions_it() {
    let message = format!("(service web) was unable to place a task. (task {ID}) failed.");
    let told = gone().service(|service| service.events = vec![ServiceEvent { at: at("10:05"), message }]);
    let found = seen(&told, &of_task(), |case| (case.service.map(|one| one.name.clone()), case.notes.clone()));
    assert_eq!(found.0.as_deref(), Some("web"));
    assert!(found.1[0].starts_with(&format!("ECS has forgotten task {ID}; an event of service web mentions it")));
    let walked = walk_once(&of_task(), REGION, at("12:00"), &told.evidence);
    let report = walked.outcome.expect("there is a service");
    let gap = report.gaps.iter().find(|gap| gap.action == "ecs:DescribeTasks").expect("the task itself is gone");
    assert_eq!((gap.reason, gap.hides.len()), (GapReason::Expired, 0));
    for text in [gap.detail.as_deref(), report.notes.get(1).map(String::as_str)] {
        assert!(text.is_some_and(|text| text.contains("aws events put-rule")), "{text:?}");
    }
}

#[test]
fn the_record_of_its_end_is_as_good_as_what_ecs_said() {
    let fixture = captured().with(record(GROUP, ID), recorded("10:06", |_| {}));
    let look = |case: &Case<'_>| {
        let task = case.task.map(|task| task.arn.clone());
        (task, groups(case), case.symptom.as_ref().map(|one| one.text.clone()), case.subnets.clone())
    };
    assert_eq!(seen(&fixture, &of_task(), look), seen(&baseline(), &of_task(), look));
    let notes = seen(&fixture, &of_task(), |case| case.notes.clone());
    assert!(notes[0].contains(GROUP) && notes[0].contains("2026-03-01T10:06:00Z"), "{notes:?}");
    assert_eq!(notes.len(), 1, "the service runs what the task ran: {notes:?}");
}

#[test]
fn a_rule_of_ones_own_is_asked_for_its_group_only_where_event_capture_has_nothing() {
    let own = ruled(gone()).with(record(OWN, ID), recorded("10:06", |_| {}));
    assert!(seen(&own, &of_task(), |case| case.notes[0].contains(OWN)));
    let first = captured().without(&rules());
    assert_eq!(asked(&first), [record(GROUP, ID)], "a search is billed: one after the other");
    let found = first.with(record(GROUP, ID), recorded("10:06", |_| {}));
    assert!(!asked(&found).contains(&rules()));
}

#[test]
fn of_several_records_the_newest_that_tells_the_end_counts() {
    let both = |captured_at: &str, own_at: &str, edit: fn(&mut Task)| {
        let fixture = ruled(captured()).with(record(GROUP, ID), recorded(captured_at, running));
        seen(&fixture.with(record(OWN, ID), recorded(own_at, edit)), &of_task(), |case| case.notes[0].clone())
    };
    assert!(both("10:30", "10:06", |_| {}).contains(OWN), "an older one tells the end");
}

#[test]
fn without_any_record_what_is_gone_is_expired_and_the_commands_keep_the_next_one() {
    let report = report(&gone());
    assert_eq!(report.outcome, Outcome::Undetermined);
    let (gap, fix) = (&report.gaps[0], &report.fixes[0]);
    assert_eq!((gap.action.as_str(), gap.reason), ("ecs:DescribeTasks", GapReason::Expired));
    assert_eq!(report.gaps.len(), 1, "{:?}", report.gaps);
    let verbs: Vec<&str> = fix.commands.iter().filter_map(|line| line.split(' ').nth(2)).collect();
    assert_eq!(verbs[3..], ["put-rule", "put-targets"]);
    let detail = gap.detail.as_deref().unwrap_or_default();
    assert!(fix.commands.iter().all(|command| detail.contains(command.as_str())), "{detail}");
    assert_eq!(fix.proof.state, ProofState::NotProvable);
    let cause = &report.causes[0];
    assert_eq!((cause.id, cause.status, report.causes.len()), (CauseId::Unknown, Status::Possible, 1));
    assert_eq!(report.target.task.as_deref(), Some(fixture::TASK));
    assert!(report.notes[0].contains("`ecs-why prod/web`"), "{:?}", report.notes);
}

#[test]
fn where_events_are_kept_and_hold_nothing_of_it_nothing_has_to_be_switched_on() {
    for fixture in [captured().absent(record(GROUP, ID)), ruled(gone()).absent(record(OWN, ID))] {
        let report = report(&fixture);
        assert_eq!((report.outcome, report.gaps[0].reason), (Outcome::Undetermined, GapReason::Expired));
        assert!(report.fixes.is_empty(), "{:?}", report.fixes);
        assert!(report.causes[0].explanation.contains("has no record of it"), "{:?}", report.causes);
    }
}

#[test]
fn a_record_without_the_end_is_no_running_task_and_its_end_is_not_guessed() {
    let report = report(&captured().with(record(GROUP, ID), recorded("10:01", running)));
    assert_eq!((report.outcome, report.gaps[0].reason), (Outcome::Undetermined, GapReason::Expired));
    assert!(report.headline.ends_with("its last record says RUNNING (2026-03-01T10:01:00Z)"), "{}", report.headline);
    assert!(report.fixes.is_empty() && report.impact.is_none());
}

#[test]
fn what_may_not_be_read_is_a_gap_beside_it_and_claims_nothing() {
    let denied = gone().gap(capture()).gap(rules());
    let report = report(&denied);
    let gaps: Vec<_> = report.gaps.iter().map(|gap| (gap.action.as_str(), gap.reason)).collect();
    let expected = [
        ("ecs:DescribeTasks", GapReason::Expired),
        ("logs:DescribeLogGroups", GapReason::Denied),
        ("events:ListRules", GapReason::Denied),
    ];
    assert_eq!(gaps, expected);
    assert!(report.fixes.is_empty() && report.causes[0].explanation.ends_with("could not be read"));
}

#[test]
fn a_search_that_failed_elsewhere_hides_no_cause_of_a_task_that_was_found() {
    let alone = |task: &mut Task| (task.group, task.started_by) = (Some("family:web".to_owned()), None);
    let fixture = ruled(gone()).gap(capture()).with(record(OWN, ID), recorded("10:06", alone));
    let walked = walk_once(&of_task(), REGION, at("12:00"), &fixture.evidence);
    let report = walked.outcome.expect("there is a report");
    let hides = |action: &str| report.gaps.iter().find(|gap| gap.action == action).map(|gap| gap.hides.len());
    assert_eq!(hides("logs:DescribeLogGroups"), Some(0), "{:?}", report.gaps);
    let expired = report.gaps.iter().find(|gap| gap.reason == GapReason::Expired);
    assert!(expired.is_some_and(|gap| gap.action == "ec2:DescribeNetworkInterfaces"), "{:?}", report.gaps);
}

#[test]
fn a_service_that_went_on_is_said_and_one_that_is_another_is_not_taken_for_the_tasks_own() {
    let record_of =
        |edit: fn(&mut Service)| captured().with(record(GROUP, ID), recorded("10:06", |_| {})).service(edit);
    let on = record_of(|service| service.definition = BEFORE.to_owned());
    let notes = seen(&on, &of_task(), |case| case.notes.clone());
    assert!(notes[1].starts_with("service web runs web:41 by now, and the task ran web:42"), "{notes:?}");
    for (fixture, said) in [
        (record_of(|service| service.created = Some(at("11:00"))), "service web was made anew after the task"),
        (record_of(|service| service.status = "INACTIVE".to_owned()), "service web was deleted"),
    ] {
        let read = seen(&fixture, &of_task(), |case| (case.service.is_none(), groups(case), case.notes.clone()));
        assert!(read.0 && read.1.is_none() && read.2[1].starts_with(said), "{read:?}");
    }
}

#[test]
fn a_name_that_no_task_can_have_is_no_such_task() {
    let odd = "0123456789abcdef0123456789abcde-----";
    let target = Target::Task { cluster: "prod".into(), task: odd.into(), place: Place::default() };
    let fixture = gone().absent(question("prod", odd));
    let error = resolve(&Wish::why(target), REGION, at("12:00"), &Facts::new(&fixture.evidence)).map(drop);
    assert!(
        matches!(error, Err(Halt::Error(Error::NoSuchTask { task, near, .. })) if task == odd && near == ["service `web`"])
    );
}
