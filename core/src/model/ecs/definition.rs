//! Revisions of task definitions, without what is secret.

use crate::model::{Digest, Keeper, Moment};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A revision of a task definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDefinition {
    /// Its ARN, with the revision.
    pub arn: String,
    /// Its family.
    pub family: String,
    /// Its number.
    pub revision: i64,
    /// `ACTIVE`, `INACTIVE` ...
    pub status: Option<String>,
    /// The ARN (or name) of the execution role.
    pub execution_role: Option<String>,
    /// The ARN (or name) of the task role.
    pub task_role: Option<String>,
    /// `awsvpc`, `bridge`, `host`, `none`; none is the platform's default.
    pub network_mode: Option<String>,
    /// What it says to be compatible with.
    pub requires_compatibilities: Vec<String>,
    /// CPU units of the task.
    pub cpu: Option<String>,
    /// MiB of the task.
    pub memory: Option<String>,
    /// `X86_64`, `ARM64`.
    pub cpu_architecture: Option<String>,
    /// `LINUX`, `WINDOWS_SERVER_2022_CORE` ...
    pub operating_system: Option<String>,
    /// GiB of Fargate's storage for the task, where it asks for more than it gets by itself.
    #[serde(default)]
    pub ephemeral_storage: Option<i64>,
    /// Its containers.
    pub containers: Vec<ContainerDefinition>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// When it was registered.
    pub registered_at: Option<Moment>,
    /// Who registered it.
    pub registered_by: Option<String>,
    /// The names of further fields that the revision has, in the spelling of the API (`ephemeralStorage` ...).
    #[serde(default)]
    pub other_fields: Vec<String>,
    /// Who keeps it, as its tags tell.
    #[serde(default, skip_serializing_if = "Keeper::is_untold")]
    pub keeper: Keeper,
}

impl TaskDefinition {
    /// MiB of the task, where it has a size.
    pub fn memory_mib(&self) -> Option<i64> {
        self.memory.as_ref()?.parse().ok()
    }

    /// ECS knows it; one that was given as a file has no number yet.
    pub fn is_registered(&self) -> bool {
        self.revision > 0
    }

    /// CPU units of the task, where it has a size.
    pub fn cpu_units(&self) -> Option<i64> {
        self.cpu.as_ref()?.parse().ok()
    }
}

/// A container of a definition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerDefinition {
    /// Its name.
    pub name: String,
    /// The image as written.
    pub image: String,
    /// The task ends when it ends.
    pub essential: bool,
    /// CPU units.
    pub cpu: Option<i64>,
    /// Hard limit, MiB.
    pub memory: Option<i64>,
    /// Soft limit, MiB.
    pub memory_reservation: Option<i64>,
    /// The secret of a private registry (name or ARN).
    pub repository_credentials: Option<String>,
    /// Secrets and parameters by the name of their variable: what `valueFrom` names, no value.
    pub secrets: Vec<SecretReference>,
    /// Environment variables by name, each as a digest.
    pub environment: IndexMap<String, Digest>,
    /// Environment files (ARNs of objects in S3).
    pub environment_files: Vec<String>,
    /// Its log driver.
    pub log: Option<LogConfiguration>,
    /// The command and entry point as digests.
    pub command: Option<Digest>,
    /// The entry point as a digest.
    pub entry_point: Option<Digest>,
    /// Ports: container port, host port.
    pub ports: Vec<(i64, Option<i64>)>,
    /// Those of its container ports that are UDP; the others are TCP.
    #[serde(default)]
    pub udp_ports: Vec<i64>,
    /// Seconds between the signal to end and the one that kills; none is the platform's default.
    #[serde(default)]
    pub stop_timeout: Option<i64>,
    /// Which containers it waits for, and for what.
    pub depends_on: Vec<(String, String)>,
    /// It has a health check of its own.
    pub has_health_check: bool,
    /// It is a router of FireLens; none: that was not kept.
    #[serde(default)]
    pub is_log_router: Option<bool>,
}

/// A secret or parameter that a container names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretReference {
    /// The variable's name.
    pub name: String,
    /// An ARN with or without key, stage and version, or a parameter's name.
    pub value_from: String,
}

/// A log driver with those of its options that are no secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogConfiguration {
    /// `awslogs`, `awsfirelens` ...
    pub driver: String,
    /// Options of `awslogs` that name a place (group, region, prefix, whether to create).
    pub options: IndexMap<String, String>,
    /// All other options, as digests.
    pub hidden: IndexMap<String, Digest>,
    /// Options whose values are secrets.
    pub secrets: Vec<SecretReference>,
}

/// A volume of a definition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// The EFS file system, if it is one.
    pub efs: Option<String>,
    /// The access point of EFS.
    pub efs_access_point: Option<String>,
}
