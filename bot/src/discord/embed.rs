//! A message as Discord's embeds and components. Foreign text is escaped for its Markdown, and commands stand in blocks of code.
//!
//! Limits: <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>.

use crate::platform::{Attachment, Button, Message, PICK};
use crate::room::{Room, file, fit, units};
use ecs_why_core::render::escape::{self, discord, discord_commands, discord_lines, discord_name, discord_sentence};
use ecs_why_core::render::{Card, CardBlock, Tone};
use serenity::builder::{CreateActionRow, CreateButton, CreateEmbed, CreateEmbedFooter};
use serenity::model::application::ButtonStyle;
use std::collections::HashSet;

/// A message as Discord is told it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What is seen.
    pub embeds: Vec<CreateEmbed>,
    /// What can be pressed.
    pub components: Vec<CreateActionRow>,
    /// All of it, if not all of it is seen.
    pub rest: Option<Attachment>,
}

/// A title's characters.
const TITLE: usize = 256;
/// A description's characters.
const DESCRIPTION: usize = 4_096;
/// Fields of an embed.
const FIELDS: usize = 25;
/// Characters of a field's name.
const NAME: usize = 256;
/// Characters of a field's value.
const VALUE: usize = 1_024;
/// Characters of all embeds of a message. We count bytes, as one validator does: that is never less than any count of characters.
const ALL: usize = 6_000;
/// Characters of a footer; Discord allows more, and nobody reads them.
const FOOTER: usize = 500;
/// A label's characters.
const LABEL: usize = 80;
/// Characters of what a button is called by.
const CUSTOM_ID: usize = 100;
/// Buttons in a row, and rows.
const ROW: usize = 5;
/// Characters of one block: with two blocks of that, a description is not half empty.
const ONE: usize = 2_600;
/// Characters of what is said of the file.
const MORE: usize = 150;

/// A message in Discord's form. `key` stands at the end of the footer, by which the message is found again: it is the one part of a
/// message that Discord keeps as it was sent, whether there are buttons or not (a nonce is not in the history of a channel).
pub fn shown(message: &Message, key: &str) -> Shown {
    let card = &message.card;
    let title = title(card);
    let footer = footer(card, key);
    let fields = fields(card);
    let told: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let taken = title.len() + footer.len() + told + MORE;
    let whole_title = (discord_title(&card.title) != title).then(|| CardBlock::Heading(card.title.clone()));
    let told = card.blocks.iter().filter(|block| !matches!(block, CardBlock::Fields(_)));
    let blocks: Vec<CardBlock> = whole_title.into_iter().chain(told.cloned()).collect();
    // What joins two blocks counts for each of them.
    let room = Room { all: ALL.saturating_sub(taken), one: ONE, blocks: 200 };
    let fitted = fit(&blocks, room, |block| Some(markdown(block)?.len() + 2));
    let many: usize =
        card.blocks.iter().map(|block| if let CardBlock::Fields(fields) = block { fields.len() } else { 0 }).sum();
    let rest = (fitted.cut || many > fields.len()).then(|| file(card, key));
    let mut told: Vec<String> = fitted.blocks.iter().filter_map(markdown).collect();
    if let Some(rest) = &rest {
        told.push(format!(
            "-# There is more than a message has room for: all of it is in {}.",
            discord_name(&rest.name)
        ));
    }
    Shown {
        embeds: embeds(card.tone, title, &pages(told), fields, footer),
        components: components(&message.buttons),
        rest,
    }
}

fn embeds(
    tone: Tone,
    title: String,
    pages: &[String],
    fields: Vec<(String, String)>,
    footer: String,
) -> Vec<CreateEmbed> {
    let colour = match tone {
        Tone::Bad => 0x00d1_3438,
        Tone::Unsure => 0x00e3_a21a,
        Tone::Plain => 0x0080_8890,
        Tone::Good => 0x002e_a043,
    };
    let last = pages.len().saturating_sub(1);
    let bare = pages.is_empty() && title.is_empty() && fields.is_empty();
    let mut first = CreateEmbed::new().colour(colour);
    if !title.is_empty() {
        first = first.title(title);
    }
    first = first.fields(fields.into_iter().map(|(name, value)| (name, value, true)));
    // Discord takes no embed without anything in it.
    if bare {
        first = first.description("–");
    }
    let mut embeds = vec![first];
    embeds.extend((1..pages.len()).map(|_| CreateEmbed::new().colour(colour)));
    let described = embeds.into_iter().enumerate().map(|(at, embed)| {
        let embed = match pages.get(at) {
            Some(page) => embed.description(page),
            None => embed,
        };
        if at == last && !footer.is_empty() { embed.footer(CreateEmbedFooter::new(footer.clone())) } else { embed }
    });
    described.collect()
}

