//! What fails now, the worst first.

use super::told::joined;
use super::{Card, CardBlock, Tone};
use crate::render::outline::Block;
use crate::render::scrub::sentence;
use crate::render::triage as triaged;
use crate::render::words;
use crate::report::Cost;
use crate::triage::{Group, Triage};

/// How many groups are told; a platform has as many buttons at least.
const GROUPS: usize = 10;
/// How many gaps are told.
const GAPS: usize = 4;
/// Bytes of what is said of a group.
const GROUP: usize = 450;

/// What fails now: at most ten groups, and how many were left out.
pub fn triage_card(triage: &Triage) -> Card {
    let failing: Vec<&Group> = triage.failing().collect();
    let mut blocks = vec![];
    if !failing.is_empty() {
        blocks.push(CardBlock::Steps(failing.iter().take(GROUPS).map(|group| told(group)).collect()));
    }
    let more = failing.len().saturating_sub(GROUPS);
    if more > 0 {
        let groups = words::count(more as u64, "more group");
        blocks.push(CardBlock::Aside(format!("and {groups}: ask about one cluster or service to see less at once")));
    }
    blocks.extend(triaged::deliberate(triage).into_iter().filter_map(said));
    if !triage.complete {
        blocks.push(CardBlock::Prose(triaged::INTERRUPTED.to_owned()));
    }
    if !triage.gaps.is_empty() {
        blocks.push(CardBlock::Heading("Gaps".to_owned()));
        let gaps = triage.gaps.iter().take(GAPS).map(triaged::gap).filter_map(text);
        blocks.push(CardBlock::Items(gaps.map(|gap| sentence(&gap, GROUP)).collect()));
        let more = triage.gaps.len().saturating_sub(GAPS);
        if more > 0 {
            blocks.push(CardBlock::Aside(format!("and {more} more")));
        }
    }
    let tone = match (failing.is_empty(), triage.gaps.is_empty() && triage.complete) {
        (false, _) => Tone::Bad,
        (true, false) => Tone::Unsure,
        (true, true) => Tone::Good,
    };
    let places = Some(triaged::places(triage)).filter(|places| !places.is_empty());
    let cost = Cost { calls: triage.calls, rounds: triage.rounds, elapsed_ms: triage.elapsed_ms };
    Card {
        tone,
        title: sentence(&format!("TRIAGE: {}", triaged::headline(triage, &failing)), super::told::TITLE),
        blocks,
        footer: joined([places, words::footer(&cost)]),
    }
}

/// How many of whose tasks, why and since when.
fn told(group: &Group) -> String {
    let (whose, headline) = (triaged::whose(group), &group.report.headline);
    sentence(&format!("`{whose}`: {headline} ({}, {})", triaged::named(group), triaged::told(group)), GROUP)
}

fn said(block: Block) -> Option<CardBlock> {
    Some(CardBlock::Prose(sentence(&text(block)?, GROUP)))
}

fn text(block: Block) -> Option<String> {
    match block {
        Block::Prose(text) | Block::Title(text, _) | Block::Item(text) | Block::Aside(text) => Some(text),
        Block::Quote(_) | Block::Lines(_) | Block::Commands(_) | Block::Link(_) => None,
    }
}
