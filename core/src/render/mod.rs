//! From a report to what people and programs read. Knows the report and nothing behind it.
//!
//! `outline` chooses what is said, and in which order; a rendering gives that its form, and `escape` stands between
//! every text of a report and the medium.

mod card;
pub mod escape;
mod json;
mod links;
mod markdown;
mod outline;
pub(crate) mod scrub;
mod text;
mod triage;
mod words;

#[cfg(test)]
mod tests;

pub use card::{Card, CardBlock, CardWish, Tone, card, card_markdown, evidence_card, fix_card, note, triage_card};
pub use json::{json, json_line, value};
pub use markdown::markdown;
pub use text::{Look, paragraph, text};
pub use triage::{triage_json, triage_line, triage_markdown, triage_text};
