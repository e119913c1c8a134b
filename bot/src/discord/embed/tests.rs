//! What Discord is told, held to its limits by the validator's rules, and to what it must not say.

#[path = "../../../examples/validate_discord/rules.rs"]
mod rules;

use super::*;
use crate::cards;
use ecs_why_core::render::{CardWish, card, note};
use serde_json::{Value, json};

fn body(shown: &Shown) -> Value {
    json!({"embeds": shown.embeds, "components": shown.components, "nonce": "k1", "enforce_nonce": true, "allowed_mentions": {"parse": []}})
}

fn faults(shown: &Shown) -> Vec<String> {
    rules::message(&body(shown), true)
}

#[test]
fn every_recorded_scenario_is_within_the_limits() {
    let mut bodies = vec![];
    for (name, message) in cards::recorded() {
        let shown = shown(&message, "k1");
        assert_eq!(faults(&shown), Vec::<String>::new(), "{name}");
        bodies.push(body(&shown));
    }
    cards::keep("discord", "POST /channels/1/messages", &bodies);
}

/// What is left of Markdown when code, escapes, our own marks and links are taken for what they are.
fn acting(markdown: &str) -> String {
    let mut left = vec![];
    let mut code = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            code = !code;
        } else if !code {
            left.push(line.trim_start_matches("-# ").trim_start_matches("- ").trim_start_matches("> "));
        }
    }
    assert!(!code, "a block of code is open: {markdown}");
    let text = left.join("\n");
    let taken = [
        r"\\[^0-9A-Za-z\s]",
        r"(?m)^\d+\. ",
        r"\[[^\]\n]*\]\(https://[a-z0-9-]*\.?(console|docs)\.aws\.amazon\.com[^)]*\)",
        r"`[^`\n]+`",
        r"\*\*",
    ];
    taken
        .into_iter()
        .fold(text, |text, pattern| regex::Regex::new(pattern).expect("a pattern").replace_all(&text, "•").into_owned())
}

#[test]
fn every_attack_is_within_the_limits_and_calls_nobody() {
    let mut bodies = vec![];
    let acts = regex::Regex::new(r"https?://|@(everyone|here)|<|\]\(|\|\||~~|__|`").expect("a pattern");
    for (name, message) in cards::attacks() {
        let shown = shown(&message, "k1");
        assert_eq!(faults(&shown), Vec::<String>::new(), "{name}");
        for embed in &body(&shown)["embeds"].as_array().cloned().unwrap_or_default() {
            let texts = [&embed["title"], &embed["description"]];
            for text in texts.into_iter().filter_map(Value::as_str) {
                let left = acting(text);
                assert!(!acts.is_match(&left), "{name}: {left}");
            }
        }
        bodies.push(body(&shown));
    }
    cards::keep("discord", "POST /channels/1/messages", &bodies);
}

fn descriptions(shown: &Shown) -> String {
    let embeds = body(shown)["embeds"].as_array().cloned().unwrap_or_default();
    let told: Vec<String> = embeds.iter().filter_map(|embed| Some(embed["description"].as_str()?.to_owned())).collect();
    told.join("\n")
}

#[test]
fn commands_are_whole_in_the_message_or_in_the_file() {
    for (name, report) in cards::reports() {
        for card in [card(report, &CardWish::default()), ecs_why_core::render::fix_card(report)] {
            let shown = shown(&Message::of(card.clone()), "k1");
            let told = descriptions(&shown);
            let file = shown.rest.map(|rest| String::from_utf8(rest.bytes).expect("text")).unwrap_or_default();
            for block in &card.blocks {
                if let CardBlock::Commands(commands) = block {
                    for command in commands {
                        assert!(told.contains(command) || file.contains(command), "{name}: {command}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_command_that_would_end_its_block_is_in_the_file() {
    let command = "aws x --name '```'".to_owned();
    let card = Card { blocks: vec![CardBlock::Commands(vec![command.clone()])], ..note("t", "", Tone::Plain) };
    let shown = shown(&Message::of(card), "k1");
    assert!(!descriptions(&shown).contains("'```'"));
    let file = String::from_utf8(shown.rest.expect("a file").bytes).expect("text");
    assert!(file.contains(&command), "{file}");
}

#[test]
fn the_key_ends_the_footer_of_the_last_embed() {
    let mut card = note("t", "a sentence. ".repeat(180), Tone::Plain);
    card.blocks = vec![card.blocks[0].clone(); 2];
    card.footer = Some("prod/payments".to_owned());
    let shown = shown(&Message::of(card), "k7");
    let embeds = body(&shown)["embeds"].clone();
    let embeds = embeds.as_array().expect("embeds");
    assert_eq!(embeds.len(), 2);
    assert_eq!(embeds[0].get("footer").filter(|footer| !footer.is_null()), None);
    assert_eq!(embeds[1]["footer"]["text"], "prod/payments · k7");
    assert_eq!(faults(&shown), Vec::<String>::new());
}

#[test]
fn an_empty_message_is_still_one() {
    let shown = shown(&Message::of(note("", "", Tone::Plain)), "");
    assert_eq!(faults(&shown), Vec::<String>::new());
}

#[test]
fn a_list_of_names_is_left_out_since_commands_complete_by_themselves() {
    let button = |value: &str| Button { label: value.to_owned(), value: value.to_owned() };
    let card = note("t", "", Tone::Plain);
    let components =
        body(&shown(&Message { card, buttons: vec![button(PICK), button("fix:r1")] }, "k1"))["components"].to_string();
    assert!(components.contains("fix:r1") && !components.contains(r#""custom_id":"pick""#), "{components}");
}
