//! Alerts from end to end but for AWS and the platforms: a queue that delivers again, accounts that answer or not, a channel.

mod events;
mod kills;
mod threads;

use super::queue::{Delivery, QueueError};
use super::*;
use crate::outbox::Patience;
use crate::outbox::fake::{Fake, Standing};
use crate::platform::Kind;
use ecs_why_core::report::TargetKind;
use ecs_why_core::{diagnosis, symptom};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

pub const OOM: &str = "OutOfMemoryError: Container killed due to memory usage";
pub const NO_IMAGE: &str = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
    111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v9: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v9: not found";

/// A moment of the tests, in seconds.
pub fn at(second: i64) -> Moment {
    Moment::from_second(1_800_000_000 + second).expect("a moment")
}

/// A queue in memory. What is received stays until it is deleted.
#[derive(Default)]
pub struct FakeQueue {
    pub messages: Mutex<BTreeMap<usize, (String, u32)>>,
    pub buried: Mutex<Vec<String>>,
    pub later: Mutex<Vec<(String, Duration)>>,
    pub buries: bool,
    /// So many deletions go wrong.
    pub undeletable: AtomicUsize,
    next: AtomicUsize,
}

impl FakeQueue {
    pub fn holding(bodies: impl IntoIterator<Item = String>) -> FakeQueue {
        let queue = FakeQueue { buries: true, ..FakeQueue::default() };
        bodies.into_iter().for_each(|body| queue.put(body));
        queue
    }

    pub fn put(&self, body: String) {
        let mut messages = self.messages.lock().expect("whole");
        let number = messages.last_key_value().map_or(0, |(last, _)| last + 1);
        messages.insert(number, (body, 0));
    }

    pub fn left(&self) -> usize {
        self.messages.lock().expect("whole").len()
    }
}

#[async_trait]
impl Queue for FakeQueue {
    async fn receive(&self) -> Result<Vec<Delivery>, QueueError> {
        tokio::task::yield_now().await;
        let all: Vec<Delivery> = {
            let mut messages = self.messages.lock().expect("whole");
            // Another ten each time, and round again.
            let from = self.next.load(Ordering::SeqCst);
            let mut numbers: Vec<usize> = messages.range(from..).map(|(number, _)| *number).take(10).collect();
            if numbers.is_empty() {
                numbers = messages.keys().copied().take(10).collect();
            }
            self.next.store(numbers.last().map_or(0, |last| last + 1), Ordering::SeqCst);
            let deliver = |number: usize| {
                let (body, times) = messages.get_mut(&number).expect("it is there");
                *times += 1;
                Delivery { receipt: number.to_string(), body: body.clone(), times: *times }
            };
            numbers.into_iter().map(deliver).collect()
        };
        if all.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(all)
    }

    async fn delete(&self, receipts: &[String]) -> Result<(), QueueError> {
        tokio::task::yield_now().await;
        if self.undeletable.load(Ordering::SeqCst) > 0 {
            self.undeletable.fetch_sub(1, Ordering::SeqCst);
            return Err(QueueError("no".into()));
        }
        let mut messages = self.messages.lock().expect("whole");
        for receipt in receipts {
            messages.remove(&receipt.parse::<usize>().expect("a number"));
        }
        Ok(())
    }

    async fn later(&self, receipt: &str, wait: Duration) -> Result<(), QueueError> {
        self.later.lock().expect("whole").push((receipt.to_owned(), wait));
        Ok(())
    }

    async fn bury(&self, delivery: &Delivery) -> Result<bool, QueueError> {
        if self.buries {
            self.buried.lock().expect("whole").push(delivery.body.clone());
            self.delete(std::slice::from_ref(&delivery.receipt)).await?;
        }
        Ok(self.buries)
    }
}

/// Accounts that say of each service what is wrong with it.
#[derive(Default)]
pub struct FakeAccounts {
    /// By service: its stop reason, or why it cannot be asked.
    pub wrong: Mutex<HashMap<String, Result<String, Undiagnosed>>>,
    pub asked: AtomicUsize,
}

impl FakeAccounts {
    pub fn say(&self, service: &str, wrong: Result<&str, Undiagnosed>) {
        self.wrong.lock().expect("whole").insert(service.to_owned(), wrong.map(str::to_owned));
    }
}

#[async_trait]
impl Diagnose for FakeAccounts {
    async fn diagnose(&self, target: &Target) -> Result<Diagnosed, Undiagnosed> {
        tokio::task::yield_now().await;
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (service, task) = match target {
            // The tests name tasks by their services.
            Target::Task { task, .. } => (task.split('-').next().unwrap_or_default(), Some(task.clone())),
            Target::Service { service, .. } => (service.as_str(), None),
            Target::Definition { .. } => return Err(Undiagnosed::Gone),
        };
        let told = self.wrong.lock().expect("whole").get(service).cloned().unwrap_or(Ok(OOM.to_owned()))?;
        let mut report = diagnosis::explain(&symptom::parse_pasted(&told).expect("a text"));
        let place = target.place();
        report.target.kind = if task.is_some() { TargetKind::Task } else { TargetKind::Service };
        (report.target.account, report.target.region) = (place.account.clone(), place.region.clone());
        (report.target.cluster, report.target.service) = (Some(target.cluster().to_owned()), Some(service.to_owned()));
        report.target.task =
            task.map(|task| format!("arn:aws:ecs:eu-west-1:111122223333:task/{}/{task}", target.cluster()));
        Ok(Diagnosed { spot: Spot::default(), report, evidence: Some("{}".into()) })
    }

    fn buttons(&self, id: &str, _: &Report) -> Vec<Button> {
        vec![Button { label: "Evidence".into(), value: format!("evidence:{id}") }]
    }
}

