//! Tasks that ECS has forgotten, with their state changes in a log group that is played here: StartQuery and GetQueryResults.
#![allow(clippy::panic)] // a test that cannot run must fail, and loudly

use async_trait::async_trait;
use ecs_why_aws::{Live, Options};
use ecs_why_core::account::{Account, AccountError};
use ecs_why_core::diagnosis::{Diagnosis, Engine, Silent, Wish, replay};
use ecs_why_core::evidence::{Answer, GapReason, Known, Question};
use ecs_why_core::model::Moment;
use ecs_why_core::model::ecs::{Cluster, EventLog, Task, captured_in};
use ecs_why_core::report::{Outcome, Report, Status};
use ecs_why_core::target::Target;
use ecs_why_tests::{CANARY, Scenario, StandIn, Stub, alone, block_on, on_each, scenarios};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const ID: &str = "0123456789abcdef0123456789abcdef";

fn live(url: &str) -> Live {
    let options =
        Options { region: Some("us-east-1".into()), endpoint_url: Some(url.to_owned()), ..Options::default() };
    block_on(Live::open(&options)).expect("a region is given")
}

// ------------------------------------------------------------------------------------------------ what is recorded

/// A state change of a task, as EventBridge writes it: what `DescribeTasks` says of it, under the names of the API.
fn event(task: &Task, version: u64) -> Value {
    let Task { times, overrides, .. } = task;
    let containers = task.containers.iter().map(|one| {
        let ports = one.host_ports.iter().map(|port| json!({"hostPort": port}));
        json!({"name": one.name, "image": one.image, "imageDigest": one.digest, "lastStatus": one.last_status,
               "exitCode": one.exit_code, "reason": one.reason, "healthStatus": one.health, "runtimeId": one.runtime_id,
               "networkBindings": ports.collect::<Vec<_>>()})
    });
    let detail = |name: &str, value: &Option<String>| value.as_ref().map(|value| json!({"name": name, "value": value}));
    let interfaces = task.interface.iter().map(|one| {
        let details =
            [("subnetId", &one.subnet), ("networkInterfaceId", &one.id), ("privateIPv4Address", &one.private_ip)];
        let details: Vec<Value> = details.iter().filter_map(|(name, value)| detail(name, value)).collect();
        json!({"type": "eni", "status": one.status, "details": details})
    });
    let others = task.attachments.iter().map(|one| {
        let details: Vec<Value> = detail("statusReason", &one.reason).into_iter().collect();
        json!({"type": one.kind, "status": one.status, "details": details})
    });
    let mut detail = json!({
        "taskArn": task.arn, "clusterArn": task.cluster, "taskDefinitionArn": task.definition, "group": task.group,
        "startedBy": task.started_by, "lastStatus": task.last_status, "desiredStatus": task.desired_status,
        "launchType": task.launch_type, "capacityProviderName": task.capacity_provider, "version": version,
        "platformVersion": task.platform_version, "platformFamily": task.platform_family,
        "availabilityZone": task.zone, "containerInstanceArn": task.container_instance,
        "stopCode": task.stop_code, "stoppedReason": task.stopped_reason, "cpu": task.cpu, "memory": task.memory,
    });
    detail["ephemeralStorage"] = task.ephemeral_storage.map(|size| json!({"sizeInGiB": size})).into();
    detail["containers"] = containers.collect();
    detail["attachments"] = interfaces.chain(others).collect();
    detail["overrides"] = json!({
        "executionRoleArn": overrides.execution_role, "taskRoleArn": overrides.task_role,
        "cpu": overrides.cpu, "memory": overrides.memory, "containerOverrides": [],
    });
    for (name, at) in [
        ("createdAt", times.created),
        ("pullStartedAt", times.pull_started),
        ("pullStoppedAt", times.pull_stopped),
        ("startedAt", times.started),
        ("stoppingAt", times.stopping),
        ("executionStoppedAt", times.execution_stopped),
        ("stoppedAt", times.stopped),
    ] {
        detail[name] = json!(at);
    }
    let time = times.stopped.or(times.stopping).or(times.created).unwrap_or(Moment::UNIX_EPOCH);
    let mut event = json!({
        "version": "0", "source": "aws.ecs", "detail-type": "ECS Task State Change", "resources": [task.arn],
        "time": time, "detail": detail,
    });
    without_nulls(&mut event);
    event
}

