//! Answers that are kept, each with its time.

use super::question::{Known, Question};
use crate::model::Moment;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is known.
    Known(Known),
    /// It is known not to be there.
    Absent,
    /// It could not be read.
    Gap(Gap),
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The kind of reason.
    pub reason: GapReason,
    /// What AWS said (foreign text), or what is to be known of it.
    pub detail: String,
}

/// The kinds of gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The credentials may not read it.
    Denied,
    /// AWS refused too many requests, for longer than we wait.
    Throttled,
    /// AWS did not answer.
    Unreachable,
    /// The service does not know the action, or it is in another account.
    Unsupported,
    /// AWS keeps it no longer.
    Expired,
    /// Nobody asked: only a message was given, or the user said not to.
    NotAsked,
}

impl GapReason {
    /// The reason as reports print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            GapReason::Denied => "denied",
            GapReason::Throttled => "throttled",
            GapReason::Unreachable => "unreachable",
            GapReason::Unsupported => "unsupported",
            GapReason::Expired => "expired",
            GapReason::NotAsked => "not-asked",
        }
    }
}

/// An answer with the time at which it was true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The answer.
    pub answer: Answer,
    /// When it was read.
    pub at: Moment,
}

/// All answers of one account, each question once. Answers are shared: a copy for a proof, or for one task of many, is cheap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    answers: IndexMap<Question, Arc<Kept>>,
}

impl Evidence {
    /// No answers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps an answer. The first one counts: an account is read once.
    pub fn keep(&mut self, question: Question, kept: impl Into<Arc<Kept>>) {
        self.answers.entry(question).or_insert_with(|| kept.into());
    }

    /// Puts another answer in the place of one, or a first one: for changes laid over.
    pub fn replace(&mut self, question: Question, kept: Kept) {
        self.answers.insert(question, Arc::new(kept));
    }

    /// Takes an answer away, as if it had never been asked.
    pub fn forget(&mut self, question: &Question) {
        self.answers.shift_remove(question);
    }

    /// What became of a question; none if it was not asked.
    pub fn get(&self, question: &Question) -> Option<&Kept> {
        self.answers.get(question).map(AsRef::as_ref)
    }

    /// All answers, in the order in which they were kept.
    pub fn iter(&self) -> impl Iterator<Item = (&Question, &Kept)> {
        self.answers.iter().map(|(question, kept)| (question, kept.as_ref()))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }
}
