//! Events as EventBridge writes them, in AWS's own example's form.

use super::*;
use ecs_why_core::evidence::Known;

const ID: &str = "0123456789abcdef0123456789abcdef";

fn event(version: i64, edit: impl FnOnce(&mut Value)) -> String {
    let mut event: Value = serde_json::from_str(include_str!("event.json")).expect("it is JSON");
    event["detail"]["version"] = version.into();
    edit(&mut event);
    event.to_string()
}

fn found(messages: &[String]) -> Option<RecordedTask> {
    newest(messages.iter().map(String::as_str), "prod", ID)
}

#[test]
fn an_event_tells_what_describe_tasks_would() {
    let RecordedTask { task, at } = found(&[event(7, |_| {})]).expect("it is one");
    assert_eq!(at.to_string(), "2026-03-01T10:05:30Z");
    let words = |text: &Option<String>| text.clone().unwrap_or_default();
    assert_eq!(
        [&task.stop_code, &task.stopped_reason, &task.group, &task.started_by, &task.launch_type].map(words),
        ["EssentialContainerExited", "Essential container in task exited", "service:web", "ecs-svc/42", "FARGATE"]
    );
    let container = &task.containers[0];
    assert_eq!((container.exit_code, container.host_ports.as_slice()), (Some(137), &[32768][..]));
    assert!(container.reason.as_deref().is_some_and(|reason| reason.starts_with("OutOfMemoryError")));
    let interface = task.interface.as_ref().expect("it has one");
    assert_eq!((interface.subnet.as_deref(), interface.id.as_deref()), (Some("subnet-1"), Some("eni-1")));
    assert_eq!(task.attachments[0].reason.as_deref(), Some("no such snapshot"));
    let times = [task.times.created, task.times.pull_started, task.times.pull_stopped, task.times.started];
    let later = [task.times.stopping, task.times.execution_stopped, task.times.stopped];
    assert!(
        times.iter().chain(&later).all(Option::is_some) && times.iter().chain(&later).is_sorted(),
        "{:?}",
        task.times
    );
    assert_eq!(task.times.created.map(|at| at.to_string()).as_deref(), Some("2026-03-01T10:00:00.858Z"));
    assert_eq!((task.ephemeral_storage, task.platform_version.as_deref()), (Some(21), Some("1.4.0")));
    assert_eq!(task.definition, "arn:aws:ecs:us-west-2:111122223333:task-definition/web:42");
}

#[test]
fn what_is_secret_in_an_event_is_dropped_as_in_an_answer_of_ecs() {
    let record = found(&[event(7, |_| {})]).expect("it is one");
    assert_eq!(record.task.overrides.execution_role.as_deref(), Some("arn:aws:iam::1:role/other"));
    let fields: Vec<_> = record.task.overrides.containers["app"].keys().collect();
    assert_eq!(fields, ["command", "environment.PASSWORD"]);
    let saved = serde_json::to_string(&Known::RecordedTask(record)).expect("it is data");
    assert!(!saved.contains("hunter2"), "{saved}");
}

#[test]
fn the_newest_that_tells_the_end_wins_whatever_comes_last() {
    let running = |event: &mut Value| {
        let detail = event["detail"].as_object_mut().expect("it has one");
        for name in ["stopCode", "stoppedReason", "stoppedAt"] {
            detail.remove(name);
        }
        detail["lastStatus"] = "RUNNING".into();
    };
    let because = |why: &'static str| move |event: &mut Value| event["detail"]["stoppedReason"] = why.into();
    let all = [event(6, because("second")), event(9, running), event(5, because("first")), event(6, because("second"))];
    let reason = |found: Option<RecordedTask>| found.and_then(|record| record.task.stopped_reason);
    assert_eq!(reason(found(&all)).as_deref(), Some("second"));
    let last = found(&[event(3, running), event(2, running)]).expect("it runs, as far as is known");
    assert!(!last.tells_the_end() && last.task.last_status == "RUNNING");
}

#[test]
fn what_is_no_event_of_this_task_is_not_taken_for_one() {
    let wrong: Vec<String> = vec![
        event(1, |event| event["detail"]["taskArn"] = "arn:aws:ecs:us-west-2:1:task/prod/other".into()),
        event(1, |event| event["detail"]["clusterArn"] = "arn:aws:ecs:us-west-2:1:cluster/test".into()),
        event(1, |event| event["source"] = "my.application".into()),
        event(1, |event| event["detail-type"] = "ECS Service Action".into()),
        event(1, |event| event["detail"] = ID.into()),
        format!("a line of a log that mentions task {ID}"),
        format!("{{\"detail\": {{\"taskArn\": \"{ID}"),
        "[".repeat(100_000),
        String::new(),
    ];
    assert_eq!(found(&wrong), None);
}