/// AWS leaves out what is not there.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// What the task was before: a state without an end.
fn earlier(task: &Task) -> Value {
    let mut before = task.clone();
    (before.last_status, before.desired_status) = ("PENDING".to_owned(), Some("RUNNING".to_owned()));
    (before.stop_code, before.stopped_reason) = (None, None);
    (before.times.stopping, before.times.stopped, before.times.execution_stopped) = (None, None, None);
    before.containers.iter_mut().for_each(|one| (one.exit_code, one.reason) = (None, None));
    event(&before, 2)
}

/// CloudWatch Logs with these events, in which a query runs for some turns before it is complete.
fn logs(events: Vec<Value>, turns: usize) -> Stub {
    let asked = AtomicUsize::new(0);
    Stub::start(None, move |request| match request.name().as_str() {
        "logs:StartQuery" => {
            let body: Value = serde_json::from_str(&request.body).expect("JSON");
            let (from, to) = (body["startTime"].as_i64()?, body["endTime"].as_i64()?);
            assert_eq!(to - from, 30 * 24 * 3600, "{body}");
            assert!(body["queryString"].as_str().is_some_and(|query| query.contains("filter @message like")), "{body}");
            Some((200, json!({"queryId": "q-1"}).to_string()))
        }
        "logs:GetQueryResults" => {
            let rows = events.iter().map(|event| {
                let text = event.as_str().map_or_else(|| event.to_string(), str::to_owned);
                json!([{"field": "@timestamp", "value": "2026-03-01 10:05:29.000"}, {"field": "@message", "value": text},
                       {"field": "@ptr", "value": "p"}])
            });
            let (status, rows) = match asked.fetch_add(1, Ordering::SeqCst) {
                turn if turn < turns => ("Running", vec![]),
                _ => ("Complete", rows.collect()),
            };
            Some((200, json!({"status": status, "results": rows}).to_string()))
        }
        _ => None,
    })
}

// ------------------------------------------------------------------------------------------------ the account

/// The account of a scenario days later: ECS has forgotten the task, and its state changes are asked of another account.
struct Later {
    recorded: StandIn,
    logs: Option<Live>,
    task: String,
}

#[async_trait]
impl Account for Later {
    async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(Question, Answer)>, AccountError> {
        let mut answers = vec![];
        for question in questions {
            let answer = match &question {
                Question::Task { task, .. } if *task == self.task => Some(Answer::Absent),
                Question::Cluster { cluster } => {
                    let (name, status) = (cluster.clone(), "ACTIVE".to_owned());
                    Some(Answer::Known(Known::Cluster(Cluster { name, status, instances: 0 })))
                }
                Question::Services { .. } => Some(Answer::Known(Known::Services(vec![]))),
                Question::EventCapture { cluster } => Some(match self.logs {
                    Some(_) => {
                        Answer::Known(Known::EventCapture(EventLog { name: captured_in(cluster), created: None }))
                    }
                    None => Answer::Absent,
                }),
                Question::EventRules { .. } => Some(Answer::Known(Known::EventRules(vec![]))),
                _ => None,
            };
            let told = match (answer, &self.logs, &question) {
                (Some(answer), ..) => vec![(question, answer)],
                (None, Some(logs), Question::RecordedTask { .. }) => logs.ask(vec![question]).await?,
                _ => self.recorded.ask(vec![question]).await?,
            };
            answers.extend(told);
        }
        Ok(answers)
    }

    fn now(&self) -> Moment {
        self.recorded.now()
    }

    fn calls(&self) -> u64 {
        self.recorded.calls()
    }
}

