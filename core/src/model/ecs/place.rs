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
    /// TCP ports of the host that are taken, by the host itself or by tasks.
    #[serde(default)]
    pub taken_ports: Vec<i64>,
    /// UDP ports of the host that are taken.
    #[serde(default)]
    pub taken_udp_ports: Vec<i64>,
    /// Ports of either kind that the host keeps for itself (SSH, Docker, the agent).
    #[serde(default)]
    pub reserved_ports: Vec<i64>,
}
