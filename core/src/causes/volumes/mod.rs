//! File systems and volumes of the task.

pub mod ebs_volume_failed;
pub mod efs_access_denied;
pub mod efs_dns_failed;
pub mod efs_mount_target_unreachable;
pub mod efs_not_found;
pub mod ephemeral_storage_timed_out;
pub mod volume_configuration_invalid;
