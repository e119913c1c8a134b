//! Secrets and parameters.

pub mod secret_access_denied;
pub mod secret_not_found;
