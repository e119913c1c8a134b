//! What is outlined, as pieces of a card: bounded, on one line each, without what looks like a secret.

use super::CardBlock;
use crate::render::outline::{Block, Section};
use crate::render::scrub::{bounded, middle, scrub, sentence};
use crate::render::{escape, words};
use crate::report::Report;

/// Bytes of a sentence.
const SENTENCE: usize = 1_000;
/// Bytes of one of several.
const ITEM: usize = 500;
/// Bytes of a text that somebody else wrote.
const QUOTE: usize = 800;
/// Bytes of a line of a log.
const LINE: usize = 300;
/// Bytes of a title. A platform has room for less, and repeats it below then.
pub(super) const TITLE: usize = 500;

/// The blocks of a section under its label; of an empty one there are none.
pub(super) fn labelled(section: Section) -> Vec<CardBlock> {
    let label = section.label;
    let mut blocks = unlabelled(section);
    match blocks.first_mut() {
        None => return blocks,
        // `Fix`, and what it is called, are one heading.
        Some(CardBlock::Heading(title)) => *title = format!("{label}: {title}"),
        Some(_) => blocks.insert(0, CardBlock::Heading(label.to_owned())),
    }
    blocks
}

/// The blocks of a section without its label, where they speak for themselves.
pub(super) fn unlabelled(section: Section) -> Vec<CardBlock> {
    let mut blocks: Vec<CardBlock> = vec![];
    for block in section.blocks {
        let block = match block {
            Block::Prose(text) => CardBlock::Prose(sentence(text.trim(), SENTENCE)),
            Block::Title(text, _) => CardBlock::Heading(sentence(text.trim(), ITEM)),
            Block::Aside(text) => CardBlock::Aside(sentence(text.trim(), ITEM)),
            Block::Quote(text) => CardBlock::Quote(quote(&text)),
            Block::Lines(lines) => CardBlock::Lines(lines.iter().map(|line| sentence(line, LINE)).collect()),
            Block::Commands(commands) => CardBlock::Commands(commands),
            Block::Link(address) => link("What AWS says of it", &address),
            Block::Item(text) => {
                let text = sentence(text.trim(), ITEM);
                if let Some(CardBlock::Items(items)) = blocks.last_mut() {
                    items.push(text);
                    continue;
                }
                CardBlock::Items(vec![text])
            }
        };
        blocks.push(block);
    }
    blocks
}

/// The same with numbers, for what leads from one to the next.
pub(super) fn numbered(blocks: Vec<CardBlock>) -> Vec<CardBlock> {
    let numbered = |block| match block {
        CardBlock::Items(items) => CardBlock::Steps(items),
        other => other,
    };
    blocks.into_iter().map(numbered).collect()
}

/// What somebody else wrote, of which the middle goes if it is too long.
fn quote(text: &str) -> String {
    middle(escape::line(&scrub(&bounded(text)), true).trim(), QUOTE)
}

/// An address, if it is one of AWS's own; else only what it says.
pub(super) fn link(text: &str, address: &str) -> CardBlock {
    match is_of_aws(address) {
        true => CardBlock::Link { text: text.to_owned(), address: address.to_owned() },
        false => CardBlock::Prose(format!("{text}: {}", sentence(address, ITEM))),
    }
}

/// Whether an address leads to AWS's documentation or console. A report may have been read from a file, and then it may say anything.
fn is_of_aws(address: &str) -> bool {
    const CONSOLES: [&str; 4] =
        ["console.aws.amazon.com", "console.amazonaws.cn", "console.aws.eu", "console.amazonaws-us-gov.com"];
    let Some(rest) = escape::address(address).and_then(|address| address.strip_prefix("https://")) else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let console =
        |domain: &str| host.strip_suffix(domain).is_some_and(|region| region.is_empty() || region.ends_with('.'));
    host == "docs.aws.amazon.com" || CONSOLES.into_iter().any(console)
}

/// What the card is about, how old that is, and what it cost.
pub(super) fn footer(report: &Report, now: Option<crate::model::Moment>) -> Option<String> {
    let read = report.evidence.iter().filter_map(|item| item.observed_at).max();
    let read = read.map(|at| match now.and_then(|now| words::ago(at, now)) {
        Some(ago) => format!("read {} ({ago})", words::second(at)),
        None => format!("read {}", words::second(at)),
    });
    let target = Some(words::target(&report.target, false)).filter(|target| !target.is_empty());
    joined([target, read, words::footer(&report.cost)])
}

/// The parts that there are.
pub(super) fn joined(parts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| sentence(&parts.join(" · "), SENTENCE))
}

/// The line that is read first: the outcome in a word, and why.
pub(super) fn title(report: &Report) -> String {
    sentence(&format!("{}: {}", words::word(report.outcome), report.headline), TITLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_aws_are_links() {
        for good in [
            "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-setting-up",
            "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/web/health?region=eu-west-1",
            "https://console.amazonaws.cn/",
        ] {
            assert!(is_of_aws(good), "{good}");
        }
        for bad in [
            "http://docs.aws.amazon.com/",
            "https://docs.aws.amazon.com.evil.example/",
            "https://docs.aws.amazon.com@evil.example/",
            "https://evilconsole.aws.amazon.com/",
            "https://evil.example/console.aws.amazon.com",
            "https://docs.aws.amazon.com/a|b>c",
            "https://docs.aws.amazon.com/a)b",
            "https://docs.aws.amazon.com/a b",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!is_of_aws(bad), "{bad}");
        }
    }
}
