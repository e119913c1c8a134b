//! The stops in JSON: tasks, events of EventBridge, services, failures, objects of Kubernetes.

use indexmap::IndexMap;
use serde_json::Value;

use super::MOST;
use crate::model::Moment;
use crate::symptom::stop::{ContainerStop, Field, Launch, Stop};

/// All stops that a document holds, in its order.
pub fn stops(value: &Value) -> Vec<Stop> {
    let mut out = Vec::new();
    gather(value, 0, &mut out);
    out
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

fn gather(value: &Value, depth: usize, out: &mut Vec<Stop>) {
    if depth > 6 || out.len() >= MOST {
        return;
    }
    match value {
        Value::Array(all) => all.iter().for_each(|one| gather(one, depth + 1, out)),
        Value::String(message) => match serde_json::from_str::<Value>(message) {
            Ok(inner @ Value::Object(_)) => gather(&inner, depth + 1, out),
            _ if message.trim().is_empty() => {}
            _ => out.push(super::fragment::stop(message).unwrap_or_else(|| super::of_text(message))),
        },
        Value::Object(_) => object(value, depth, out),
        _ => {}
    }
}

fn object(value: &Value, depth: usize, out: &mut Vec<Stop>) {
    if let Some(detail) = value.get("detail").filter(|one| one.is_object()) {
        let mut stop = if is_task(detail) { task(detail) } else { action(detail) };
        add_arns(value.get("resources").unwrap_or(&Value::Null), &mut stop.known);
        stop.field = Some(Field::TaskStateChangeEvent);
        out.push(stop);
    } else if is_task(value) {
        out.push(task(value));
    } else if value.pointer("/status/containerStatuses").is_some() {
        out.push(pod(value));
    } else if value.get("involvedObject").is_some() || value.get("reportingComponent").is_some() {
        if let Some(message) = text(value, "message") {
            out.push(Stop { field: Some(Field::KubeletEvent), launch: Some(Launch::Eks), ..super::of_text(&message) });
        }
    } else if let Some(reason) = text(value, "reason").filter(|_| value.get("arn").is_some()) {
        let detail = text(value, "detail").map(|detail| format!("{reason} {detail}"));
        out.push(Stop { field: Some(Field::RunTaskFailure), ..super::of_text(&detail.unwrap_or(reason)) });
    } else if let Some(message) = value.get("message").filter(|one| one.is_string()) {
        let before = out.len();
        gather(message, depth + 1, out);
        if value.get("createdAt").is_some() {
            out[before..].iter_mut().for_each(|one| one.field = Some(Field::ServiceEvent));
        }
    } else if value.get("eventTypeCode").is_some() {
        out.push(action(value));
    } else {
        for name in ["tasks", "task", "failures", "services", "events", "items", "Records", "detail"] {
            if let Some(inner) = value.get(name) {
                gather(inner, depth + 1, out);
            }
        }
    }
}

fn is_task(value: &Value) -> bool {
    ["stoppedReason", "stopCode", "containers"].iter().any(|name| value.get(name).is_some())
}

/// An event about a service or a deployment: its name and its reason are its text.
fn action(detail: &Value) -> Stop {
    let words: Vec<String> =
        ["eventName", "eventTypeCode", "reason", "message"].iter().filter_map(|name| text(detail, name)).collect();
    let mut stop = super::of_text(&words.join(": "));
    if let Some(deployment) = text(detail, "deploymentId") {
        stop.known.insert("deployment".to_owned(), deployment.into());
    }
    add_arns(detail, &mut stop.known);
    stop
}

fn moment(value: &Value, name: &str) -> Option<Moment> {
    match value.get(name)? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => {
            let millis = number.as_f64()? * 1000.0;
            Moment::from_millisecond(millis as i64).ok()
        }
        _ => None,
    }
}

