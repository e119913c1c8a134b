//! Services, their deployments and revisions.

use crate::model::{Keeper, Moment};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

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
    /// The roles with which blue/green deployments change the load balancer.
    #[serde(default)]
    pub balancer_roles: Vec<String>,
    /// The deployment circuit breaker is on.
    pub circuit_breaker: bool,
    /// When it was made.
    pub created: Option<Moment>,
    /// Who keeps it, as its tags tell.
    #[serde(default, skip_serializing_if = "Keeper::is_untold")]
    pub keeper: Keeper,
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
    /// The roles with which ECS itself makes volumes, certificates and targets for its tasks.
    #[serde(default)]
    pub infrastructure_roles: Vec<String>,
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
