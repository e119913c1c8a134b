//! Why an Amazon ECS task did not start, or stopped: the evidence, the one cause, and the fix that is proved.

pub mod account;
pub mod advice;
pub mod brief;
pub mod case;
pub mod causes;
pub mod change;
pub mod diagnosis;
pub mod error;
pub mod evidence;
pub mod given;
pub mod iam;
pub mod image;
pub mod launch;
pub mod listing;
pub mod model;
pub mod network;
pub mod recorded;
pub mod render;
pub mod report;
pub mod settings;
pub mod symptom;
pub mod target;
pub mod triage;
