//! Why an Amazon ECS task did not start, or stopped: the evidence, the one cause, and the fix that is proved.

pub mod model;
pub mod symptom;
