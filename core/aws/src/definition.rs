//! A task definition of the SDK as ours, without what is secret in it.

use crate::hidden;
use crate::moment::moment;
use aws_sdk_ecs::types as sdk;
use ecs_why_core::model::Keeper;
use ecs_why_core::model::ecs::{ContainerDefinition, TaskDefinition, Volume};

fn text(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

pub(crate) fn definition(definition: &sdk::TaskDefinition, tags: &[sdk::Tag]) -> TaskDefinition {
    let platform = definition.runtime_platform();
    TaskDefinition {
        arn: definition.task_definition_arn().unwrap_or_default().to_owned(),
        family: definition.family().unwrap_or_default().to_owned(),
        revision: definition.revision().into(),
        status: definition.status().map(|status| status.as_str().to_owned()),
        execution_role: text(definition.execution_role_arn()),
        task_role: text(definition.task_role_arn()),
        network_mode: definition.network_mode().map(|mode| mode.as_str().to_owned()),
        requires_compatibilities: definition
            .requires_compatibilities()
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
        cpu: text(definition.cpu()),
        memory: text(definition.memory()),
        cpu_architecture: platform.and_then(|platform| platform.cpu_architecture()).map(|cpu| cpu.as_str().to_owned()),
        operating_system: platform
            .and_then(|platform| platform.operating_system_family())
            .map(|family| family.as_str().to_owned()),
        ephemeral_storage: definition.ephemeral_storage().map(|storage| storage.size_in_gib().into()),
        containers: definition.container_definitions().iter().map(container).collect(),
        volumes: definition.volumes().iter().map(volume).collect(),
        registered_at: moment(definition.registered_at()),
        registered_by: text(definition.registered_by()),
        other_fields: other_fields(definition),
        keeper: keeper(tags),
    }
}

/// Who keeps a resource: nothing else of its tags leaves this crate.
pub(crate) fn keeper(tags: &[sdk::Tag]) -> Keeper {
    Keeper::of_tags(tags.iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default()))))
}

/// Further fields that a new revision has to take over, so that a fix loses nothing.
fn other_fields(definition: &sdk::TaskDefinition) -> Vec<String> {
    [
        ("pidMode", definition.pid_mode().is_some()),
        ("ipcMode", definition.ipc_mode().is_some()),
        ("proxyConfiguration", definition.proxy_configuration().is_some()),
        ("ephemeralStorage", definition.ephemeral_storage().is_some()),
        ("runtimePlatform", definition.runtime_platform().is_some()),
        ("inferenceAccelerators", !definition.inference_accelerators().is_empty()),
        ("enableFaultInjection", definition.enable_fault_injection().is_some()),
    ]
    .into_iter()
    .filter(|(_, present)| *present)
    .map(|(name, _)| name.to_owned())
    .collect()
}

fn container(container: &sdk::ContainerDefinition) -> ContainerDefinition {
    ContainerDefinition {
        name: container.name().unwrap_or_default().to_owned(),
        image: container.image().unwrap_or_default().to_owned(),
        essential: container.essential().unwrap_or(true),
        cpu: Some(i64::from(container.cpu())).filter(|&cpu| cpu > 0),
        memory: container.memory().map(i64::from),
        memory_reservation: container.memory_reservation().map(i64::from),
        repository_credentials: container
            .repository_credentials()
            .map(|credentials| credentials.credentials_parameter().to_owned()),
        secrets: hidden::references(container.secrets()),
        environment: hidden::environment(container.environment()),
        environment_files: container.environment_files().iter().map(|file| file.value().to_owned()).collect(),
        log: container.log_configuration().map(hidden::log),
        command: hidden::words(container.command()),
        entry_point: hidden::words(container.entry_point()),
        ports: container.port_mappings().iter().filter_map(port).collect(),
        udp_ports: container.port_mappings().iter().filter_map(udp_port).collect(),
        stop_timeout: container.stop_timeout().map(i64::from),
        depends_on: container
            .depends_on()
            .iter()
            .map(|other| (other.container_name().to_owned(), other.condition().as_str().to_owned()))
            .collect(),
        has_health_check: container.health_check().is_some(),
        is_log_router: Some(container.firelens_configuration().is_some()),
    }
}

