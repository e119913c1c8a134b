//! A task of the SDK as ours.

use crate::hidden;
use crate::moment::moment;
use aws_sdk_ecs::types as sdk;
use ecs_why_core::model::ecs::{Attachment, Task, TaskContainer, TaskInterface, TaskTimes};

fn text(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

pub(crate) fn task(task: &sdk::Task) -> Task {
    let (interfaces, others): (Vec<_>, Vec<_>) =
        task.attachments().iter().partition(|attachment| is_interface(attachment));
    Task {
        arn: task.task_arn().unwrap_or_default().to_owned(),
        cluster: task.cluster_arn().unwrap_or_default().to_owned(),
        definition: task.task_definition_arn().unwrap_or_default().to_owned(),
        group: text(task.group()),
        started_by: text(task.started_by()),
        last_status: task.last_status().unwrap_or_default().to_owned(),
        desired_status: text(task.desired_status()),
        launch_type: task.launch_type().map(|kind| kind.as_str().to_owned()),
        capacity_provider: text(task.capacity_provider_name()),
        platform_version: text(task.platform_version()),
        platform_family: text(task.platform_family()),
        zone: text(task.availability_zone()),
        container_instance: text(task.container_instance_arn()),
        stop_code: task.stop_code().map(|code| code.as_str().to_owned()),
        stopped_reason: text(task.stopped_reason()),
        cpu: text(task.cpu()),
        memory: text(task.memory()),
        ephemeral_storage: task.ephemeral_storage().map(|storage| storage.size_in_gib().into()),
        health: task.health_status().map(|health| health.as_str().to_owned()),
        times: times(task),
        containers: task.containers().iter().map(container).collect(),
        interface: interfaces.first().map(|attachment| interface(attachment)),
        attachments: others.into_iter().map(attachment).collect(),
        overrides: hidden::overrides(task.overrides()),
    }
}

fn times(task: &sdk::Task) -> TaskTimes {
    TaskTimes {
        created: moment(task.created_at()),
        pull_started: moment(task.pull_started_at()),
        pull_stopped: moment(task.pull_stopped_at()),
        started: moment(task.started_at()),
        stopping: moment(task.stopping_at()),
        execution_stopped: moment(task.execution_stopped_at()),
        stopped: moment(task.stopped_at()),
    }
}

fn container(container: &sdk::Container) -> TaskContainer {
    TaskContainer {
        name: container.name().unwrap_or_default().to_owned(),
        image: text(container.image()),
        digest: text(container.image_digest()),
        last_status: text(container.last_status()),
        exit_code: container.exit_code().map(i64::from),
        reason: text(container.reason()),
        health: container.health_status().map(|health| health.as_str().to_owned()),
        runtime_id: text(container.runtime_id()),
        host_ports: container.network_bindings().iter().filter_map(|one| one.host_port()).map(i64::from).collect(),
    }
}

/// `ElasticNetworkInterface` in the documentation, `eni` in its examples.
fn is_interface(attachment: &sdk::Attachment) -> bool {
    matches!(attachment.r#type(), Some("ElasticNetworkInterface" | "eni"))
}

fn detail(attachment: &sdk::Attachment, name: &str) -> Option<String> {
    attachment.details().iter().find(|pair| pair.name() == Some(name)).and_then(|pair| text(pair.value()))
}

fn interface(attachment: &sdk::Attachment) -> TaskInterface {
    TaskInterface {
        subnet: detail(attachment, "subnetId"),
        id: detail(attachment, "networkInterfaceId"),
        private_ip: detail(attachment, "privateIPv4Address"),
        status: text(attachment.status()),
    }
}

fn attachment(attachment: &sdk::Attachment) -> Attachment {
    Attachment {
        kind: attachment.r#type().unwrap_or_default().to_owned(),
        status: attachment.status().unwrap_or_default().to_owned(),
        reason: detail(attachment, "statusReason"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs_why_core::evidence::Known;

    fn pair(name: &str, value: &str) -> sdk::KeyValuePair {
        sdk::KeyValuePair::builder().name(name).value(value).build()
    }

    #[test]
    fn what_the_caller_changed_is_kept_without_its_values() {
        let changed = sdk::ContainerOverride::builder()
            .name("app")
            .command("--token=hunter2")
            .environment(pair("PASSWORD", "hunter2"))
            .cpu(512);
        let overrides = sdk::TaskOverride::builder()
            .container_overrides(changed.build())
            .container_overrides(sdk::ContainerOverride::builder().name("sidecar").build())
            .execution_role_arn("arn:aws:iam::1:role/other")
            .build();
        let kept = task(&sdk::Task::builder().overrides(overrides).build());
        assert_eq!(kept.overrides.execution_role.as_deref(), Some("arn:aws:iam::1:role/other"));
        let names: Vec<_> = kept.overrides.containers.keys().collect();
        assert_eq!(names, ["app"]);
        let fields: Vec<_> = kept.overrides.containers["app"].keys().collect();
        assert_eq!(fields, ["command", "environment.PASSWORD", "cpu"]);
        let saved = serde_json::to_string(&Known::Task(kept)).expect("it is data");
        assert!(!saved.contains("hunter2"), "{saved}");
    }

    #[test]
    fn an_interface_is_told_from_other_attachments() {
        let interface = sdk::Attachment::builder()
            .r#type("ElasticNetworkInterface")
            .status("DELETED")
            .details(pair("subnetId", "subnet-1"))
            .details(pair("networkInterfaceId", "eni-1"))
            .details(pair("privateIPv4Address", "10.0.0.7"));
        let volume = sdk::Attachment::builder()
            .r#type("AmazonElasticBlockStorage")
            .status("DELETED")
            .details(pair("statusReason", "no such snapshot"));
        let kept = task(&sdk::Task::builder().attachments(volume.build()).attachments(interface.build()).build());
        let expected = TaskInterface {
            subnet: Some("subnet-1".into()),
            id: Some("eni-1".into()),
            private_ip: Some("10.0.0.7".into()),
            status: Some("DELETED".into()),
        };
        assert_eq!(kept.interface, Some(expected));
        assert_eq!(kept.attachments.len(), 1);
        assert_eq!(kept.attachments[0].reason.as_deref(), Some("no such snapshot"));
    }
}