/// A block in Discord's Markdown; none, if it cannot be shown there.
fn markdown(block: &CardBlock) -> Option<String> {
    let list = |items: &[String], mark: &dyn Fn(usize) -> String| {
        let items: Vec<String> = items
            .iter()
            .enumerate()
            .map(|(at, item)| format!("{}{}", mark(at), discord_sentence(item.trim())))
            .collect();
        items.join("\n")
    };
    Some(match block {
        CardBlock::Heading(text) => format!("**{}**", discord_sentence(text.trim())),
        CardBlock::Prose(text) => discord_sentence(text.trim()),
        CardBlock::Aside(text) => format!("-# {}", discord_sentence(text.trim())),
        CardBlock::Items(items) => list(items, &|_| "- ".to_owned()),
        CardBlock::Steps(items) => list(items, &|at| format!("{}. ", at + 1)),
        CardBlock::Quote(text) => format!("> {}", discord(text.trim())),
        CardBlock::Lines(lines) if lines.is_empty() => return None,
        CardBlock::Lines(lines) => discord_lines(lines),
        CardBlock::Commands(commands) if commands.is_empty() => return None,
        CardBlock::Commands(commands) => discord_commands(commands)?,
        CardBlock::Link { text, address } => match escape::address(address) {
            Some(address) => format!("[{}]({address})", discord(text.trim())),
            None => format!("{}: {}", discord(text.trim()), discord(address)),
        },
        CardBlock::Fields(_) => return None,
    })
}

/// The texts on as few pages as it takes.
fn pages(told: Vec<String>) -> Vec<String> {
    let mut pages: Vec<String> = vec![];
    for text in told.into_iter().filter(|text| !text.trim().is_empty()) {
        // A heading stands off from what is above it.
        let gap = if text.starts_with("**") { "\n\n" } else { "\n" };
        match pages.last_mut() {
            Some(page) if units(page) + units(gap) + units(&text) <= DESCRIPTION => {
                page.push_str(gap);
                page.push_str(&text);
            }
            _ => pages.push(text),
        }
    }
    pages
}

/// A title knows no code and no links, and its Markdown is escaped as any other.
fn discord_title(text: &str) -> String {
    discord(text.trim().replace('`', "'").trim())
}

fn title(card: &Card) -> String {
    shortest(&card.title, TITLE, discord_title)
}

/// A text that is not longer than that in the form that it gets.
fn shortest(text: &str, limit: usize, form: impl Fn(&str) -> String) -> String {
    let whole = form(text);
    if units(&whole) <= limit {
        return whole;
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let cut = |many: usize| form(&format!("{}…", text[..ends[many]].trim_end()));
    let (mut good, mut bad) = (0, ends.len());
    while bad - good > 1 {
        let middle = usize::midpoint(good, bad);
        if units(&cut(middle)) <= limit { good = middle } else { bad = middle }
    }
    cut(good)
}

/// A footer knows no Markdown; what could call somebody is escaped all the same.
fn footer(card: &Card, key: &str) -> String {
    let form = |text: &str| escape::line(text, true).replace('@', "@\u{200b}");
    let said = card.footer.as_deref().map(|text| shortest(text.trim(), FOOTER, form));
    let parts: Vec<String> = said.into_iter().chain([key.to_owned()]).filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// Short facts, all of which stand below the description.
fn fields(card: &Card) -> Vec<(String, String)> {
    let all = card.blocks.iter().filter_map(|block| match block {
        CardBlock::Fields(fields) => Some(fields),
        _ => None,
    });
    let form = |text: &str| match discord_sentence(text.trim()) {
        text if text.is_empty() => "–".to_owned(),
        text => text,
    };
    let mut left = ALL / 3;
    all.flatten()
        .map(|(name, value)| (shortest(name, NAME, form), shortest(value, VALUE, form)))
        .take(FIELDS)
        .take_while(|(name, value)| {
            let taken = name.len() + value.len();
            let fits = taken <= left;
            left = left.saturating_sub(taken);
            fits
        })
        .collect()
}

fn components(buttons: &[Button]) -> Vec<CreateActionRow> {
    let mut known = HashSet::new();
    let unique: Vec<&Button> = buttons
        .iter()
        .filter(|button| button.value != PICK)
        .filter(|button| !button.value.is_empty() && units(&button.value) <= CUSTOM_ID && known.insert(&button.value))
        .take(ROW * ROW)
        .collect();
    let row = |row: &[&Button]| {
        let buttons = row.iter().map(|button| {
            let label = match shortest(button.label.trim(), LABEL, |text| escape::line(text, true)) {
                label if label.trim().is_empty() => "–".to_owned(),
                label => label,
            };
            CreateButton::new(&button.value).label(label).style(ButtonStyle::Secondary)
        });
        CreateActionRow::Buttons(buttons.collect())
    };
    unique.chunks(ROW).map(row).collect()
}

#[cfg(test)]
mod tests;
