//! Our own words: help, refusals, what goes on. What a report says is core's.

use super::choice::Choices;
use crate::platform::{Button, Message, PICK};
use crate::source::{Trouble, What};
use ecs_why_core::render::{Card, CardBlock, Tone, note};
use ecs_why_core::report::{Report, TargetKind};
use std::time::Duration;

/// What is said while it takes a moment.
pub fn looking(about: &str, before: usize) -> Message {
    let text = match before {
        0 => String::new(),
        1 => "One question is before this one.".to_owned(),
        many => format!("{many} questions are before this one."),
    };
    Message::of(note(format!("Looking at {about} …"), text, Tone::Plain))
}

/// How to ask.
pub fn help() -> Message {
    let card = Card {
        tone: Tone::Plain,
        title: "Ask me why an ECS task stopped".to_owned(),
        blocks: vec![CardBlock::Items(examples()), CardBlock::Aside(READ_ONLY.to_owned())],
        footer: None,
    };
    Message { card, buttons: vec![list()] }
}

/// All names, to choose one.
fn list() -> Button {
    Button { label: "Or choose a service".to_owned(), value: PICK.to_owned() }
}

/// Nothing was read.
pub fn unread() -> Message {
    let card = Card {
        tone: Tone::Plain,
        title: "I cannot read a question in that".to_owned(),
        blocks: vec![CardBlock::Prose("Ask me as in these examples:".to_owned()), CardBlock::Items(examples())],
        footer: None,
    };
    Message { card, buttons: vec![list()] }
}

const READ_ONLY: &str = "I read the account and change nothing in it.";

fn examples() -> Vec<String> {
    [
        "why did task 0123abcd stop",
        "what happened to payments in prod",
        "/why prod/payments",
        "/why (alone): what fails now",
        "or paste a stop reason, an event, the JSON of describe-tasks, an ARN, or a link to the ECS console",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Somebody asks too often.
pub fn too_many(wait: Duration) -> Message {
    let seconds = wait.as_secs() + 1;
    Message::of(note("That was too many questions", format!("Ask again in {seconds} s."), Tone::Plain))
}

/// Somebody may not ask.
pub fn refused(why: &str) -> Message {
    Message::of(note("I cannot answer that", why, Tone::Plain))
}

/// Why there is no answer.
pub fn trouble(trouble: &Trouble) -> Message {
    let mut blocks = vec![CardBlock::Prose(trouble.text.clone())];
    blocks.extend(trouble.statement.clone().map(|statement| CardBlock::Lines(vec![statement])));
    let tone = if trouble.what == What::Ours { Tone::Bad } else { Tone::Unsure };
    Message::of(Card { tone, title: trouble.title.clone(), blocks, footer: None })
}

/// Several things may be meant.
pub fn which(id: &str, choices: &Choices) -> Message {
    let card = note("Which of them do you mean?", "I look at nothing before you choose.", Tone::Plain);
    Message { card, buttons: choices.buttons(id) }
}

/// Nothing has that name; some have one like it.
pub fn near(name: &str, id: &str, choices: &Choices) -> Message {
    let mut message = trouble(&Trouble::not_found(name));
    message.card.blocks.insert(0, CardBlock::Prose("Did you mean one of these?".to_owned()));
    message.buttons = choices.buttons(id);
    message
}

/// An answer was interrupted.
pub fn interrupted() -> Message {
    Message::of(note("Interrupted by a restart", "I will go on when I am back.", Tone::Plain))
}

/// A question that could not be answered in several tries.
pub fn given_up() -> Message {
    let text =
        "I have tried it several times, and each time something went wrong. Whoever runs me finds more in my log.";
    Message::of(note("I give up on this question", text, Tone::Bad))
}

/// A button of something that is gone.
pub fn old_button() -> Message {
    Message::of(note("That report is no longer kept", "Ask anew, and I look again.", Tone::Plain))
}

/// Somebody called an answer wrong.
pub fn thanks(to: Option<&str>) -> Message {
    let text = match to {
        Some(_) => {
            "The evidence is kept as a case, with account ids, addresses of people and public addresses replaced, and whoever owns \
                    me will look at it. What should it have said? A line in this thread helps."
        }
        None => {
            "Nobody is named in my configuration who would look at it: tell whoever runs me what it should have said."
        }
    };
    Message::of(note("Thank you", text, Tone::Plain))
}

/// What can be pressed under an answer.
pub fn buttons(id: &str, report: &Report) -> Vec<Button> {
    let button = |label: &str, verb: &str| Button { label: label.to_owned(), value: format!("{verb}:{id}") };
    let mut all = vec![button("Evidence", "evidence")];
    if !report.fixes.is_empty() {
        all.push(button("Fix", "fix"));
    }
    // A text has no state that could have changed.
    if report.target.kind != TargetKind::Message {
        all.push(button("Check again", "again"));
    }
    all.push(button("Wrong?", "wrong"));
    all
}
