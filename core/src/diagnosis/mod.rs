//! From a target to a report.

mod engine;
mod explains;
mod headline;
mod outcome;
mod prove;
mod rank;
mod resolve;
mod walk;

pub use engine::{Diagnosis, Engine, Progress, Silent, Wish};

use crate::account::EvidenceFile;
use crate::error::Error;
use crate::report::Report;

/// The report that an evidence file gives: the identical one.
///
/// # Errors
/// As the diagnosis that made the file.
pub fn replay(file: &EvidenceFile) -> Result<Report, Error> {
    let _ = file;
    unimplemented!("follows")
}
