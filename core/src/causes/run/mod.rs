//! The application itself.

mod told;
pub mod application_error;
pub mod out_of_memory;
