//! The application itself.

pub mod application_error;
pub mod out_of_memory;
pub(crate) mod told;
