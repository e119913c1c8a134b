//! Why an Amazon ECS task did not start, or stopped: the evidence, the one cause, and the fix that is proved.

pub mod account;
pub mod diagnosis;
pub mod error;
pub mod evidence;
pub mod model;
pub mod render;
pub mod report;
pub mod target;
