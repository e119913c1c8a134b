//! The image and its repository.

pub mod ecr_kms_denied;
pub mod image_expired_by_lifecycle_policy;
pub mod image_tag_not_found;
pub mod repository_not_found;
pub mod repository_policy_denied;
