//! From a target to a report: resolve, walk and ask, rank, mend, prove.

mod assemble;
mod engine;
mod explains;
mod fixes;
mod gaps;
mod headline;
mod impact;
mod message;
mod outcome;
mod path;
mod prove;
mod rank;
mod resolve;
mod walk;
mod witness;

pub use engine::{Audit, Diagnosis, Engine, Progress, Silent, Wish, audit, replay};
pub use message::explain;