/// The task of a scenario, if it is about one that stopped.
fn stopped(one: &Scenario) -> Option<&Task> {
    let Target::Task { task, .. } = &one.file.target else { return None };
    one.file.answers.iter().find_map(|entry| match (&entry.question, &entry.answer) {
        (Question::Task { task: id, .. }, Answer::Known(Known::Task(found)))
            if id == task && !one.file.check && found.last_status == "STOPPED" =>
        {
            Some(found)
        }
        _ => None,
    })
}

fn days_later(one: &Scenario, task: &Task, logs: Option<Live>) -> Diagnosis {
    let id = task.arn.rsplit('/').next().expect("an ARN ends with the id").to_owned();
    let account = Later { recorded: StandIn::new(&one.file, 1), logs, task: id };
    let engine = Engine::new(Arc::new(account), one.file.region.clone());
    block_on(engine.diagnose(&Wish::of_file(&one.file), &Silent))
        .unwrap_or_else(|error| panic!("{}: {error}", one.name))
}

/// What a report says of causes, without what it was told by.
fn verdicts(report: &Report) -> Vec<String> {
    let one = |cause: &ecs_why_core::report::CauseSection| {
        format!("{} {} {} {:?} {:?}", cause.id, cause.status.as_str(), cause.latent, cause.resources, cause.container)
    };
    report.causes.iter().map(one).collect()
}

// ------------------------------------------------------------------------------------------------ the tests

#[test]
fn a_recorded_task_has_the_causes_that_it_had_while_ecs_knew_it() {
    alone("a_recorded_task_has_the_causes_that_it_had_while_ecs_knew_it", || {
        // Each third of them takes a while already, and is of every stage.
        let all: Vec<Scenario> = scenarios().into_iter().filter(|one| stopped(one).is_some()).step_by(3).collect();
        let told = AtomicUsize::new(0);
        on_each(&all, |one| {
            // What the caller changed for one task are digests here, of which no event can be made again.
            let Some(task) = stopped(one).filter(|task| task.overrides.containers.is_empty()) else { return vec![] };
            told.fetch_add(1, Ordering::SeqCst);
            let noise = json!("a line of a log that is no event");
            let stub = logs(vec![earlier(task), event(task, 5), noise, earlier(task)], 0);
            let found = days_later(one, task, Some(live(&stub.url())));
            let known = replay(&one.file).expect("it was recorded");
            let (now, then) = (verdicts(&found.report), verdicts(&known));
            let mut wrong = vec![];
            if now != then || found.report.outcome != known.outcome {
                wrong.push(format!("{now:#?}, and it was {then:#?}"));
            }
            let noted = found.report.notes.iter().any(|note| note.contains("/aws/events/ecs/containerinsights/"));
            if !noted || !found.report.evidence.iter().any(|item| item.source == "logs:StartQuery") {
                wrong.push("it does not say where the record came from".to_owned());
            }
            if replay(&found.evidence).as_ref() != Ok(&found.report) {
                wrong.push("its evidence file gives another report".to_owned());
            }
            wrong
        });
        let told = told.into_inner();
        assert!(told >= 10, "{told} stories are about a task");
    });
}

#[test]
fn without_a_log_group_what_is_gone_is_expired_and_the_command_is_given() {
    for one in scenarios() {
        let Some(task) = stopped(&one) else { continue };
        let report = days_later(&one, task, None).report;
        assert_eq!(report.outcome, Outcome::Undetermined, "{}", one.name);
        let gap = report.gaps.iter().find(|gap| gap.reason == GapReason::Expired).expect("it is gone");
        assert!(gap.detail.as_deref().is_some_and(|detail| detail.contains("aws events put-rule")), "{gap:?}");
        assert!(report.fixes[0].commands.iter().any(|line| line.starts_with("aws events put-targets")), "{}", one.name);
        assert!(report.causes.iter().all(|cause| cause.status != Status::Confirmed), "{}: a guess", one.name);
    }
}

fn recorded(url: &str) -> Answer {
    let question = Question::RecordedTask { group: "/events".into(), cluster: "prod".into(), task: ID.into() };
    let live = live(url);
    let mut answers = block_on(live.ask(vec![question])).expect("somebody answers");
    answers.pop().expect("one was asked").1
}

