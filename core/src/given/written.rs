//! The JSON as it is written: every field that RegisterTaskDefinition takes, so that a misspelt one is told.

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny};

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Given {
    pub(super) family: String,
    pub(super) container_definitions: Vec<Container>,
    pub(super) task_role_arn: Option<String>,
    pub(super) execution_role_arn: Option<String>,
    pub(super) network_mode: Option<String>,
    pub(super) requires_compatibilities: Option<Vec<String>>,
    pub(super) cpu: Option<String>,
    pub(super) memory: Option<String>,
    pub(super) runtime_platform: Option<Platform>,
    pub(super) volumes: Option<Vec<GivenVolume>>,
    pub(super) tags: Option<Vec<Tag>>,
    #[serde(rename = "placementConstraints")]
    pub(super) _placement_constraints: Option<IgnoredAny>,
    pub(super) pid_mode: Option<IgnoredAny>,
    pub(super) ipc_mode: Option<IgnoredAny>,
    pub(super) proxy_configuration: Option<IgnoredAny>,
    pub(super) inference_accelerators: Option<IgnoredAny>,
    pub(super) ephemeral_storage: Option<Storage>,
    pub(super) enable_fault_injection: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Storage {
    #[serde(rename = "sizeInGiB")]
    pub(super) size: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Platform {
    pub(super) cpu_architecture: Option<String>,
    pub(super) operating_system_family: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tag {
    pub(super) key: String,
    pub(super) value: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) essential: Option<bool>,
    pub(super) cpu: Option<i64>,
    pub(super) memory: Option<i64>,
    pub(super) memory_reservation: Option<i64>,
    pub(super) repository_credentials: Option<Credentials>,
    pub(super) secrets: Option<Vec<Reference>>,
    pub(super) environment: Option<Vec<Variable>>,
    pub(super) environment_files: Option<Vec<EnvironmentFile>>,
    pub(super) log_configuration: Option<Log>,
    pub(super) command: Option<Vec<Hidden>>,
    pub(super) entry_point: Option<Vec<Hidden>>,
    pub(super) port_mappings: Option<Vec<Port>>,
    pub(super) depends_on: Option<Vec<Dependency>>,
    pub(super) health_check: Option<IgnoredAny>,
    #[serde(rename = "credentialSpecs")]
    pub(super) _credential_specs: Option<IgnoredAny>,
    #[serde(rename = "disableNetworking")]
    pub(super) _disable_networking: Option<IgnoredAny>,
    #[serde(rename = "dnsSearchDomains")]
    pub(super) _dns_search_domains: Option<IgnoredAny>,
    #[serde(rename = "dnsServers")]
    pub(super) _dns_servers: Option<IgnoredAny>,
    #[serde(rename = "dockerLabels")]
    pub(super) _docker_labels: Option<IgnoredAny>,
    #[serde(rename = "dockerSecurityOptions")]
    pub(super) _docker_security_options: Option<IgnoredAny>,
    #[serde(rename = "extraHosts")]
    pub(super) _extra_hosts: Option<IgnoredAny>,
    pub(super) firelens_configuration: Option<IgnoredAny>,
    #[serde(rename = "hostname")]
    pub(super) _hostname: Option<IgnoredAny>,
    #[serde(rename = "interactive")]
    pub(super) _interactive: Option<IgnoredAny>,
    #[serde(rename = "links")]
    pub(super) _links: Option<IgnoredAny>,
    #[serde(rename = "linuxParameters")]
    pub(super) _linux_parameters: Option<IgnoredAny>,
    #[serde(rename = "mountPoints")]
    pub(super) _mount_points: Option<IgnoredAny>,
    #[serde(rename = "privileged")]
    pub(super) _privileged: Option<IgnoredAny>,
    #[serde(rename = "pseudoTerminal")]
    pub(super) _pseudo_terminal: Option<IgnoredAny>,
    #[serde(rename = "readonlyRootFilesystem")]
    pub(super) _readonly_root_filesystem: Option<IgnoredAny>,
    #[serde(rename = "resourceRequirements")]
    pub(super) _resource_requirements: Option<IgnoredAny>,
    #[serde(rename = "restartPolicy")]
    pub(super) _restart_policy: Option<IgnoredAny>,
    #[serde(rename = "startTimeout")]
    pub(super) _start_timeout: Option<IgnoredAny>,
    pub(super) stop_timeout: Option<i64>,
    #[serde(rename = "systemControls")]
    pub(super) _system_controls: Option<IgnoredAny>,
    #[serde(rename = "ulimits")]
    pub(super) _ulimits: Option<IgnoredAny>,
    #[serde(rename = "user")]
    pub(super) _user: Option<IgnoredAny>,
    #[serde(rename = "versionConsistency")]
    pub(super) _version_consistency: Option<IgnoredAny>,
    #[serde(rename = "volumesFrom")]
    pub(super) _volumes_from: Option<IgnoredAny>,
    #[serde(rename = "workingDirectory")]
    pub(super) _working_directory: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Credentials {
    pub(super) credentials_parameter: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Reference {
    pub(super) name: String,
    pub(super) value_from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Variable {
    pub(super) name: Option<String>,
    pub(super) value: Option<Hidden>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvironmentFile {
    pub(super) value: String,
    #[serde(rename = "type")]
    pub(super) _kind: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Log {
    pub(super) log_driver: String,
    pub(super) options: Option<IndexMap<String, Hidden>>,
    pub(super) secret_options: Option<Vec<Reference>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Port {
    pub(super) container_port: Option<i64>,
    pub(super) host_port: Option<i64>,
    pub(super) protocol: Option<String>,
    #[serde(rename = "name")]
    pub(super) _name: Option<IgnoredAny>,
    #[serde(rename = "appProtocol")]
    pub(super) _app_protocol: Option<IgnoredAny>,
    #[serde(rename = "containerPortRange")]
    pub(super) _container_port_range: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Dependency {
    pub(super) container_name: String,
    pub(super) condition: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GivenVolume {
    pub(super) name: Option<String>,
    pub(super) efs_volume_configuration: Option<Efs>,
    #[serde(rename = "host")]
    pub(super) _host: Option<IgnoredAny>,
    #[serde(rename = "configuredAtLaunch")]
    pub(super) _configured_at_launch: Option<IgnoredAny>,
    #[serde(rename = "dockerVolumeConfiguration")]
    pub(super) _docker_volume_configuration: Option<IgnoredAny>,
    #[serde(rename = "fsxWindowsFileServerVolumeConfiguration")]
    pub(super) _fsx_windows_file_server_volume_configuration: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Efs {
    pub(super) file_system_id: String,
    pub(super) authorization_config: Option<EfsAuthorization>,
    #[serde(rename = "rootDirectory")]
    pub(super) _root_directory: Option<IgnoredAny>,
    #[serde(rename = "transitEncryption")]
    pub(super) _transit_encryption: Option<IgnoredAny>,
    #[serde(rename = "transitEncryptionPort")]
    pub(super) _transit_encryption_port: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EfsAuthorization {
    pub(super) access_point_id: Option<String>,
    #[serde(rename = "iam")]
    pub(super) _iam: Option<IgnoredAny>,
}

/// A text that may be secret: not even an error repeats it.
pub(super) struct Hidden(pub(super) String);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(from)? {
            serde_json::Value::String(text) => Ok(Hidden(text)),
            _ => Err(D::Error::custom("this value must be a string")),
        }
    }
}
