//! What a check advises apart from faults: each one thing that would make the next failure less likely, in one file with
//! its page. It is judged from the same facts as the causes; what is not known is not advised, and nothing here changes
//! the outcome of a check.

mod catalogue;
mod critical_findings;
mod endpoints_incomplete;
mod image_far_away;
mod image_not_pinned;
mod image_not_scanned;
mod image_tag_latest;
mod image_will_expire;
mod not_managed_as_code;
mod prelude;
mod public_image_anonymous;
mod role_too_wide;
mod roles_shared;
mod secret_without_full_arn;
mod tags_mutable;

pub use catalogue::{DynAdvice, all, find, page};

use crate::case::Case;
use crate::evidence::{Facts, Source};
use crate::model::Unknown;

/// One piece of advice. Pure: the same case and facts give the same.
pub trait Advice: Sync {
    /// Its id, which keeps its meaning.
    const ID: &'static str;
    /// What to do, in a line.
    const TITLE: &'static str;
    /// The questions that it reads; reading another one is a bug that fails at once.
    const READS: &'static [&'static [Source]];

    /// Whether it is to be given, and about what.
    ///
    /// # Errors
    /// When that is not known: then nothing is said.
    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> Advised;
}

/// Advice on what was seen; none if all is as it should be.
pub type Advised = Result<Option<Tip>, Unknown>;

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tip {
    /// One sentence.
    pub explanation: String,
    /// What it is about, most specific first.
    pub resources: Vec<String>,
    /// Commands that do it, each complete by itself.
    pub commands: Vec<String>,
}

impl Tip {
    /// Advice on these resources.
    pub fn on<S: Into<String>>(resources: impl IntoIterator<Item = S>) -> Self {
        Tip { resources: resources.into_iter().map(Into::into).collect(), ..Tip::default() }
    }

    /// Says what was seen, in one sentence.
    pub fn because(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = explanation.into();
        self
    }

    /// Names commands that do it.
    pub fn by(mut self, commands: Vec<String>) -> Self {
        self.commands = commands;
        self
    }
}

#[cfg(test)]
pub(crate) mod trial {
    //! What a piece of advice says of a fixture.

    use super::{Tip, find};
    use crate::causes::fixture::Fixture;
    use crate::evidence::{Facts, Question};

    /// The tip that is given on a launch, as a check.
    pub(crate) fn tip(id: &str, fixture: &Fixture) -> Option<Tip> {
        let fixture = fixture.clone().check();
        let facts = Facts::new(&fixture.evidence);
        find(id).expect("it is in the catalogue").give(&fixture.case(), &facts).0.ok().flatten()
    }

    /// Without this answer nothing is said.
    #[track_caller]
    pub(crate) fn silent_without(id: &str, fixture: &Fixture, question: &Question) {
        assert!(tip(id, fixture).is_some(), "{id} is not given at all");
        assert_eq!(tip(id, &fixture.clone().gap(question.clone())), None, "{id} without {question:?}");
    }
}
