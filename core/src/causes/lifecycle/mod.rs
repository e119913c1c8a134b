//! Stops that somebody or something asked for.

pub mod availability_zone_rebalanced;
pub mod deployment_rolled_back;
pub mod fargate_maintenance;
pub mod host_terminated;
pub mod instance_draining;
pub mod replaced_by_deployment;
pub mod scaled_in;
pub mod spot_interruption;
pub mod stopped_by_user;
pub mod task_protection_blocks;
mod told_by_scheduler;
