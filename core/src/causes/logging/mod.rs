//! The log driver.

pub mod log_configuration_invalid;
pub mod log_group_missing;
pub mod log_permission_denied;
