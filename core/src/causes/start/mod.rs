//! Creating and starting the container.

pub mod entrypoint_not_found;
