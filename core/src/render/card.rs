//! A report as a card: what any chat can show, chosen and put in order. The platform gives it its form, and escapes every text in it.

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
