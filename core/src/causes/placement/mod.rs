//! Finding a place: a cluster, an instance or Fargate, and room on it.

pub mod agent_disconnected;
pub mod api_throttled;
pub mod cluster_not_found;
pub mod deployment_configuration_blocks;
pub mod fargate_capacity_unavailable;
pub mod fargate_quota_exceeded;
pub mod fargate_zone_unsupported;
pub mod host_port_in_use;
pub mod instance_attribute_missing;
pub mod instance_eni_limit;
pub mod instance_zone_mismatch;
pub mod insufficient_cpu;
pub mod insufficient_gpu;
pub mod insufficient_memory;
pub mod launch_type_incompatible;
pub mod no_container_instances;
pub mod placement_constraint_unsatisfied;
pub mod placement_unexplained;
pub mod provisioning_limit_exceeded;
