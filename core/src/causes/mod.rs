//! Causes: each one way in which a stage fails, in one file with its page, judgement and fixes.

#![deny(clippy::disallowed_methods)] // "not known" is passed on with `?` and never looked into

mod catalogue;
pub(crate) mod documented;
#[cfg(test)]
pub(crate) mod fixture;
mod health;
mod image;
mod lifecycle;
mod logging;
mod network;
mod placement;
mod prelude;
mod reachability;
mod role;
mod run;
mod secrets;
mod start;
mod subject;
mod told;
mod unknown;
mod volumes;

pub use catalogue::{DynCause, Judged, Permission, all, find, page, permissions};
pub use subject::{Pull, Subject, Whole};

use crate::case::Case;
use crate::change::Fix;
use crate::evidence::{Facts, Source};
use crate::model::{CauseId, Moment, Unknown};

/// One way in which a stage fails. Pure: the same case and facts give the same verdict.
pub trait Cause: Sync {
    /// What is judged: the whole case, each container, each service to reach ...
    type Subject: Subject;
    /// Its id.
    const ID: CauseId;
    /// The questions that it reads, in groups; reading another one is a bug that fails at once.
    const READS: &'static [&'static [Source]];
    /// The more general causes that this is a special case of, and takes the place of.
    const REFINES: &'static [CauseId] = &[];

    /// Whether it is at fault.
    ///
    /// # Errors
    /// When that is not known.
    fn judge(&self, subject: &Self::Subject, case: &Case<'_>, facts: &Facts<'_>) -> Judgement;

    /// What would mend it, the best first, where it is at fault.
    ///
    /// # Errors
    /// When that is not known.
    fn fixes(&self, subject: &Self::Subject, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let _ = (subject, case, facts);
        Ok(vec![])
    }
}

/// Whether the task's own containers show that one of them waited in vain for another.
pub(crate) fn waited_in_vain(case: &Case<'_>) -> bool {
    start::dependency_failed::in_vain(case).is_some()
}

/// A verdict, or that it is not known.
pub type Judgement = Result<Verdict, Unknown>;

/// Fixes, or that they are not known.
pub type Fixes = Result<Vec<Fix>, Unknown>;

/// What a cause says of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// There is nothing to ask here.
    NotApplicable,
    /// Looked at, and not at fault.
    Sound,
    /// At fault.
    Fault(Finding),
    /// Was at fault when the task died, and is not any more.
    Healed(Finding),
    /// Nothing in the account can tell: as sure as the symptom is.
    AsTold(Finding),
}

impl From<Finding> for Verdict {
    fn from(finding: Finding) -> Self {
        Verdict::Fault(finding)
    }
}

/// A cause found in a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// The service that cannot be reached.
    pub endpoint: Option<String>,
    /// Other services that the same fault bars.
    pub also: Vec<String>,
    /// The container that it is about.
    pub container: Option<String>,
    /// Most specific first: the first is the thing to change.
    pub resources: Vec<String>,
    /// One sentence that a tired reader can act on.
    pub explanation: String,
    /// How far along its path it bites: what comes first hides the rest.
    pub behind: usize,
    /// The kinds of answers that show it; empty: all that were read.
    pub shown_by: Vec<Source>,
    /// When it was mended, as far as that can be known.
    pub healed_at: Option<Moment>,
    /// A cause that says less of the same fault, and that this one takes the place of.
    pub instead_of: Option<CauseId>,
    /// Why it is not sure that this was so at the stop, although all that can be read says it.
    pub doubt: Option<String>,
}

impl Finding {
    /// A finding that names these resources, the most specific first.
    pub fn on<S: Into<String>>(resources: impl IntoIterator<Item = S>) -> Self {
        Finding { resources: resources.into_iter().map(Into::into).collect(), ..Finding::default() }
    }

    /// Says which container it is about.
    pub fn in_container(mut self, container: impl Into<String>) -> Self {
        self.container = Some(container.into());
        self
    }

    /// Says when it was mended.
    pub fn healed(mut self, at: Moment) -> Self {
        self.healed_at = Some(at);
        self
    }

    /// Says which cause it takes the place of, for the same container.
    pub fn in_place_of(mut self, general: CauseId) -> Self {
        self.instead_of = Some(general);
        self
    }

    /// Says why, in one sentence.
    pub fn because(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = explanation.into();
        self
    }
}
