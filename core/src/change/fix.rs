//! A fix: changes with their risk, and what a person should know before.

use super::Change;
use crate::report::Risk;

/// What would mend a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// What may go wrong.
    pub risk: Risk,
    /// The edits, in order.
    pub changes: Vec<Change>,
    /// AWS's page.
    pub docs: Option<String>,
    /// Whose account, what it costs, what to fill in.
    pub note: Option<String>,
}

impl Fix {
    /// A fix without changes yet.
    pub fn new(title: impl Into<String>, risk: Risk) -> Self {
        Fix { title: title.into(), risk, changes: vec![], docs: None, note: None }
    }

    /// Adds an edit.
    pub fn making(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// Names AWS's page.
    pub fn documented_at(mut self, docs: impl Into<String>) -> Self {
        self.docs = Some(docs.into());
        self
    }

    /// Says what a person should know before.
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Nothing that can be read changes, so that nothing can be proved.
    pub fn is_by_hand(&self) -> bool {
        self.changes.iter().all(|change| matches!(change, Change::ByHand { .. }))
    }
}
