//! What of a card a message has room for. What has none is left out whole or from its end, and said to be; commands are never cut.

use crate::platform::Attachment;
use ecs_why_core::render::{Card, CardBlock, card_markdown};

/// How much a platform has room for, in its own measure.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Of all blocks together.
    pub all: usize,
    /// Of one block.
    pub one: usize,
    /// How many blocks.
    pub blocks: usize,
}

/// What has room.
#[derive(Debug)]
pub struct Fitted {
    /// The blocks, in their order.
    pub blocks: Vec<CardBlock>,
    /// Something was left out.
    pub cut: bool,
}

/// Less than that of a text is of no use.
const LEAST: usize = 60;

/// What is said in the place of commands that have no room.
const IN_THE_FILE: &str = "The commands have no room here: they are in the file, whole.";

/// What of the blocks has room. `weigh` says how much a block takes on the platform; none, if it cannot be shown there at all.
pub fn fit(blocks: &[CardBlock], room: Room, weigh: impl Fn(&CardBlock) -> Option<usize>) -> Fitted {
    let mut fitted = Fitted { blocks: vec![], cut: false };
    let mut left = room.all;
    // A heading waits for what it stands above.
    let mut waiting: Vec<CardBlock> = vec![];
    for block in blocks.iter().filter(|block| !says_nothing(block)) {
        if fitted.blocks.len() + waiting.len() >= room.blocks {
            fitted.cut = true;
            break;
        }
        let taken: usize = waiting.iter().filter_map(&weigh).sum();
        let limit = room.one.min(left.saturating_sub(taken));
        let shown = match shortened(block, limit, &weigh) {
            Some((shown, whole)) => {
                fitted.cut |= !whole;
                Some(shown)
            }
            None => {
                fitted.cut = true;
                let instead = CardBlock::Aside(IN_THE_FILE.to_owned());
                let fits = weigh(&instead).is_some_and(|weight| weight <= limit);
                (matches!(block, CardBlock::Commands(_)) && fits).then_some(instead)
            }
        };
        match shown {
            Some(heading @ CardBlock::Heading(_)) => waiting.push(heading),
            Some(shown) => {
                left = left.saturating_sub(taken + weigh(&shown).unwrap_or_default());
                fitted.blocks.append(&mut waiting);
                fitted.blocks.push(shown);
            }
            None => {}
        }
    }
    fitted
}

fn says_nothing(block: &CardBlock) -> bool {
    match block {
        CardBlock::Heading(text) | CardBlock::Prose(text) | CardBlock::Aside(text) | CardBlock::Quote(text) => {
            text.trim().is_empty()
        }
        CardBlock::Items(items) | CardBlock::Steps(items) | CardBlock::Lines(items) | CardBlock::Commands(items) => {
            items.iter().all(|item| item.trim().is_empty())
        }
        CardBlock::Fields(fields) => fields.is_empty(),
        CardBlock::Link { text, .. } => text.trim().is_empty(),
    }
}

/// A block that is not heavier than that, and whether it is all of it.
fn shortened(
    block: &CardBlock,
    limit: usize,
    weigh: &impl Fn(&CardBlock) -> Option<usize>,
) -> Option<(CardBlock, bool)> {
    let fits = |block: &CardBlock| weigh(block).is_some_and(|weight| weight <= limit);
    if fits(block) {
        return Some((block.clone(), true));
    }
    let made =
        |make: &dyn Fn(&str) -> CardBlock, text: &str| longest(text, |text| fits(&make(text))).map(|text| make(&text));
    let part = match block {
        // Half a command, or half an address, is none.
        CardBlock::Commands(_) | CardBlock::Link { .. } => None,
        CardBlock::Heading(text) => made(&|text| CardBlock::Heading(text.to_owned()), text),
        CardBlock::Prose(text) => made(&|text| CardBlock::Prose(text.to_owned()), text),
        CardBlock::Aside(text) => made(&|text| CardBlock::Aside(text.to_owned()), text),
        CardBlock::Quote(text) => made(&|text| CardBlock::Quote(text.to_owned()), text),
        CardBlock::Items(items) => most(items.len(), |many| fits(&CardBlock::Items(items[..many].to_vec())))
            .map(|many| CardBlock::Items(items[..many].to_vec())),
        CardBlock::Steps(items) => most(items.len(), |many| fits(&CardBlock::Steps(items[..many].to_vec())))
            .map(|many| CardBlock::Steps(items[..many].to_vec())),
        CardBlock::Fields(fields) => most(fields.len(), |many| fits(&CardBlock::Fields(fields[..many].to_vec())))
            .map(|many| CardBlock::Fields(fields[..many].to_vec())),
        // Of a log the last lines matter.
        CardBlock::Lines(lines) => {
            most(lines.len(), |many| fits(&CardBlock::Lines(lines[lines.len() - many..].to_vec())))
                .map(|many| CardBlock::Lines(lines[lines.len() - many..].to_vec()))
        }
    };
    part.map(|part| (part, false))
}

