//! A report as a card: what any chat can show, chosen and put in order. The platform gives it its form, and escapes every text in it.

mod answer;
mod fix;
mod markdown;
mod proof;
mod told;
mod triage;

#[cfg(test)]
pub(super) mod tests;

pub use answer::{CardWish, card};
pub use fix::fix_card;
pub use markdown::card_markdown;
pub use proof::evidence_card;
pub use triage::triage_card;

use crate::report::Outcome;

/// What a message in a chat says. Every text is as foreign as in the report: the platform's rendering escapes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// How bad it is: the colour.
    pub tone: Tone,
    /// The line that is read first.
    pub title: String,
    /// The rest, in order.
    pub blocks: Vec<CardBlock>,
    /// What it cost, how old it is.
    pub footer: Option<String>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It failed.
    Bad,
    /// It hangs, or nobody can tell.
    Unsure,
    /// Somebody wanted it so, or it is only told.
    Plain,
    /// It is well.
    Good,
}

impl Tone {
    /// How bad an outcome is.
    pub fn of(outcome: Outcome) -> Tone {
        match outcome {
            Outcome::Failed => Tone::Bad,
            Outcome::Hanging | Outcome::Undetermined => Tone::Unsure,
            Outcome::StoppedDeliberately => Tone::Plain,
            Outcome::Completed | Outcome::Running | Outcome::Sound => Tone::Good,
        }
    }
}

/// A card that only says something: an error, a hint, what goes on.
pub fn note(title: impl Into<String>, text: impl Into<String>, tone: Tone) -> Card {
    let text: String = text.into();
    let blocks = if text.trim().is_empty() { vec![] } else { vec![CardBlock::Prose(text)] };
    Card { tone, title: title.into(), blocks, footer: None }
}

/// A piece of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardBlock {
    /// What comes next is about this.
    Heading(String),
    /// Sentences.
    Prose(String),
    /// Names and states, in small print.
    Aside(String),
    /// Several of a kind.
    Items(Vec<String>),
    /// Several in an order: they are numbered.
    Steps(Vec<String>),
    /// Short facts, each with what it is of.
    Fields(Vec<(String, String)>),
    /// What somebody else said.
    Quote(String),
    /// Lines of a log.
    Lines(Vec<String>),
    /// What can be run in a shell: never cut in the middle; what has no room is left out, and said to be.
    Commands(Vec<String>),
    /// An address of ours or of AWS's documentation.
    Link {
        /// What is read.
        text: String,
        /// Where it leads.
        address: String,
    },
}
