//! The stop as it is known, before anything is read out of it.

use indexmap::IndexMap;

use crate::model::Moment;

/// What is known of a stop (the task and its containers), or of one pasted message.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Stop {
    /// ECS's code; an open list.
    pub stop_code: Option<String>,
    /// The task's `stoppedReason`, or the message.
    pub reason: Option<String>,
    /// Its containers, in the order of the API.
    pub containers: Vec<ContainerStop>,
    /// Where it ran.
    pub launch: Option<Launch>,
    /// Where the text stood.
    pub field: Option<Field>,
    /// When the task entered PENDING.
    pub created: Option<Moment>,
    /// When its first pull began.
    pub pull_started: Option<Moment>,
    /// When its last pull ended, also in failure.
    pub pull_stopped: Option<Moment>,
    /// When it was RUNNING.
    pub started: Option<Moment>,
    /// When it was wanted stopped.
    pub stopping: Option<Moment>,
    /// When it was STOPPED.
    pub stopped: Option<Moment>,
    /// When its first essential container ended (Fargate sets it on failed pulls, too).
    pub execution_stopped: Option<Moment>,
    /// What was told beside the texts (`cluster`, `service`, `deployment` ...), by the names of the facts.
    pub known: IndexMap<String, serde_json::Value>,
}

/// What is known of one container of a stopped task.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ContainerStop {
    /// Its name in the task definition.
    pub name: Option<String>,
    /// Whether its end ends the task; from the task definition, so often not known.
    pub essential: Option<bool>,
    /// ECS's text.
    pub reason: Option<String>,
    /// Its exit code; absent if it never ran.
    pub exit_code: Option<i64>,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub health: Option<String>,
    /// The image as the definition names it.
    pub image: Option<String>,
    /// The digest that was pulled.
    pub image_digest: Option<String>,
}

/// Where a task runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Launch {
    /// On Fargate.
    Fargate,
    /// On container instances.
    Ec2,
    /// On machines of one's own.
    External,
    /// A pod of Amazon EKS, not a task.
    Eks,
}

/// Where a text stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// A task's `stoppedReason`.
    StoppedReason,
    /// A container's `reason`.
    ContainerReason,
    /// A message of a service.
    ServiceEvent,
    /// A failure or exception of RunTask, StartTask or CreateService.
    RunTaskFailure,
    /// A line of the agent's or Docker's log, or another API's answer.
    AgentLog,
    /// An event of Kubernetes.
    KubeletEvent,
    /// An event of EventBridge.
    TaskStateChangeEvent,
    /// Nothing but an exit code.
    ExitCode,
}
