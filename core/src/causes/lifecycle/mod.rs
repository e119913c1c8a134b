//! Stops that somebody or something asked for.

pub mod replaced_by_deployment;
pub mod scaled_in;
pub mod stopped_by_user;
mod told_by_scheduler;