fn port(port: &sdk::PortMapping) -> Option<(i64, Option<i64>)> {
    Some((port.container_port()?.into(), port.host_port().map(i64::from)))
}

fn udp_port(port: &sdk::PortMapping) -> Option<i64> {
    let udp = matches!(port.protocol(), Some(sdk::TransportProtocol::Udp));
    port.container_port().filter(|_| udp).map(i64::from)
}

fn volume(volume: &sdk::Volume) -> Volume {
    let efs = volume.efs_volume_configuration();
    Volume {
        name: volume.name().unwrap_or_default().to_owned(),
        efs: efs.map(|efs| efs.file_system_id().to_owned()),
        efs_access_point: efs
            .and_then(|efs| efs.authorization_config())
            .and_then(|authorization| text(authorization.access_point_id())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs_why_core::evidence::Known;
    use ecs_why_core::model::ecs::LogConfiguration;

    const VALUE: &str = "hunter2";

    fn with_log(driver: sdk::LogDriver, options: &[&str]) -> LogConfiguration {
        let mut log = sdk::LogConfiguration::builder().log_driver(driver);
        for option in options {
            log = log.options(*option, VALUE);
        }
        hidden::log(&log.build().expect("it has a driver"))
    }

    #[test]
    fn no_value_of_a_container_is_kept() {
        let secret = sdk::Secret::builder().name("DB").value_from("arn:aws:ssm:us-east-1:1:parameter/db");
        let log = sdk::LogConfiguration::builder()
            .log_driver(sdk::LogDriver::Splunk)
            .options("splunk-token", VALUE)
            .secret_options(secret.clone().build().expect("complete"));
        let container = sdk::ContainerDefinition::builder()
            .name("app")
            .image("app:1")
            .environment(sdk::KeyValuePair::builder().name("PASSWORD").value(VALUE).build())
            .command(VALUE)
            .entry_point(VALUE)
            .docker_labels("label", VALUE)
            .hostname(VALUE)
            .health_check(sdk::HealthCheck::builder().command(VALUE).build().expect("complete"))
            .secrets(secret.build().expect("complete"))
            .log_configuration(log.build().expect("complete"));
        let kept = definition(&sdk::TaskDefinition::builder().container_definitions(container.build()).build(), &[]);
        let container = &kept.containers[0];
        assert!(container.command.is_some() && container.entry_point.is_some() && container.has_health_check);
        assert_eq!(container.environment.keys().collect::<Vec<_>>(), ["PASSWORD"]);
        assert_eq!(container.secrets[0].value_from, "arn:aws:ssm:us-east-1:1:parameter/db");
        let saved = serde_json::to_string(&Known::TaskDefinition(kept)).expect("it is data");
        assert!(!saved.contains(VALUE), "{saved}");
    }

    #[test]
    fn only_awslogs_options_that_name_a_place_are_kept() {
        let log = with_log(sdk::LogDriver::Awslogs, &["awslogs-group", "awslogs-multiline-pattern", "mode"]);
        assert_eq!(log.options.keys().collect::<Vec<_>>(), ["awslogs-group", "mode"]);
        assert_eq!(log.hidden.keys().collect::<Vec<_>>(), ["awslogs-multiline-pattern"]);
        let other = with_log(sdk::LogDriver::Awsfirelens, &["awslogs-group", "Name", "mode"]);
        assert!(other.options.is_empty());
        assert_eq!(other.hidden.len(), 3);
    }

    #[test]
    fn equal_values_have_equal_digests_and_words_count_as_they_stand() {
        let list = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        assert_eq!(hidden::words(&list(&["a", "b"])), hidden::words(&list(&["a", "b"])));
        assert_ne!(hidden::words(&list(&["a", "b"])), hidden::words(&list(&["a b"])));
        assert_eq!(hidden::words(&[]), None);
    }

    #[test]
    fn a_container_is_essential_unless_it_says_no() {
        let essential = |given| container(&sdk::ContainerDefinition::builder().set_essential(given).build()).essential;
        assert_eq!([essential(None), essential(Some(true)), essential(Some(false))], [true, true, false]);
    }
}
