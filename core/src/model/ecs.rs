//! What ECS tells of tasks, services and definitions, without what is secret: see [`Digest`].

use super::{Digest, Moment};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Twelve digits.
    pub account: String,
    /// The principal's ARN.
    pub arn: String,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `INACTIVE` ...
    pub status: String,
    /// Container instances that are registered.
    pub instances: i64,
}

/// A task. <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// The ARN of its cluster.
    pub cluster: String,
    /// The ARN of the revision that it was made from.
    pub definition: String,
    /// `service:NAME`, `family:NAME` ...
    pub group: Option<String>,
    /// The deployment's id for a task of a service; anything for others.
    pub started_by: Option<String>,
    /// `PENDING`, `RUNNING`, `STOPPED` ...
    pub last_status: String,
    /// `RUNNING` or `STOPPED`.
    pub desired_status: Option<String>,
    /// `FARGATE`, `EC2`, `EXTERNAL`, `MANAGED_INSTANCES`.
    pub launch_type: Option<String>,
    /// The capacity provider, if one was used.
    pub capacity_provider: Option<String>,
    /// Fargate's platform version, as in `1.4.0`.
    pub platform_version: Option<String>,
    /// `Linux`, `Windows_Server_2022_Core` ...
    pub platform_family: Option<String>,
    /// The zone that it was placed in.
    pub zone: Option<String>,
    /// The container instance that it was placed on.
    pub container_instance: Option<String>,
    /// Why it stopped, as a closed list that is open in practice.
    pub stop_code: Option<String>,
    /// Why it stopped, in words (foreign text).
    pub stopped_reason: Option<String>,
    /// CPU units of the task.
    pub cpu: Option<String>,
    /// MiB of the task.
    pub memory: Option<String>,
    /// `HEALTHY`, `UNHEALTHY`, `UNKNOWN`.
    pub health: Option<String>,
    /// Its moments.
    pub times: TaskTimes,
    /// Its containers.
    pub containers: Vec<TaskContainer>,
    /// Its network interface, as ECS remembers it.
    pub interface: Option<TaskInterface>,
    /// Other attachments: type, status and reason (volumes ...).
    pub attachments: Vec<Attachment>,
    /// What the caller of RunTask changed.
    pub overrides: Overrides,
}

/// The moments of a task; each is absent until it has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskTimes {
    /// The task was made.
    pub created: Option<Moment>,
    /// Images began to be pulled.
    pub pull_started: Option<Moment>,
    /// Images were there.
    pub pull_stopped: Option<Moment>,
    /// All containers ran.
    pub started: Option<Moment>,
    /// It was told to stop.
    pub stopping: Option<Moment>,
    /// Its containers ended; no proof that one ran.
    pub execution_stopped: Option<Moment>,
    /// It was cleaned up.
    pub stopped: Option<Moment>,
}

/// A container of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskContainer {
    /// Its name in the definition.
    pub name: String,
    /// The image as written.
    pub image: Option<String>,
    /// The digest that was pulled.
    pub digest: Option<String>,
    /// `STOPPED` ...
    pub last_status: Option<String>,
    /// A proof that it ran.
    pub exit_code: Option<i64>,
    /// Foreign text.
    pub reason: Option<String>,
    /// `UNHEALTHY` ...
    pub health: Option<String>,
    /// The id that the runtime gave it.
    pub runtime_id: Option<String>,
}

/// The network interface of a task, as its attachment tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskInterface {
    /// `subnet-...`
    pub subnet: Option<String>,
    /// `eni-...`
    pub id: Option<String>,
    /// The private IPv4 address.
    pub private_ip: Option<String>,
    /// `ATTACHED`, `DELETED` ...
    pub status: Option<String>,
}

/// An attachment that is no interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// `AmazonElasticBlockStorage` ...
    pub kind: String,
    /// `ATTACHED`, `DELETED` ...
    pub status: String,
    /// Foreign text.
    pub reason: Option<String>,
}

