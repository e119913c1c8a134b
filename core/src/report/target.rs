//! What a report is about.

use crate::model::Moment;
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
    /// Who registered the revision, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<RevisionSection>,
}

/// The revision that is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RevisionSection {
    /// When it was registered.
    pub registered_at: Option<Moment>,
    /// The ARN of who registered it.
    pub registered_by: Option<String>,
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