fn task(value: &Value) -> Stop {
    let containers = value.get("containers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut stop = Stop {
        stop_code: text(value, "stopCode"),
        reason: text(value, "stoppedReason"),
        containers: containers.iter().take(MOST).map(container).collect(),
        launch: text(value, "launchType").and_then(|name| serde_json::from_value(Value::String(name)).ok()),
        field: Some(Field::StoppedReason),
        created: moment(value, "createdAt"),
        pull_started: moment(value, "pullStartedAt"),
        pull_stopped: moment(value, "pullStoppedAt"),
        started: moment(value, "startedAt"),
        stopping: moment(value, "stoppingAt"),
        stopped: moment(value, "stoppedAt"),
        execution_stopped: moment(value, "executionStoppedAt"),
        known: IndexMap::new(),
    };
    if let Some(service) = text(value, "group").and_then(|group| group.strip_prefix("service:").map(str::to_owned)) {
        stop.known.insert("service".to_owned(), service.into());
    }
    if let Some(by) = text(value, "startedBy").filter(|by| by.starts_with("ecs-svc/")) {
        stop.known.insert("deployment".to_owned(), by.into());
    }
    for attachment in value.get("attachments").and_then(Value::as_array).into_iter().flatten() {
        for detail in attachment.get("details").and_then(Value::as_array).into_iter().flatten() {
            let told = text(detail, "value");
            match (text(detail, "name").as_deref(), told) {
                (Some("subnetId"), Some(subnet)) => drop(stop.known.insert("subnet".to_owned(), subnet.into())),
                (Some("statusReason"), Some(why)) if stop.reason.is_none() => stop.reason = Some(why),
                _ => {}
            }
        }
    }
    add_arns(value, &mut stop.known);
    stop
}

fn container(value: &Value) -> ContainerStop {
    ContainerStop {
        name: text(value, "name"),
        essential: value.get("essential").and_then(Value::as_bool),
        reason: text(value, "reason"),
        exit_code: value.get("exitCode").and_then(Value::as_i64),
        health: text(value, "healthStatus"),
        image: text(value, "image"),
        image_digest: text(value, "imageDigest"),
    }
}

/// The names in a task's, an event's or a list's ARNs; names only, and only of these fields.
fn add_arns(value: &Value, known: &mut IndexMap<String, Value>) {
    let fields = ["clusterArn", "containerInstanceArn", "taskArn", "containerInstanceArns", "serviceArn"];
    let listed = value.as_array().into_iter().flatten();
    let named = fields.iter().filter_map(|name| value.get(name));
    for one in listed.chain(named) {
        let first = one.as_array().and_then(|all| all.first()).unwrap_or(one);
        let Some(resource) = first.as_str().and_then(|arn| arn.splitn(6, ':').nth(5)) else { continue };
        let parts: Vec<&str> = resource.split('/').collect();
        let mut add = |name: &str, value: &str| {
            known.entry(name.to_owned()).or_insert_with(|| value.into());
        };
        match parts.as_slice() {
            ["cluster", cluster] => add("cluster", cluster),
            ["container-instance", .., instance] => add("container_instance", instance),
            ["service", cluster, service] => {
                add("service", service);
                add("cluster", cluster);
            }
            ["service", service] => add("service", service),
            ["task", .., task] => add("task", task),
            _ => {}
        }
    }
}

/// A pod: the state of its containers, as the kubelet keeps it.
fn pod(value: &Value) -> Stop {
    let mut stop = Stop { launch: Some(Launch::Eks), field: Some(Field::KubeletEvent), ..Stop::default() };
    for name in ["/status/initContainerStatuses", "/status/containerStatuses"] {
        for status in value.pointer(name).and_then(Value::as_array).into_iter().flatten().take(MOST) {
            let ended = ["/state/terminated", "/lastState/terminated"].iter().find_map(|path| status.pointer(path));
            let state = status.pointer("/state/waiting").or(ended);
            let both = state.map(|state| [text(state, "reason"), text(state, "message")]);
            let mut words: Vec<String> = both.into_iter().flatten().flatten().collect();
            words.extend(ended.and_then(|ended| text(ended, "reason")).filter(|why| why == "OOMKilled"));
            stop.containers.push(ContainerStop {
                name: text(status, "name"),
                image: text(status, "image"),
                exit_code: ended.and_then(|ended| ended.get("exitCode")).and_then(Value::as_i64),
                reason: (!words.is_empty()).then(|| words.join(": ")),
                ..ContainerStop::default()
            });
        }
    }
    stop
}
