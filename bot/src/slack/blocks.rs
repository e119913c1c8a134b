//! A message in Slack's blocks. Foreign text stands in rich text and plain text only, in which Slack reads no markup.
//!
//! Limits: <https://docs.slack.dev/reference/block-kit/blocks>. Of rich text Slack states none: it gets no more than a section may have.

use crate::platform::{Attachment, Button, Message};
use crate::room::{Room, file, fit, units};
use ecs_why_core::render::escape::{self, Piece, pieces, slack_plain, slack_text};
use ecs_why_core::render::{Card, CardBlock, Tone};
use slack_morphism::prelude::*;
use std::collections::HashSet;

/// A message as Slack is told it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// What notifications and screen readers say: Slack's markup, escaped.
    pub text: String,
    /// What is seen.
    pub blocks: Vec<SlackBlock>,
    /// All of it, if not all of it is seen.
    pub rest: Option<Attachment>,
}

/// A header's characters.
const HEADER: usize = 150;
/// Characters of a text, and of a block of rich text.
const TEXT: usize = 3_000;
/// Characters of a title that is too long for the header.
const TITLE: usize = 1_000;
/// Characters of a footer; Slack allows more, and nobody reads them.
const FOOTER: usize = 500;
/// Characters of a field.
const FIELD: usize = 2_000;
/// Fields of a section.
const FIELDS: usize = 10;
/// A button's characters.
const LABEL: usize = 75;
/// Bytes of what a button is called by.
const ACTION: usize = 255;
/// Buttons in a row, so that they stand in one line on a telephone as well.
const ROW: usize = 5;
/// Rows of buttons.
const ROWS: usize = 5;
/// Of the 50 blocks of a message, those for the card; the others are for header, title, footer, what was left out, and buttons.
const ROOM: Room = Room { all: 9_000, one: TEXT - 200, blocks: 40 };
/// Characters of a notification.
const NOTIFICATION: usize = 1_000;

/// A message in Slack's form. `key` tells the file of what has no room from others.
pub fn shown(message: &Message, key: &str) -> Shown {
    let card = &message.card;
    let fitted = fit(&card.blocks, ROOM, |block| Some(weight(block)));
    let mut page = Page::default();
    page.title(card);
    fitted.blocks.iter().for_each(|block| page.block(block));
    let title_cut = units(&card.title) > TITLE;
    let rest = (fitted.cut || title_cut).then(|| file(card, key));
    if let Some(rest) = &rest {
        page.context(&format!("There is more than a message has room for: all of it is in the file {}.", rest.name));
    }
    if let Some(footer) = &card.footer {
        page.context(&cut(footer, FOOTER));
    }
    page.buttons(&message.buttons);
    Shown { text: notification(card), blocks: page.end(), rest }
}

/// The colour that a message of blocks has not.
fn mark(tone: Tone) -> &'static str {
    match tone {
        Tone::Bad => "🔴",
        Tone::Unsure => "🟡",
        Tone::Plain => "⚪",
        Tone::Good => "🟢",
    }
}

fn notification(card: &Card) -> String {
    let prose = card.blocks.iter().find_map(|block| match block {
        CardBlock::Prose(text) => Some(text.as_str()),
        _ => None,
    });
    let all: Vec<String> = [Some(card.title.as_str()), prose]
        .into_iter()
        .flatten()
        .map(|text| slack_text(&cut(text, NOTIFICATION / 2)))
        .collect();
    match all.join("\n") {
        text if text.trim().is_empty() => "(empty)".to_owned(),
        text => text,
    }
}

/// What a block takes.
fn weight(block: &CardBlock) -> usize {
    let text = |text: &String| units(&slack_plain(text)) + 1;
    match block {
        CardBlock::Heading(one) | CardBlock::Prose(one) | CardBlock::Aside(one) | CardBlock::Quote(one) => text(one),
        CardBlock::Items(items) | CardBlock::Steps(items) | CardBlock::Lines(items) => items.iter().map(text).sum(),
        CardBlock::Fields(fields) => fields.iter().map(|(name, value)| text(name) + text(value)).sum(),
        CardBlock::Commands(commands) => commands.iter().map(|command| units(command) + 1).sum(),
        CardBlock::Link { text: words, address } => text(words) + units(address),
    }
}

