//! The task's network interface.

pub mod eni_provisioning_failed;
pub mod eni_quota_exceeded;
pub mod network_resource_missing;
pub mod subnet_out_of_addresses;
