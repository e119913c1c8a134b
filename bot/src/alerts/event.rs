//! Events of EventBridge, as ECS writes them: what happened, to whom, and whether anybody has to look at it.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html>

use super::owner::{Whose, is_name};
use crate::store::Kept;
use ecs_why_core::diagnosis;
use ecs_why_core::model::Moment;
use ecs_why_core::report::{Outcome, Status};
use ecs_why_core::symptom::{self, Stop};
use ecs_why_core::triage::{Owner, alike};
use serde_json::Value;

/// SQS carries no larger message. <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>
const LARGEST: usize = 1 << 20;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A task stopped, and perhaps it failed.
    Stopped,
    /// A service says that it cannot do something.
    Failing,
    /// A deployment failed, and ECS goes back to the one before.
    RolledBack,
    /// A service is well, or a task of a family ended well.
    Recovered,
    /// Nobody has to look at it.
    Other,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Stopped, Kind::Failing, Kind::RolledBack, Kind::Recovered, Kind::Other];

    /// As a column of the state file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Stopped => "stopped",
            Kind::Failing => "failing",
            Kind::RolledBack => "rolled-back",
            Kind::Recovered => "recovered",
            Kind::Other => "other",
        }
    }

    /// What [`Kind::as_str`] told.
    pub fn parse(text: &str) -> Kind {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text).unwrap_or(Kind::Other)
    }
}

/// A message that is no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is larger than any.
    #[error("it is larger than any message of the queue")]
    TooLarge,
    /// It is not the JSON of an event.
    #[error("it is not the JSON of an event")]
    NoEvent,
    /// A field that every event has is not there.
    #[error("an event of ECS without `{0}`, or with one that cannot be")]
    Without(&'static str),
}

/// Reads a message of the queue: an event as EventBridge writes it, or one that came by way of SNS.
///
/// # Errors
/// When it is none.
pub fn read(body: &str) -> Result<Kept, Unreadable> {
    if body.len() > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    let event: Value = serde_json::from_str(body).map_err(|_| Unreadable::NoEvent)?;
    match event["Message"].as_str() {
        Some(inner) if event["Type"].as_str() == Some("Notification") => {
            of(&serde_json::from_str(inner).map_err(|_| Unreadable::NoEvent)?)
        }
        _ => of(&event),
    }
}

fn of(event: &Value) -> Result<Kept, Unreadable> {
    let text = |name: &'static str| event[name].as_str().ok_or(Unreadable::Without(name));
    if !event["detail"].is_object() || !event["source"].is_string() {
        return Err(Unreadable::NoEvent);
    }
    let id = Some(text("id")?).filter(|id| (1..=100).contains(&id.len())).ok_or(Unreadable::Without("id"))?;
    let at: Moment = text("time")?.parse().map_err(|_| Unreadable::Without("time"))?;
    let body = kept(event).to_string();
    let other = || Kept {
        id: id.to_owned(),
        at,
        kind: Kind::Other.as_str().to_owned(),
        owner: String::new(),
        kin: String::new(),
        cluster: None,
        service: None,
        task: None,
        body: body.clone(),
        waits: false,
    };
    if text("source")? != "aws.ecs" {
        return Ok(Kept { body: String::new(), ..other() });
    }
    let told = match text("detail-type")? {
        "ECS Task State Change" => stopped(event)?,
        "ECS Service Action" | "ECS Deployment State Change" => action(event),
        _ => None,
    };
    let Some(told) = told else { return Ok(other()) };
    Ok(Kept {
        kind: told.kind.as_str().to_owned(),
        owner: told.whose.to_string(),
        kin: told.kin,
        cluster: Some(told.whose.cluster.clone()),
        service: told.whose.service().map(str::to_owned),
        task: told.task,
        waits: told.kind != Kind::Other,
        ..other()
    })
}

/// What is kept of an event: not what the caller of RunTask changed, since environments and command lines hold secrets.
fn kept(event: &Value) -> Value {
    let mut kept = event.clone();
    if let Some(detail) = kept["detail"].as_object_mut() {
        detail.shift_remove("overrides");
    }
    kept
}

struct Told {
    kind: Kind,
    whose: Whose,
    kin: String,
    task: Option<String>,
}

/// A task that stopped; none if it has not.
fn stopped(event: &Value) -> Result<Option<Told>, Unreadable> {
    let detail = &event["detail"];
    if detail["lastStatus"].as_str() != Some("STOPPED") {
        return Ok(None);
    }
    let arn = detail["taskArn"].as_str().unwrap_or_default();
    let task = last(arn);
    let fits = arn.contains(":task/") && is_name(task);
    let definition = last(detail["taskDefinitionArn"].as_str().unwrap_or_default());
    let owner = match detail["group"].as_str().and_then(|group| group.strip_prefix("service:")) {
        Some(service) => Owner::Service(service.to_owned()),
        None => Owner::Family(definition.rsplit_once(':').map_or(definition, |(family, _)| family).to_owned()),
    };
    let cluster = last(detail["clusterArn"].as_str().unwrap_or_default());
    let whose = whose(event, arn, cluster, owner).filter(|_| fits).ok_or(Unreadable::Without("taskArn"))?;
    let stop = stop(event);
    let quick = diagnosis::explain(&stop);
    let sure = quick.causes.first().is_some_and(|first| first.status == Status::Confirmed);
    let kind = match (quick.outcome, &whose.owner) {
        // A job that ended well is well again; a service's task that ends is started again.
        (Outcome::Completed, Owner::Family(_)) if sure => Kind::Recovered,
        (Outcome::Completed | Outcome::StoppedDeliberately, _) if sure => Kind::Other,
        _ => Kind::Stopped,
    };
    let came = ["pullStartedAt", "pullStoppedAt", "startedAt"].map(|name| detail[name].is_string());
    let subnet = stop.known.get("subnet").and_then(Value::as_str).unwrap_or_default();
    let fine = format!("{definition}\n{came:?} {subnet}\n{}", alike(&stop));
    let coarse = format!("{definition}\n{}", quick.causes.first().map_or("unknown", |first| first.id.as_str()));
    let kin = kin(&whose, &fine, &coarse);
    Ok(Some(Told { kind, kin, task: Some(task.to_owned()), whose }))
}

