//! The image and its repository.

pub mod image_expired_by_lifecycle_policy;
pub mod image_tag_not_found;
pub mod kubelet_pull_throttled;
pub mod registry_credentials_rejected;
pub mod registry_rate_limited;
pub mod registry_tls_untrusted;
pub mod registry_token_expired;
pub mod registry_unavailable;
pub mod repository_not_found;
pub mod repository_policy_denied;
