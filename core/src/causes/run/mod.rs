//! The application itself.

pub mod application_completed;
pub mod application_crashed;
pub mod application_error;
pub mod killed_after_stop_timeout;
mod last_lines;
pub mod out_of_memory;