#[test]
fn hostile_text_in_a_log_group_is_no_record_and_what_is_secret_is_not_kept() {
    alone("hostile_text_in_a_log_group_is_no_record_and_what_is_secret_is_not_kept", || {
        let arn = format!("arn:aws:ecs:us-east-1:123456789012:task/prod/{ID}");
        let detail = json!({
            "taskArn": arn, "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/prod", "lastStatus": "STOPPED",
            "stoppedReason": "\u{1b}[2J$(reboot)`id`", "stopCode": "TaskFailedToStart", "version": 4,
            "taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1", "containers": "none",
            "attachments": [null, 7, {"details": {"name": 1}}], "exitCode": 1e99, "createdAt": "yesterday",
            "overrides": {"containerOverrides": [{"name": "app", "environment": [{"name": "PASSWORD", "value": CANARY}]}]},
        });
        let envelope = |source: &str, detail: &Value| json!({"source": source, "detail-type": "ECS Task State Change", "time": "2026-03-01T10:05:30Z", "detail": detail});
        let stub = logs(vec![json!(format!("{{\"taskArn\": \"{ID}\"")), envelope("my.own", &detail), json!("[[[[")], 0);
        assert_eq!(recorded(&stub.url()), Answer::Absent);
        let stub = logs(vec![envelope("aws.ecs", &detail)], 1);
        let Answer::Known(Known::RecordedTask(found)) = recorded(&stub.url()) else { panic!("it is a state change") };
        assert_eq!(found.task.stopped_reason.as_deref(), Some("\u{1b}[2J$(reboot)`id`"), "rendering escapes it");
        assert_eq!((found.task.times.created, found.task.containers.len()), (None, 0));
        let kept = serde_json::to_string(&Known::RecordedTask(found)).expect("it is data");
        assert!(kept.contains("PASSWORD") && !kept.contains(CANARY), "{kept}");
        assert_eq!((stub.count("logs:StartQuery"), stub.count("logs:GetQueryResults")), (1, 2));
    });
}

#[test]
fn rules_are_followed_to_their_log_groups() {
    alone("rules_are_followed_to_their_log_groups", || {
        let stub = Stub::start(None, |request| {
            let next = request.body.contains("\"NextToken\":\"more\"");
            let rule = |name: &str, pattern: Value| json!({"Name": name, "EventPattern": pattern.to_string(), "State": "ENABLED"});
            Some((
                200,
                match (request.name().as_str(), next) {
                    ("events:ListRules", false) => json!({"NextToken": "more", "Rules": [
                    rule("ec2", json!({"source": ["aws.ec2"]})),
                    rule("tasks", json!({"source": ["aws.ecs"], "detail-type": ["ECS Task State Change"]})),
                    {"Name": "nightly", "ScheduleExpression": "rate(1 day)"}]}),
                    ("events:ListRules", true) => json!({"Rules": [rule("all", json!({"source": ["aws.ecs"]}))]}),
                    ("events:ListTargetsByRule", _) => json!({"Targets": [
                    {"Id": "1", "Arn": "arn:aws:sns:us-east-1:123456789012:topic"},
                    {"Id": "2", "Arn": "arn:aws:logs:us-east-1:123456789012:log-group:/our/events:*"}]}),
                    other => panic!("{other:?}"),
                }
                .to_string(),
            ))
        });
        let live = live(&stub.url());
        let asked = [Question::EventRules { cluster: "prod".into() }, Question::RuleLogs { rule: "tasks".into() }];
        let answers: Vec<Answer> = asked
            .into_iter()
            .map(|one| block_on(live.ask(vec![one])).expect("somebody answers").pop().expect("one was asked").1)
            .collect();
        assert_eq!(answers[0], Answer::Known(Known::EventRules(vec!["tasks".to_owned(), "all".to_owned()])));
        assert_eq!(answers[1], Answer::Known(Known::RuleLogs(vec!["/our/events".to_owned()])));
    });
}
