//! Checks of a task that runs.

pub mod container_health_check_failed;
pub mod health_check_grace_period_too_short;
pub mod health_check_port_unreachable;
pub mod health_check_wrong_status;
pub mod load_balancer_health_check_failed;
pub mod load_balancer_zone_disabled;
pub mod service_connect_unhealthy;
pub mod target_group_missing;
