//! From a target to a report: resolve, walk and ask, rank, mend, prove.

mod advise;
mod assemble;
mod engine;
mod explains;
mod fixes;
mod forgotten;
mod gaps;
mod headline;
mod hints;
mod impact;
mod message;
#[cfg(test)]
mod messages;
mod moved;
mod outcome;
mod path;
mod prove;
mod rank;
mod resolve;
mod since;
#[cfg(test)]
mod tests;
mod verify;
mod walk;
mod wish;
mod witness;

pub use engine::{Audit, Diagnosis, Engine, Progress, Silent, audit, replay};
pub(crate) use engine::{batches, is_final, thrifty_batches, walk_once};
pub use message::explain;
pub(crate) use resolve::{TASKS_READ, is_failure, stop_of_task};
pub use since::{SinceError, since};
pub use wish::Wish;
