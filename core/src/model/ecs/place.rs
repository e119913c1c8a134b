//! Accounts, clusters and container instances.

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
