//! The report for a ticket, a pull request, a runbook.

use super::escape::{self, markdown_block, markdown_sentence};
use super::outline::{Block, Outline, Section, outline};
use crate::report::Report;

/// The report as Markdown: what [`super::text()`] says, in the same order.
pub fn markdown(report: &Report, verbose: bool) -> String {
    page(&outline(report, verbose))
}

/// What was outlined, here or elsewhere.
pub(super) fn page(outline: &Outline) -> String {
    let mut out = format!("# {}: {}\n", outline.outcome, sentence(&outline.headline));
    if !outline.target.is_empty() {
        out.push_str(&format!("\n{}\n", sentence(&outline.target)));
    }
    if let Some(registered) = &outline.registered {
        out.push_str(&format!("\n{}\n", sentence(registered)));
    }
    for section in &outline.sections {
        out.push_str(&in_markdown(section));
    }
    if let Some(footer) = &outline.footer {
        out.push_str(&format!("\n*{}*\n", sentence(footer)));
    }
    out
}

fn in_markdown(section: &Section) -> String {
    let mut out = format!("\n## {}\n", section.label);
    let mut in_list = false;
    for block in &section.blocks {
        let item = matches!(block, Block::Item(_));
        if !(item && in_list) {
            out.push('\n');
        }
        in_list = item;
        match block {
            Block::Prose(text) | Block::Title(text, _) | Block::Aside(text) | Block::Link(text) => {
                out.push_str(&format!("{}\n", sentence(text)))
            }
            Block::Item(text) => out.push_str(&format!("- {}\n", sentence(text))),
            Block::Quote(text) => {
                out.push_str(&format!("> {}\n", escape::markdown(&escape::cut_middle(text.trim(), 4000, true))))
            }
            Block::Lines(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| escape::cut(line, 500, true)).collect();
                out.push_str(&markdown_block("text", &lines));
            }
            Block::Commands(commands) => {
                let commands: Vec<String> = commands.iter().map(|command| escape::command(command)).collect();
                out.push_str(&markdown_block("sh", &commands));
            }
        }
    }
    out
}

fn sentence(text: &str) -> String {
    markdown_sentence(escape::cut(text.trim(), 8000, true).trim())
}
