//! A card as a file: all of it, for what has no room in a message.

use super::{Card, CardBlock};
use crate::render::escape::{self, markdown_block, markdown_sentence};
use std::fmt::Write as _;

/// The card as Markdown. Nothing of it is cut.
pub fn card_markdown(card: &Card) -> String {
    let mut out = format!("# {}\n", markdown_sentence(&card.title));
    for block in &card.blocks {
        out.push('\n');
        match block {
            CardBlock::Heading(text) => line(&mut out, "## ", text),
            CardBlock::Prose(text) | CardBlock::Aside(text) => line(&mut out, "", text),
            CardBlock::Items(items) => items.iter().for_each(|item| line(&mut out, "- ", item)),
            CardBlock::Steps(items) => {
                items.iter().enumerate().for_each(|(at, item)| line(&mut out, &format!("{}. ", at + 1), item))
            }
            CardBlock::Fields(fields) => {
                fields.iter().for_each(|(name, value)| line(&mut out, "- ", &format!("{name}: {value}")))
            }
            CardBlock::Quote(text) => {
                let _ = writeln!(out, "> {}", escape::markdown(text.trim()));
            }
            CardBlock::Lines(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| escape::line(line, true)).collect();
                out.push_str(&markdown_block("text", &lines));
            }
            CardBlock::Commands(commands) => {
                let commands: Vec<String> = commands.iter().map(|command| escape::command(command)).collect();
                out.push_str(&markdown_block("sh", &commands));
            }
            CardBlock::Link { text, address } => {
                let _ = writeln!(out, "{}: <{address}>", markdown_sentence(text));
            }
        }
    }
    if let Some(footer) = &card.footer {
        let _ = write!(out, "\n*{}*\n", markdown_sentence(footer));
    }
    out
}

fn line(out: &mut String, mark: &str, text: &str) {
    let _ = writeln!(out, "{mark}{}", markdown_sentence(text.trim()));
}
