//! The answer: why, what proves it, what mends it, and what could not be read. What the terminal says, cut down.

use super::told::{footer, labelled, link, numbered, title, unlabelled};
use super::{Card, CardBlock, Tone};
use crate::model::Moment;
use crate::render::links::Console;
use crate::render::outline::{Depth, Teller};
use crate::render::scrub::sentence;
use crate::report::{Outcome, Report};

/// What is wanted of an answer's card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardWish {
    /// What time it is: then the card says how old its evidence is.
    pub now: Option<Moment>,
    /// Sentences that the front end adds under the title: how often that happened before, how many tasks it hit.
    pub said: Vec<String>,
}

/// The answer. If the report holds what has changed since an older one ([`Report::since`]), that is said first.
pub fn card(report: &Report, wish: &CardWish) -> Card {
    let teller = Teller { report, depth: Depth::Chat };
    let mut blocks: Vec<CardBlock> = unlabelled(teller.since());
    blocks.extend(wish.said.iter().map(|said| CardBlock::Prose(sentence(said, 1_000))));
    blocks.extend(unlabelled(teller.impact()));
    blocks.extend(labelled(teller.answer()));
    blocks.extend(numbered(labelled(teller.evidence())));
    blocks.extend(labelled(teller.symptom()));
    blocks.extend(labelled(teller.fix()));
    for section in [teller.others(), teller.possible(), teller.latent(), teller.healed()] {
        blocks.extend(labelled(section));
    }
    // What passed is the whole answer where nothing failed; else it stands with the evidence.
    if matches!(report.outcome, Outcome::Sound | Outcome::Running) {
        blocks.extend(labelled(teller.ruled_out()));
    }
    for section in [teller.undecided(), teller.advice(), teller.gaps(), teller.notes(), teller.log()] {
        blocks.extend(labelled(section));
    }
    blocks.extend(page(report));
    Card { tone: Tone::of(report.outcome), title: title(report), blocks, footer: footer(report, wish.now) }
}

/// Where the console shows what it is about.
pub(super) fn page(report: &Report) -> Option<CardBlock> {
    let page = Console::of(&report.target)?.target(&report.target)?;
    Some(link("Open it in the AWS console", &page))
}
