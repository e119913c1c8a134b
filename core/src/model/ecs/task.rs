//! Tasks, as ECS remembers them.

use crate::model::{Digest, Moment};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

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
    /// GiB of Fargate's storage, where ECS tells.
    #[serde(default)]
    pub ephemeral_storage: Option<i64>,
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

/// A page of a cluster's tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPage {
    /// The ids of tasks.
    pub tasks: Vec<String>,
    /// What to ask for the next page with; none on the last.
    pub next: Option<String>,
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
    /// Ports of its host that lead to it.
    #[serde(default)]
    pub host_ports: Vec<i64>,
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
