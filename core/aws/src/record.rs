//! A task out of its state change events, as if `DescribeTasks` had told it.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html>

use crate::ecs::last;
use crate::task::task as kept;
use aws_sdk_ecs::types as sdk;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use ecs_why_core::model::Moment;
use ecs_why_core::model::ecs::{ECS_EVENTS, RecordedTask, TASK_STATE_CHANGE, Task};
use serde_json::Value;

/// Of a task's events the newest that tells its end, and of those that do not, the newest.
///
/// Events come more than once and out of order; `version` grows with each change of a task.
pub(crate) fn newest<'m>(messages: impl Iterator<Item = &'m str>, cluster: &str, task: &str) -> Option<RecordedTask> {
    let records = messages.filter_map(|message| record(message, cluster, task));
    let newest = records.max_by_key(|(version, record)| (record.tells_the_end(), *version, record.at));
    newest.map(|(_, record)| record)
}

/// One event and its version; none if it is about another task, or no such event.
fn record(message: &str, cluster: &str, task: &str) -> Option<(i64, RecordedTask)> {
    let event: Value = serde_json::from_str(message).ok()?;
    if event["source"].as_str() != Some(ECS_EVENTS) || event["detail-type"].as_str() != Some(TASK_STATE_CHANGE) {
        return None;
    }
    let detail = &event["detail"];
    let is = |name: &str, wanted: &str| detail[name].as_str().is_some_and(|arn| last(arn) == wanted);
    if !is("taskArn", task) || !is("clusterArn", cluster) {
        return None;
    }
    let time = |value: &Value| value.as_str().and_then(|text| text.parse::<Moment>().ok());
    let at = time(&event["time"]).or_else(|| time(&detail["updatedAt"]))?;
    let version = detail["version"].as_i64().unwrap_or_default();
    Some((version, RecordedTask { task: told(detail), at }))
}

fn text(of: &Value, name: &str) -> Option<String> {
    of[name].as_str().map(str::to_owned)
}

fn list<'v>(of: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    of[name].as_array().into_iter().flatten()
}

fn texts(of: &Value, name: &str) -> Option<Vec<String>> {
    let all: Vec<String> = list(of, name).filter_map(Value::as_str).map(str::to_owned).collect();
    (!all.is_empty()).then_some(all)
}

fn number(of: &Value, name: &str) -> Option<i32> {
    of[name].as_i64().and_then(|number| number.try_into().ok())
}

fn time(of: &Value, name: &str) -> Option<DateTime> {
    DateTime::from_str(of[name].as_str()?, Format::DateTimeWithOffset).ok()
}

/// By way of the SDK's type, so that one place says what is kept of a task, and what is secret.
fn told(detail: &Value) -> Task {
    let storage = number(&detail["ephemeralStorage"], "sizeInGiB")
        .map(|size| sdk::EphemeralStorage::builder().size_in_gib(size).build());
    let task = sdk::Task::builder()
        .set_task_arn(text(detail, "taskArn"))
        .set_cluster_arn(text(detail, "clusterArn"))
        .set_task_definition_arn(text(detail, "taskDefinitionArn"))
        .set_group(text(detail, "group"))
        .set_started_by(text(detail, "startedBy"))
        .set_last_status(text(detail, "lastStatus"))
        .set_desired_status(text(detail, "desiredStatus"))
        .set_launch_type(detail["launchType"].as_str().map(Into::into))
        .set_capacity_provider_name(text(detail, "capacityProviderName"))
        .set_platform_version(text(detail, "platformVersion"))
        .set_platform_family(text(detail, "platformFamily"))
        .set_availability_zone(text(detail, "availabilityZone"))
        .set_container_instance_arn(text(detail, "containerInstanceArn"))
        .set_stop_code(detail["stopCode"].as_str().map(Into::into))
        .set_stopped_reason(text(detail, "stoppedReason"))
        .set_cpu(text(detail, "cpu"))
        .set_memory(text(detail, "memory"))
        .set_ephemeral_storage(storage)
        .set_health_status(detail["healthStatus"].as_str().map(Into::into))
        .set_created_at(time(detail, "createdAt"))
        .set_pull_started_at(time(detail, "pullStartedAt"))
        .set_pull_stopped_at(time(detail, "pullStoppedAt"))
        .set_started_at(time(detail, "startedAt"))
        .set_stopping_at(time(detail, "stoppingAt"))
        .set_execution_stopped_at(time(detail, "executionStoppedAt"))
        .set_stopped_at(time(detail, "stoppedAt"))
        .set_containers(Some(list(detail, "containers").map(container).collect()))
        .set_attachments(Some(list(detail, "attachments").map(attachment).collect()))
        .overrides(overrides(&detail["overrides"]));
    kept(&task.build())
}

fn container(container: &Value) -> sdk::Container {
    let binding = |one: &Value| sdk::NetworkBinding::builder().set_host_port(number(one, "hostPort")).build();
    sdk::Container::builder()
        .set_name(text(container, "name"))
        .set_image(text(container, "image"))
        .set_image_digest(text(container, "imageDigest"))
        .set_last_status(text(container, "lastStatus"))
        .set_exit_code(number(container, "exitCode"))
        .set_reason(text(container, "reason"))
        .set_health_status(container["healthStatus"].as_str().map(Into::into))
        .set_runtime_id(text(container, "runtimeId"))
        .set_network_bindings(Some(list(container, "networkBindings").map(binding).collect()))
        .build()
}

fn pair(pair: &Value) -> sdk::KeyValuePair {
    sdk::KeyValuePair::builder().set_name(text(pair, "name")).set_value(text(pair, "value")).build()
}

fn attachment(attachment: &Value) -> sdk::Attachment {
    sdk::Attachment::builder()
        .set_type(text(attachment, "type"))
        .set_status(text(attachment, "status"))
        .set_details(Some(list(attachment, "details").map(pair).collect()))
        .build()
}

fn overrides(overrides: &Value) -> sdk::TaskOverride {
    sdk::TaskOverride::builder()
        .set_execution_role_arn(text(overrides, "executionRoleArn"))
        .set_task_role_arn(text(overrides, "taskRoleArn"))
        .set_cpu(text(overrides, "cpu"))
        .set_memory(text(overrides, "memory"))
        .set_container_overrides(Some(list(overrides, "containerOverrides").map(changed).collect()))
        .build()
}

fn changed(container: &Value) -> sdk::ContainerOverride {
    let file = |file: &Value| {
        let kind = file["type"].as_str().unwrap_or("s3").into();
        sdk::EnvironmentFile::builder().value(file["value"].as_str()?).r#type(kind).build().ok()
    };
    sdk::ContainerOverride::builder()
        .set_name(text(container, "name"))
        .set_command(texts(container, "command"))
        .set_environment(Some(list(container, "environment").map(pair).collect()))
        .set_environment_files(Some(list(container, "environmentFiles").filter_map(file).collect()))
        .set_cpu(number(container, "cpu"))
        .set_memory(number(container, "memory"))
        .set_memory_reservation(number(container, "memoryReservation"))
        .build()
}

#[cfg(test)]
mod tests;
