//! The image and its repository.

pub mod disk_full;
pub mod ecr_kms_denied;
pub mod image_archived;
pub mod image_digest_not_found;
pub mod image_expired_by_lifecycle_policy;
pub mod image_layer_unavailable;
pub mod image_manifest_unsupported;
pub mod image_platform_mismatch;
pub mod image_pull_timed_out;
pub mod image_tag_not_found;
pub mod image_uri_malformed;
pub mod image_wrong_account;
pub mod image_wrong_region;
pub mod kubelet_pull_throttled;
pub mod pull_through_cache_failed;
pub mod registry_credentials_rejected;
pub mod registry_rate_limited;
pub mod registry_tls_untrusted;
pub mod registry_token_expired;
pub mod registry_unavailable;
pub mod repository_not_found;
pub mod repository_policy_denied;
mod told;
