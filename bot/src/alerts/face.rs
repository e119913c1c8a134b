//! What a thread looks like: the answer's card, with how many tasks it is about, and whether it is over.

use super::Diagnose;
use super::owner::Whose;
use crate::platform::Message;
use crate::store::{KeptReport, Thread};
use ecs_why_core::model::Moment;
use ecs_why_core::render::{Card, CardBlock, CardWish, Tone, card, note};
use ecs_why_core::report::Report;

/// The card of one thread.
pub fn one(thread: &Thread, kept: Option<&KeptReport>, diagnose: &dyn Diagnose, now: Moment) -> Message {
    let report = kept.and_then(|kept| Report::parse(&kept.report).ok());
    let said = said(thread);
    let mut message = match (kept, &report) {
        (Some(kept), Some(report)) => {
            let card = card(report, &CardWish { now: Some(now), said });
            Message { card, buttons: diagnose.buttons(&kept.id, report) }
        }
        // Its report was too old to be kept.
        _ => Message::of(note(&thread.title, said.join(" "), Tone::Bad)),
    };
    if thread.closed.is_some() {
        message.card.tone = Tone::Good;
        message.card.title = format!("Over: {}", message.card.title);
    }
    message
}

/// The card of many threads: the newest of them, those that last first.
pub fn many(threads: &[Thread], all: u64) -> Message {
    let open = threads.iter().any(|thread| thread.closed.is_none());
    let line = |thread: &Thread| {
        let name = name(thread);
        let over = thread.closed.map(|at| format!(" Well again since {}.", clock(at))).unwrap_or_default();
        format!("{name}: {}. {}{over}", thread.title, count(thread))
    };
    let mut blocks = vec![
        CardBlock::Prose(
            "More failed at once than this channel should get cards for. Ask about one of them to see why.".into(),
        ),
        CardBlock::Items(threads.iter().map(line).collect()),
    ];
    let more = all.saturating_sub(threads.len() as u64);
    if more > 0 {
        blocks.push(CardBlock::Aside(format!("and {more} more")));
    }
    let title = match all {
        1 => "One more failure".to_owned(),
        all => format!("{all} more failures"),
    };
    let tone = if open { Tone::Bad } else { Tone::Good };
    Message::of(Card { tone, title, blocks, footer: None })
}

/// How many tasks, since when, whether it is over, and what is known from before.
fn said(thread: &Thread) -> Vec<String> {
    let mut all = vec![];
    if let Some(at) = thread.closed {
        let after = minutes(thread.first, at);
        all.push(match (&thread.how, thread.rolled_back) {
            (Some(how), true) => format!(
                "{} is well again since {}, {after} after the first stop ({how}), on the deployment before: ECS rolled back the \
                 one that failed.",
                name(thread),
                clock(at)
            ),
            (Some(how), false) => {
                format!("{} is well again since {}, {after} after the first stop: {how}.", name(thread), clock(at))
            }
            (None, _) => format!("Nothing more was heard of it since {}.", clock(thread.last)),
        });
    } else if thread.rolled_back {
        all.push("ECS is going back to the deployment before.".to_owned());
    }
    all.push(count(thread));
    match thread.again {
        0 => {}
        1 => all.push("It failed again soon after it was well.".to_owned()),
        times => all.push(format!("It failed again {times} times soon after it was well.")),
    }
    all.extend(thread.memory.clone());
    all
}

fn count(thread: &Thread) -> String {
    match thread.tasks {
        0 => format!("Told by the service itself at {}.", clock(thread.last)),
        1 => format!("One task stopped, at {}.", clock(thread.first)),
        many => {
            format!("{many} tasks stopped, the first at {}, the last at {}.", clock(thread.first), clock(thread.last))
        }
    }
}

fn name(thread: &Thread) -> String {
    Whose::parse(&thread.owner).map_or_else(|| "it".to_owned(), |whose| whose.name())
}

fn clock(at: Moment) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn minutes(from: Moment, to: Moment) -> String {
    crate::memory::span(to.as_second().saturating_sub(from.as_second()))
}
