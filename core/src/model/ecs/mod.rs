//! What ECS tells of tasks, services and definitions, without what is secret: see [`super::Digest`].

mod definition;
mod place;
mod recorded;
mod service;
mod task;

pub use definition::{ContainerDefinition, LogConfiguration, SecretReference, TaskDefinition, Volume};
pub use place::{Cluster, ContainerInstance, Identity};
pub use recorded::{ECS_EVENTS, EventLog, RecordedTask, TASK_STATE_CHANGE, captured_in, takes_task_changes};
pub use service::{Deployment, NetworkConfiguration, Service, ServiceDeployment, ServiceEvent, ServiceRevision};
pub use task::{Attachment, Overrides, Task, TaskContainer, TaskInterface, TaskPage, TaskTimes};