/// The most that fit, if any do; more are heavier.
fn most(all: usize, fits: impl Fn(usize) -> bool) -> Option<usize> {
    let (mut good, mut bad) = (0, all + 1);
    while bad - good > 1 {
        let middle = usize::midpoint(good, bad);
        if fits(middle) { good = middle } else { bad = middle }
    }
    (good > 0).then_some(good)
}

/// The longest beginning of a text that fits with an ellipsis.
fn longest(text: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let cut = |many: usize| format!("{}…", text[..ends[many]].trim_end());
    let many = most(ends.len().saturating_sub(1), |many| fits(&cut(many)))?;
    (many >= LEAST).then(|| cut(many))
}

/// All of a card as a file, for what has no room; its name tells it from others in the channel.
pub fn file(card: &Card, key: &str) -> Attachment {
    let known = key.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !key.is_empty();
    let name = if known { format!("ecs-why-{key}.md") } else { "ecs-why.md".to_owned() };
    Attachment { name, title: "All of it".to_owned(), bytes: card_markdown(card).into_bytes() }
}

/// How much a text takes: in UTF-16, where a sign of more than 16 bits counts twice. No platform counts more than that.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weigh(block: &CardBlock) -> Option<usize> {
        Some(match block {
            CardBlock::Heading(text) | CardBlock::Prose(text) | CardBlock::Aside(text) | CardBlock::Quote(text) => {
                units(text)
            }
            CardBlock::Items(items)
            | CardBlock::Steps(items)
            | CardBlock::Lines(items)
            | CardBlock::Commands(items) => items.iter().map(|item| units(item) + 1).sum(),
            CardBlock::Fields(fields) => fields.iter().map(|(name, value)| units(name) + units(value)).sum(),
            CardBlock::Link { text, address } => units(text) + units(address),
        })
    }

    fn room(all: usize) -> Room {
        Room { all, one: 1_000, blocks: 10 }
    }

    fn prose(many: usize) -> CardBlock {
        CardBlock::Prose("x".repeat(many))
    }

    #[test]
    fn what_has_room_is_whole() {
        let blocks = [CardBlock::Heading("Why".to_owned()), prose(500), CardBlock::Commands(vec!["aws x".to_owned()])];
        let fitted = fit(&blocks, room(600), weigh);
        assert_eq!((fitted.blocks.as_slice(), fitted.cut), (blocks.as_slice(), false));
    }

    #[test]
    fn a_command_is_whole_or_in_the_file() {
        let command = "aws ecs update-service ".repeat(30);
        let blocks = [CardBlock::Heading("Fix".to_owned()), CardBlock::Commands(vec![command]), prose(80)];
        let fitted = fit(&blocks, room(500), weigh);
        assert!(fitted.cut);
        assert_eq!(
            fitted.blocks,
            [CardBlock::Heading("Fix".to_owned()), CardBlock::Aside(IN_THE_FILE.to_owned()), prose(80)]
        );
    }

    #[test]
    fn a_heading_without_what_it_is_above_is_left_out() {
        let link = CardBlock::Link { text: "x".repeat(300), address: String::new() };
        let fitted = fit(&[prose(300), CardBlock::Heading("More".to_owned()), link], room(400), weigh);
        assert_eq!((fitted.blocks.as_slice(), fitted.cut), ([prose(300)].as_slice(), true));
    }

    #[test]
    fn long_text_ends_in_an_ellipsis_and_the_newest_lines_of_a_log_stay() {
        let fitted = fit(&[CardBlock::Prose("é".repeat(5_000))], room(900), weigh);
        let [CardBlock::Prose(text)] = fitted.blocks.as_slice() else { panic!("{fitted:?}") };
        assert_eq!((units(text), text.chars().last()), (900, Some('…')));
        let lines: Vec<String> = (0..100).map(|line| format!("line {line:03}")).collect();
        let fitted = fit(&[CardBlock::Lines(lines.clone())], room(90), weigh);
        assert_eq!(fitted.blocks, [CardBlock::Lines(lines[90..].to_vec())]);
        let fitted = fit(&[CardBlock::Items(lines.clone())], room(90), weigh);
        assert_eq!(fitted.blocks, [CardBlock::Items(lines[..10].to_vec())]);
    }

    #[test]
    fn what_says_nothing_takes_no_room() {
        let fitted = fit(&[prose(0), CardBlock::Lines(vec![" ".to_owned()]), prose(3)], room(400), weigh);
        assert_eq!((fitted.blocks.as_slice(), fitted.cut), ([prose(3)].as_slice(), false));
    }

    #[test]
    fn there_are_not_too_many_blocks() {
        let fitted = fit(&vec![prose(1); 30], room(10_000), weigh);
        assert_eq!((fitted.blocks.len(), fitted.cut), (10, true));
    }

    #[test]
    fn a_file_has_a_name_that_harms_nobody() {
        let card = ecs_why_core::render::note("a", "b", ecs_why_core::render::Tone::Plain);
        assert_eq!(file(&card, "k1").name, "ecs-why-k1.md");
        assert_eq!(file(&card, "../x").name, "ecs-why.md");
    }
}
