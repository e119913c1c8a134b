//! What proves the answer: all that was read, what was ruled out, what could not be read, and when what happened.

use super::told::{footer, labelled, numbered, title};
use super::{Card, CardBlock, Tone};
use crate::render::outline::{Depth, Teller};
use crate::report::Report;

/// All of the evidence.
pub fn evidence_card(report: &Report) -> Card {
    let teller = Teller { report, depth: Depth::Whole };
    let mut blocks: Vec<CardBlock> = numbered(labelled(teller.evidence()));
    for section in
        [teller.symptom(), teller.ruled_out(), teller.undecided(), teller.gaps(), teller.notes(), teller.timeline()]
    {
        blocks.extend(labelled(section));
    }
    Card {
        tone: Tone::of(report.outcome),
        title: format!("Evidence. {}", title(report)),
        blocks,
        footer: footer(report, None),
    }
}