/// A text of at most so many characters.
fn cut(text: &str, limit: usize) -> String {
    if units(text) <= limit {
        return text.to_owned();
    }
    let mut left = limit.saturating_sub(1);
    let fits = |c: &char| {
        let room = left >= c.len_utf16();
        left = left.saturating_sub(c.len_utf16());
        room
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('…');
    short
}

fn plain(text: &str, limit: usize) -> SlackBlockPlainText {
    let text = cut(slack_plain(text).trim(), limit);
    SlackBlockPlainText::new(if text.is_empty() { "–".to_owned() } else { text }).with_emoji(false)
}

/// The blocks so far, and the rich text that is being written.
#[derive(Default)]
struct Page {
    blocks: Vec<SlackBlock>,
    rich: Vec<SlackRichTextElement>,
    weight: usize,
}

impl Page {
    /// The title as the header; a longer one is said whole below it.
    fn title(&mut self, card: &Card) {
        if card.title.trim().is_empty() {
            return;
        }
        let title = format!("{} {}", mark(card.tone), card.title.trim());
        // Names stand in backticks, which a header shows.
        self.blocks.push(SlackHeaderBlock::new(plain(&title.replace('`', "'"), HEADER).into()).into());
        if units(&slack_plain(&title)) > HEADER {
            let whole = cut(&card.title, TITLE);
            self.section(&whole, true);
            self.weight = units(&slack_plain(&whole)) + 1;
        }
    }

    fn block(&mut self, block: &CardBlock) {
        let before = self.weight;
        if before > 0 && before + weight(block) > TEXT {
            self.flush();
        }
        self.weight += weight(block);
        match block {
            CardBlock::Heading(text) => self.section(text, true),
            CardBlock::Prose(text) => self.section(text, false),
            CardBlock::Aside(text) => self.context(text),
            CardBlock::Items(items) => self.list(items, SlackRichTextListStyle::Bullet),
            CardBlock::Steps(items) => self.list(items, SlackRichTextListStyle::Ordered),
            CardBlock::Fields(fields) => self.fields(fields),
            CardBlock::Quote(text) => self.rich.push(SlackRichTextQuote::new(vec![element(text)]).into()),
            CardBlock::Lines(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| slack_plain(line)).collect();
                self.preformatted(lines.join("\n"));
            }
            CardBlock::Commands(commands) => {
                let commands: Vec<String> = commands.iter().map(|command| escape::command(command)).collect();
                self.preformatted(commands.join("\n"));
            }
            CardBlock::Link { text, address } => self.link(text, address),
        }
    }

    fn section(&mut self, text: &str, bold: bool) {
        let elements = inline(text, bold);
        if !elements.is_empty() {
            self.rich.push(SlackRichTextSection::new(elements).into());
        }
    }

    fn list(&mut self, items: &[String], style: SlackRichTextListStyle) {
        let told = items.iter().map(|item| match inline(item, false) {
            // Slack takes no empty element.
            elements if elements.is_empty() => SlackRichTextSection::new(vec![element(item)]).into(),
            elements => SlackRichTextSection::new(elements).into(),
        });
        let items: Vec<SlackRichTextListElement> = told.collect();
        if !items.is_empty() {
            self.rich.push(SlackRichTextList::new(style, items).into());
        }
    }

    fn preformatted(&mut self, text: String) {
        if !text.trim().is_empty() {
            self.rich.push(SlackRichTextPreformatted::new(vec![text.into()]).into());
        }
    }

    fn link(&mut self, text: &str, address: &str) {
        match escape::address(address) {
            Some(address) => {
                let link = SlackRichTextLink::new(SlackRelaxedUrl(address.to_owned())).with_text(slack_plain(text));
                self.rich.push(SlackRichTextSection::new(vec![link.into()]).into());
            }
            None => self.section(&format!("{text}: {address}"), false),
        }
    }

    fn fields(&mut self, fields: &[(String, String)]) {
        self.flush();
        for fields in fields.chunks(FIELDS) {
            let fields = fields.iter().map(|(name, value)| plain(&format!("{name}: {value}"), FIELD).into()).collect();
            self.blocks.push(SlackSectionBlock::new().with_fields(fields).into());
        }
    }

    fn context(&mut self, text: &str) {
        self.flush();
        self.blocks.push(SlackContextBlock::new(vec![plain(text, FIELD).into()]).into());
    }

    fn buttons(&mut self, buttons: &[Button]) {
        self.flush();
        let mut known = HashSet::new();
        let unique: Vec<&Button> = buttons
            .iter()
            .filter(|button| !button.value.is_empty() && button.value.len() <= ACTION && known.insert(&button.value))
            .take(ROW * ROWS)
            .collect();
        for row in unique.chunks(ROW) {
            let row = row.iter().map(|button| {
                SlackBlockButtonElement::new(plain(&button.label, LABEL).into())
                    .with_action_id(SlackActionId(button.value.clone()))
                    .with_value(button.value.clone())
                    .into()
            });
            self.blocks.push(SlackActionsBlock::new(row.collect()).into());
        }
    }

    fn flush(&mut self) {
        self.weight = 0;
        if !self.rich.is_empty() {
            self.blocks.push(SlackRichTextBlock::new(std::mem::take(&mut self.rich)).into());
        }
    }

    fn end(mut self) -> Vec<SlackBlock> {
        self.flush();
        if self.blocks.is_empty() {
            self.section("(empty)", false);
            self.flush();
        }
        self.blocks
    }
}

fn element(text: &str) -> SlackRichTextInlineElement {
    let text = slack_plain(text.trim());
    SlackRichTextText::new(if text.is_empty() { "(empty)".to_owned() } else { text }).into()
}

/// A sentence, in which names stand in backticks.
fn inline(text: &str, bold: bool) -> Vec<SlackRichTextInlineElement> {
    let style = |text: SlackRichTextText| if bold { text.bold() } else { text };
    let told = pieces(text.trim()).into_iter().map(|piece| match piece {
        Piece::Words(words) => style(SlackRichTextText::new(slack_plain(words))).into(),
        Piece::Name(name) => style(SlackRichTextText::new(slack_plain(name)).code()).into(),
    });
    told.filter(|element| !matches!(element, SlackRichTextInlineElement::Text(text) if text.text.is_empty())).collect()
}

#[cfg(test)]
mod tests;
