//! Creating and starting the container.

pub mod container_configuration_invalid;
pub mod dependency_failed;
pub mod entrypoint_not_executable;
pub mod entrypoint_not_found;
pub mod memory_limit_too_low;
pub mod pause_image_missing;
pub mod runtime_failed;
pub mod runtime_timed_out;