/// What a service or a deployment says; none if it says nothing that matters here.
fn action(event: &Value) -> Option<Told> {
    let detail = &event["detail"];
    let arn = event["resources"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let arn = arn.into_iter().find(|arn| arn.contains(":service/"))?;
    // `service/CLUSTER/NAME`, or of an older form `service/NAME`: then only the event itself can tell the cluster.
    let told = detail["clusterArn"].as_str().map(last);
    let cluster = match arn.split('/').collect::<Vec<_>>().as_slice() {
        [_, cluster, _] => cluster,
        _ => told?,
    };
    let whose = whose(event, arn, cluster, Owner::Service(last(arn).to_owned()))?;
    let name = detail["eventName"].as_str().unwrap_or_default();
    let reason = detail["reason"].as_str().unwrap_or_default();
    let kind = match (name, detail["eventType"].as_str()) {
        ("SERVICE_STEADY_STATE" | "SERVICE_DEPLOYMENT_COMPLETED", _) => Kind::Recovered,
        ("SERVICE_DEPLOYMENT_FAILED", _) if reason.contains("rolling back") => Kind::RolledBack,
        ("SERVICE_DEPLOYMENT_FAILED", _) | (_, Some("WARN" | "ERROR")) => Kind::Failing,
        _ => Kind::Other,
    };
    let said = alike(&Stop { reason: Some(reason.to_owned()), ..Stop::default() });
    let kin = kin(&whose, &format!("{name}\n{said}"), name);
    Some(Told { kind, kin, task: None, whose })
}

fn whose(event: &Value, arn: &str, cluster: &str, owner: Owner) -> Option<Whose> {
    let (account, region) = (event["account"].as_str()?, event["region"].as_str()?);
    let partition = arn.strip_prefix("arn:")?.split(':').next()?;
    // Account and region of the ARN and of the envelope are the same, or somebody made it up.
    arn.starts_with(&format!("arn:{partition}:ecs:{region}:{account}:"))
        .then(|| Whose::of(account, region, cluster, owner))
        .flatten()
}

/// What it was that stopped, as far as an event tells.
pub fn stop(event: &Value) -> Stop {
    symptom::parse_pasted(&event.to_string()).unwrap_or_default()
}

/// The stop in the text of an event that is kept.
pub fn stop_in(body: &str) -> Stop {
    symptom::parse_pasted(body).unwrap_or_default()
}

/// Why a recovery is one, in words; none where the event does not tell.
pub fn recovery(body: &str) -> Option<String> {
    let event: Value = serde_json::from_str(body).ok()?;
    let detail = &event["detail"];
    let deployment = detail["deploymentId"].as_str().filter(|id| id.len() <= 60);
    match (detail["eventName"].as_str(), deployment) {
        (Some("SERVICE_DEPLOYMENT_COMPLETED"), Some(id)) => Some(format!("deployment {id} completed")),
        (Some("SERVICE_DEPLOYMENT_COMPLETED"), None) => Some("its deployment completed".to_owned()),
        (Some(_), _) => Some("it reached a steady state".to_owned()),
        _ => detail["taskArn"].as_str().map(|arn| format!("task {} ended well", last(arn))),
    }
}

/// Two digests: of all that a diagnosis looks at, and of the likeliest cause alone, for when the first kind never repeats.
fn kin(whose: &Whose, fine: &str, coarse: &str) -> String {
    let digest = |text: &str| blake3::hash(format!("{whose}\n{text}").as_bytes()).to_hex()[..24].to_owned();
    format!("{}:{}", digest(fine), digest(coarse))
}

fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The id of the task that an event is about.
pub fn task(body: &str) -> Option<String> {
    task_arn(body).map(|arn| last(&arn).to_owned())
}

/// The ARN of the task that an event is about.
pub fn task_arn(body: &str) -> Option<String> {
    let arn = detail(body, "taskArn").filter(|arn| arn.contains(":task/") && is_name(last(arn)))?;
    (arn.len() <= 400).then_some(arn)
}

/// The revision that a task was made from, as `family:revision`.
pub fn definition(body: &str) -> Option<String> {
    detail(body, "taskDefinitionArn").map(|arn| last(&arn).to_owned()).filter(|name| name.len() <= 300)
}

fn detail(body: &str, name: &str) -> Option<String> {
    event_in(body)?["detail"][name].as_str().map(str::to_owned)
}

/// The event of a message, also of one that came by way of SNS.
fn event_in(body: &str) -> Option<Value> {
    serde_json::from_str(body).ok()
}
