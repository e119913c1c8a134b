//! The roles: whether ECS may use them, and what they may do.

mod assumable;
pub(crate) mod denied;
pub mod ecr_auth_denied;
pub mod ecr_pull_denied;
pub mod execution_role_missing;
pub mod execution_role_not_assumable;
pub mod infrastructure_role_not_assumable;
mod near_miss;
pub mod organization_policy_denied;
pub mod service_role_changed;
pub mod task_role_not_assumable;