/// What the caller changed for one task; it wins over the definition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrides {
    /// Another execution role.
    pub execution_role: Option<String>,
    /// Another task role.
    pub task_role: Option<String>,
    /// Another size.
    pub cpu: Option<String>,
    /// Another size.
    pub memory: Option<String>,
    /// By container: what else differs, as digests.
    pub containers: IndexMap<String, IndexMap<String, Digest>>,
}

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
    /// Its containers.
    pub containers: Vec<ContainerDefinition>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// When it was registered.
    pub registered_at: Option<Moment>,
    /// Who registered it.
    /// Who registered it.
    pub registered_by: Option<String>,
    /// The names of further fields that the revision has, in the spelling of the API (`ephemeralStorage` ...).
    #[serde(default)]
    pub other_fields: Vec<String>,
}

impl TaskDefinition {
    /// MiB of the task, where it has a size.
    pub fn memory_mib(&self) -> Option<i64> {
        self.memory.as_ref()?.parse().ok()
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
    /// Which containers it waits for, and for what.
    pub depends_on: Vec<(String, String)>,
    /// It has a health check of its own.
    pub has_health_check: bool,
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

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `DRAINING`, `INACTIVE`.
    pub status: String,
    /// How many tasks there should be.
    pub desired: i64,
    /// How many run.
    pub running: i64,
    /// How many are on their way.
    pub pending: i64,
    /// The launch type, if no capacity provider is used.
    pub launch_type: Option<String>,
    /// The revision that it should run.
    pub definition: String,
    /// Today's network settings.
    pub network: Option<NetworkConfiguration>,
    /// Its deployments, the primary one first.
    pub deployments: Vec<Deployment>,
    /// Its events, the newest first, foreign text.
    pub events: Vec<ServiceEvent>,
    /// It has a load balancer.
    pub target_groups: Vec<String>,
    /// The role given to the service.
    pub role: Option<String>,
    /// The deployment circuit breaker is on.
    pub circuit_breaker: bool,
    /// When it was made.
    pub created: Option<Moment>,
}

/// The network settings of tasks in `awsvpc` mode.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkConfiguration {
    /// Subnets, of which each task gets one.
    pub subnets: Vec<String>,
    /// Groups; none is the VPC's default group.
    pub security_groups: Vec<String>,
    /// Each task gets a public address.
    pub public_ip: bool,
}

/// A deployment of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// `ecs-svc/...`, the `startedBy` of its tasks.
    pub id: String,
    /// `PRIMARY`, `ACTIVE`, `INACTIVE`.
    pub status: String,
    /// Its revision.
    pub definition: String,
    /// How many tasks there should be.
    pub desired: i64,
    /// How many run.
    pub running: i64,
    /// How many are on their way.
    pub pending: i64,
    /// How many failed in a row.
    pub failed: i64,
    /// When it was made.
    pub created: Option<Moment>,
    /// When it last changed.
    pub updated: Option<Moment>,
    /// `IN_PROGRESS`, `COMPLETED`, `FAILED`.
    pub rollout: Option<String>,
    /// In words.
    pub rollout_reason: Option<String>,
    /// Its own network settings.
    pub network: Option<NetworkConfiguration>,
    /// Its launch type.
    pub launch_type: Option<String>,
    /// Its platform version.
    pub platform_version: Option<String>,
}

/// Something that ECS said of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// When.
    pub at: Moment,
    /// Foreign text.
    pub message: String,
}

/// A service deployment, as kept for longer than `deployments` of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceDeployment {
    /// Its ARN.
    pub arn: String,
    /// The revision of the service that it rolls out.
    pub revision: Option<String>,
    /// `SUCCESSFUL`, `STOPPED`, `ROLLBACK_SUCCESSFUL` ...
    pub status: String,
    /// In words.
    pub status_reason: Option<String>,
    /// When it was made.
    pub created: Option<Moment>,
    /// When it ended.
    pub finished: Option<Moment>,
}

/// What a deployment set out to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRevision {
    /// Its ARN.
    pub arn: String,
    /// The revision of the task definition.
    pub definition: String,
    /// Its network settings.
    pub network: Option<NetworkConfiguration>,
    /// Its launch type.
    pub launch_type: Option<String>,
    /// When it was made.
    pub created: Option<Moment>,
    /// By container: the digest that the deployment resolved.
    pub digests: IndexMap<String, String>,
}

/// A container instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerInstance {
    /// Its ARN.
    pub arn: String,
    /// The EC2 instance.
    pub instance: Option<String>,
    /// `ACTIVE`, `DRAINING` ...
    pub status: String,
    /// Its agent has a connection to ECS.
    pub agent_connected: bool,
    /// Its agent's version.
    pub agent_version: Option<String>,
}
