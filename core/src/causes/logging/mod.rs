//! The log driver.

pub mod log_group_missing;
