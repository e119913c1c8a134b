//! What mends it: every fix with its commands, its proof, and how to see that it helped.

use super::told::{footer, title, unlabelled};
use super::{Card, CardBlock, Tone};
use crate::render::outline::{Depth, Section, Teller};
use crate::report::Report;

/// Every fix.
pub fn fix_card(report: &Report) -> Card {
    let teller = Teller { report, depth: Depth::Whole };
    let mut blocks: Vec<CardBlock> = vec![];
    for (number, fix) in teller.fixes().into_iter().enumerate() {
        let told = unlabelled(Section { label: "Fix", blocks: teller.one_fix(fix) });
        blocks.extend(told.into_iter().map(|block| match block {
            CardBlock::Heading(title) => CardBlock::Heading(format!("{}. {title}", number + 1)),
            other => other,
        }));
        if let Some(cause) = report.causes.iter().find(|cause| cause.fixes.contains(&fix.id)) {
            blocks.push(CardBlock::Aside(format!("it mends {}", cause.id)));
        }
        if !fix.verify.is_empty() {
            blocks.push(CardBlock::Aside("to see that it helped:".to_owned()));
            blocks.push(CardBlock::Commands(fix.verify.clone()));
        }
    }
    blocks.push(match report.fixes.is_empty() {
        true => CardBlock::Prose("No fix is known for this.".to_owned()),
        false => CardBlock::Aside("Nothing of this was done: the commands are for you to run.".to_owned()),
    });
    Card {
        tone: Tone::of(report.outcome),
        title: format!("Fix. {}", title(report)),
        blocks,
        footer: footer(report, None),
    }
}