/// All alerts go to one channel, but for those of cluster `nobody`.
pub struct OneChannel {
    pub quiet: Option<QuietHours>,
}

impl Routes for OneChannel {
    fn places(&self, whose: &Whose) -> Vec<Routed> {
        let routed = || Routed { place: channel(), quiet: self.quiet.clone() };
        (whose.cluster != "nobody").then(routed).into_iter().collect()
    }
}

pub fn channel() -> Place {
    Place { kind: Kind::Slack, space: Some("T1".into()), channel: "C1".into(), thread: None, direct: false }
}

/// All that outlives a process of the bot, and what is around it.
pub struct Here {
    pub folder: tempfile::TempDir,
    pub platform: Fake,
    pub accounts: Arc<FakeAccounts>,
    pub routes: Arc<OneChannel>,
    pub rules: Rules,
    pub clock: Arc<AtomicI64>,
}

impl Here {
    pub fn new() -> Here {
        Here {
            folder: tempfile::tempdir().expect("a folder"),
            platform: Fake::default(),
            accounts: Arc::default(),
            routes: Arc::new(OneChannel { quiet: None }),
            rules: Rules { again: Duration::from_millis(1), ..Rules::default() },
            clock: Arc::new(AtomicI64::new(0)),
        }
    }

    pub fn alerts(&self) -> Alerts {
        let store = Store::open(&self.folder.path().join("state.db")).expect("a file");
        let patience = Patience {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(4),
            edit_every: Duration::from_millis(1),
            ..Patience::default()
        };
        let clock = Arc::clone(&self.clock);
        let needs = Needs {
            outbox: Outbox::patient(store.clone(), vec![Arc::new(self.platform.clone())], patience),
            store,
            diagnose: Arc::clone(&self.accounts) as Arc<dyn Diagnose>,
            routes: Arc::clone(&self.routes) as Arc<dyn Routes>,
            metrics: Arc::default(),
            now: Arc::new(move || at(clock.load(Ordering::SeqCst))),
        };
        Alerts::new(needs, self.rules)
    }

    pub fn sleep(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn standing(&self) -> Vec<Standing> {
        self.platform.channel().standing.clone()
    }

    /// Title and sentences of the cards that stand there.
    pub fn texts(&self) -> Vec<String> {
        self.standing().iter().map(|one| text(&one.message.card)).collect()
    }
}

/// What a card says, as far as the tests look at it.
pub fn text(card: &ecs_why_core::render::Card) -> String {
    format!("{}\n{:?}", card.title, card.blocks)
}

/// Takes in all that is in the queue, deals with it, and says what is to be said now.
pub async fn turn(alerts: &Alerts, queue: &FakeQueue) {
    while queue.left() > queue.later.lock().expect("whole").len() {
        // What could not be deleted comes again.
        let _ = alerts.take_in(queue).await;
    }
    settle(alerts).await;
}

pub async fn settle(alerts: &Alerts) {
    for owner in alerts.store.owners_waiting(1000).await.expect("read") {
        alerts.deal_with(&owner).await.expect("kept");
    }
    loop {
        let due = alerts.store.due(alerts.now(), alerts.rules.edit_every, 100).await.expect("read");
        if due.is_empty() {
            return;
        }
        for one in due {
            alerts.say(one).await.expect("kept");
        }
    }
}

/// The event of a task that stopped: its number, its service, when, and what it says.
pub fn stop(number: usize, service: &str, second: i64, reason: &str) -> String {
    stop_of(number, service, second, reason, "TaskFailedToStart").to_string()
}

pub fn stop_of(number: usize, service: &str, second: i64, reason: &str, code: &str) -> Value {
    let arn = |kind: &str, name: &str| format!("arn:aws:ecs:eu-west-1:111122223333:{kind}/{name}");
    let task = arn("task", &format!("prod/{service}-{number:06}"));
    json!({
        "version": "0", "id": format!("event-{service}-{number:06}"), "detail-type": "ECS Task State Change",
        "source": "aws.ecs", "account": "111122223333", "region": "eu-west-1", "time": at(second).to_string(),
        "resources": [task],
        "detail": {
            "taskArn": task, "clusterArn": arn("cluster", "prod"), "taskDefinitionArn": arn("task-definition", "def:7"),
            "group": format!("service:{service}"), "lastStatus": "STOPPED", "desiredStatus": "STOPPED",
            "stopCode": code, "stoppedReason": reason, "containers": [{"name": "app", "lastStatus": "STOPPED"}],
            "overrides": {"containerOverrides": [{"name": "app", "environment": [{"name": "PASSWORD", "value": "hunter2"}]}]},
            "launchType": "FARGATE", "version": 5
        }
    })
}

/// What a service tells.
pub fn action(number: usize, service: &str, second: i64, name: &str, kind: &str, reason: &str) -> String {
    let deployment = name.contains("DEPLOYMENT");
    let service = format!("arn:aws:ecs:eu-west-1:111122223333:service/prod/{service}");
    json!({
        "version": "0", "id": format!("action-{number:06}"), "source": "aws.ecs", "account": "111122223333",
        "detail-type": if deployment { "ECS Deployment State Change" } else { "ECS Service Action" },
        "region": "eu-west-1", "time": at(second).to_string(), "resources": [service],
        "detail": {
            "eventType": kind, "eventName": name, "reason": reason, "deploymentId": "ecs-svc/77",
            "clusterArn": if deployment { Value::Null } else { json!("arn:aws:ecs:eu-west-1:111122223333:cluster/prod") }
        }
    })
    .to_string()
}

pub fn steady(number: usize, service: &str, second: i64) -> String {
    action(number, service, second, "SERVICE_STEADY_STATE", "INFO", "")
}
