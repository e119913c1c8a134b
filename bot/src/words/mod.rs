//! Plain words to a question: what somebody in an incident channel means. It asks nothing and nobody, and what it cannot read it says so of.
//!
//! A text is made `plain` and searched for what was `pasted`; the rest is taken apart into `token`s, each of which is an `atom` with all that
//! it may be (`names`, `vocabulary`), of which its place makes one thing (`role`); these together name something (`meant`), and the words
//! around them say what is wanted (`intent`). Every word must be accounted for: one that is not makes a choice of the answer, or none.

mod atom;
mod intent;
mod meant;
mod names;
mod pasted;
mod plain;
mod refusal;
mod role;
#[cfg(test)]
mod tests;
mod token;
mod vocabulary;

use intent::Intent;
use meant::Meant;
use names::Names;

/// What somebody wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Why one thing failed.
    Why(Named),
    /// What fails now, in these clusters; none: in all that the channel may ask about.
    Failing(Scope),
    /// What a stop reason, an event or the JSON of describe-tasks says.
    Explain(String),
    /// How to ask.
    Help,
}

/// A thing that is named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// A task's id or ARN, a service's name or ARN, `cluster/name`, or a console link: what `ecs_why_core::target::Target::parse` reads.
    pub name: String,
    /// The cluster, if it is named beside it.
    pub cluster: Option<String>,
    /// The account, if it is named: by its name in the configuration, or by its twelve digits.
    pub account: Option<String>,
    /// The region, if it is named.
    pub region: Option<String>,
}

/// Where something may fail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The clusters by their names.
    pub clusters: Vec<String>,
    /// The account, if it is named: by its name in the configuration, or by its twelve digits.
    pub account: Option<String>,
    /// The region, if it is named.
    pub region: Option<String>,
}

/// The names that are known where it was said: they tell a cluster from a service, and a typing error from another name.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Clusters that the channel may ask about, as far as they are known.
    pub clusters: Vec<String>,
    /// Services, as `cluster/service`, as far as they are known.
    pub services: Vec<String>,
    /// Accounts of the configuration.
    pub accounts: Vec<String>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// One question.
    Clear(Question),
    /// One of these, and nobody but who asked knows which: at most five.
    Unclear(Vec<Question>),
    /// Nothing that can be answered.
    Unread,
}

/// More of a text is not looked at, not even for what was pasted.
const MOST_PASTED: usize = 64 * 1024;
/// A longer text is no sentence of a person: only what was pasted counts.
const MOST_WORDS: usize = 4 * 1024;

/// Reads a mention or a direct message.
pub fn read(text: &str, known: &Known) -> Reading {
    let plain = plain::plain(plain::start(text, MOST_PASTED));
    if plain.trim().is_empty() {
        return Reading::Clear(Question::Help);
    }
    understand(&plain, known, "")
}

/// Reads what stands behind a slash command: the question is why, and nothing is what fails now.
pub fn command(text: &str, known: &Known) -> Reading {
    let plain = plain::plain(plain::start(text, MOST_PASTED));
    match plain.trim().to_ascii_lowercase().as_str() {
        "" => Reading::Clear(Question::Failing(Scope::default())),
        "help" | "usage" | "?" | "--help" | "-h" => Reading::Clear(Question::Help),
        _ => understand(&plain, known, "why "),
    }
}

fn understand(plain: &str, known: &Known, asked: &str) -> Reading {
    if let Some(json) = pasted::json(plain) {
        return Reading::Clear(Question::Explain(json.to_owned()));
    }
    let names = Names::of(known);
    let targets = pasted::targets(plain);
    let reason = pasted::reason(plain);
    let named = targets.iter().any(|one| matches!(one, Question::Why(_)));
    if named || !targets.is_empty() && reason.is_none() {
        let around = pasted::without_targets(plain);
        let refused =
            around.len() <= MOST_WORDS && said(&format!("{asked}{around}"), &names).is_some_and(|said| said.refused);
        return if refused { Reading::Unread } else { intent::choice(targets) };
    }
    if let Some(reason) = reason {
        return explain(reason, &names, asked);
    }
    if plain.len() > MOST_WORDS {
        return Reading::Unread;
    }
    said(&format!("{asked}{plain}"), &names).map_or(Reading::Unread, |said| said.reading)
}

/// What a sentence says, as far as it matters beside something that was pasted.
struct Said {
    reading: Reading,
    asks_why: bool,
    refused: bool,
    /// It names something beyond doubt.
    names: bool,
    /// It asks about all of something.
    quantified: bool,
    /// It is short, and each of its words is known.
    plain: bool,
}

fn said(text: &str, names: &Names) -> Option<Said> {
    let sentence = token::sentence(text);
    let atoms = atom::atoms(&sentence.tokens, names)?;
    let roles = role::roles(&atoms, names);
    let meant = Meant::of(&atoms, &roles, names);
    let intent = Intent::of(&atoms, &roles, sentence.asks);
    Some(Said {
        reading: intent.reading(&meant),
        asks_why: intent.asks_why(),
        refused: intent.refuses(),
        names: !meant.only_perhaps(),
        quantified: intent.quantifies(&meant),
        plain: atoms.len() <= 8 && meant.strays.is_empty(),
    })
}

/// Whether a piece of a text has a word that asks for a reason.
fn asks_why(text: &str) -> bool {
    let tokens = token::sentence(plain::start(text, MOST_WORDS)).tokens;
    let senses = |at: usize| tokens.get(at).map(|one| vocabulary::senses(&one.low)).unwrap_or_default();
    let asks = ["why", "wyh", "hwy", "wtf"];
    (0..tokens.len()).any(|at| {
        asks.contains(&tokens[at].low.as_str())
            || senses(at).has(vocabulary::Sense::What) && senses(at + 1).has(vocabulary::Sense::Happen)
    })
}

/// A stop reason: what it says, unless it only tells how something failed that somebody asks about.
fn explain(reason: pasted::Reason, names: &Names, asked: &str) -> Reading {
    let explained = Question::Explain(reason.text);
    let around = format!("{asked}{}", reason.around);
    let said = if around.len() <= MOST_WORDS { said(&around, names) } else { None };
    let Some(said) = said else { return Reading::Clear(explained) };
    let questions = match said.reading {
        Reading::Clear(one) => vec![one],
        Reading::Unclear(all) => all,
        Reading::Unread if reason.loose && said.refused => return Reading::Unread,
        Reading::Unread => vec![],
    };
    let about = said.names && questions.iter().any(|one| matches!(one, Question::Why(_)));
    let failing = reason.loose && said.quantified && questions.iter().any(|one| matches!(one, Question::Failing(_)));
    match (about || failing, said.asks_why || failing || reason.loose && said.plain) {
        (true, true) => intent::choice(questions),
        (true, false) => intent::choice([questions, vec![explained]].concat()),
        (false, _) => Reading::Clear(explained),
    }
}
