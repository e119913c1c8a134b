//! What a report is about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a report is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetSection {
    /// The kind of thing.
    pub kind: TargetKind,
    /// Twelve digits.
    pub account: Option<String>,
    /// As in `us-east-1`.
    pub region: Option<String>,
    /// The cluster's name.
    pub cluster: Option<String>,
    /// The service's name.
    pub service: Option<String>,
    /// The task's ARN.
    pub task: Option<String>,
    /// `family:revision`.
    pub task_definition: Option<String>,
    /// `FARGATE`, `EC2` ...
    pub launch_type: Option<String>,
}

/// The kinds of targets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// One task.
    #[default]
    Task,
    /// A service.
    Service,
    /// A task definition.
    TaskDefinition,
    /// A pasted text or event.
    Message,
}
