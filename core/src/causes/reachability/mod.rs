//! The way to the services that a launch needs.

mod blocked;
pub mod dns_resolution_disabled;
mod fixes;
pub mod nat_gateway_broken;
pub mod network_acl_blocked;
pub mod network_path_unexplained;
pub mod no_egress_route;
pub mod public_ip_missing;
pub mod route_blackhole;
pub mod s3_gateway_route_missing;
pub mod security_group_egress_blocked;
pub mod vpc_endpoint_missing;
pub mod vpc_endpoint_not_available;
pub mod vpc_endpoint_policy_denied;
pub mod vpc_endpoint_private_dns_disabled;
pub mod vpc_endpoint_security_group_blocked;
