//! What a launch needs, read from the evidence: which services, which rights, which way.
//!
//! Between the pure rules (`iam`, `network`, `image`) and the causes: it fetches what the rules want to know, asks them,
//! and judges nothing.

pub mod calls;
pub mod elsewhere;
pub mod endpoint_policy;
pub mod env_files;
pub mod image_size;
pub mod images;
pub mod keys;
pub mod logs;
pub mod needs;
pub mod platform;
pub mod pullers;
pub mod roles;
pub mod secrets;
pub mod since;
pub mod steps;
mod surroundings;
pub mod ways;
pub mod witness;
pub mod wrong_role;
