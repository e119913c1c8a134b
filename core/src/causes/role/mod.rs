//! The roles: whether ECS may use them, and what they may do.

pub(crate) mod denied;
pub mod ecr_auth_denied;
pub mod ecr_pull_denied;
pub mod execution_role_missing;
pub mod execution_role_not_assumable;
mod near_miss;
