//! The walk-and-ask loop: walk, ask what is missing, walk again as answers come, until a walk asks nothing new.

use crate::account::{Account, EvidenceFile};
use crate::error::Error;
use crate::report::Report;
use crate::target::Target;
use std::sync::Arc;

/// What is wanted of a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What it is about.
    pub target: Target,
    /// Look for faults without a symptom, in what the service runs now.
    pub check: bool,
    /// Read the last log lines of the guilty container.
    pub logs: bool,
}

/// Told while questions are out, for a status line.
pub trait Progress: Send + Sync {
    /// How many questions were asked, how many of them are answered, and what is being read.
    fn asked(&self, asked: usize, answered: usize, reading: &str);
}

/// Nobody watches.
pub struct Silent;

impl Progress for Silent {
    fn asked(&self, _asked: usize, _answered: usize, _reading: &str) {}
}

/// A report with the evidence that it was made from.
pub struct Diagnosis {
    /// The report.
    pub report: Report,
    /// The evidence, ready to be saved.
    pub evidence: EvidenceFile,
}

/// Answers why, over one account in one region.
pub struct Engine {
    account: Arc<dyn Account>,
    region: String,
}

impl Engine {
    /// An engine over an account.
    pub fn new(account: Arc<dyn Account>, region: impl Into<String>) -> Self {
        Engine { account, region: region.into() }
    }

    /// Why the target failed, or (for a check) whether it would start.
    ///
    /// # Errors
    /// When no report is possible; what could merely not be read is a gap in the report.
    pub async fn diagnose(&self, wish: &Wish, progress: &dyn Progress) -> Result<Diagnosis, Error> {
        let _ = (&self.account, &self.region, wish, progress);
        unimplemented!("follows")
    }
}
