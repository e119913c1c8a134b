//! What Slack is told, held to its limits and to what it must not say.

use super::*;
use crate::cards;
use ecs_why_core::render::{CardWish, card, note};
use serde_json::{Value, json};

fn body(shown: &Shown) -> Value {
    json!({"channel": "C1", "text": shown.text, "blocks": shown.blocks})
}

/// Every object in a value.
fn objects(value: &Value) -> Vec<&serde_json::Map<String, Value>> {
    match value {
        Value::Array(items) => items.iter().flat_map(objects).collect(),
        Value::Object(fields) => std::iter::once(fields).chain(fields.values().flat_map(objects)).collect(),
        _ => vec![],
    }
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.encode_utf16().count())
}

/// The limits of Block Kit that a message of ours could break.
fn faults(body: &Value) -> Vec<String> {
    let mut faults = vec![];
    let mut hold = |good: bool, what: String| {
        if !good {
            faults.push(what)
        }
    };
    let blocks = body["blocks"].as_array().expect("blocks");
    hold((1..=50).contains(&blocks.len()), format!("{} blocks", blocks.len()));
    hold((1..=4_000).contains(&length(&body["text"])), format!("text of {}", length(&body["text"])));
    let all: usize = objects(&body["blocks"]).iter().filter_map(|one| one.get("text")).map(length).sum();
    hold(all <= 13_000, format!("{all} characters"));
    let mut actions = vec![];
    for block in blocks {
        let many = |key: &str| block[key].as_array().map_or(0, Vec::len);
        match block["type"].as_str().expect("a type") {
            "header" => {
                hold((1..=150).contains(&length(&block["text"]["text"])), format!("header {block}"));
                hold(block["text"]["type"] == "plain_text", format!("header {block}"));
            }
            "section" => hold((1..=10).contains(&many("fields")), format!("fields {}", many("fields"))),
            "context" => hold((1..=10).contains(&many("elements")), format!("context {block}")),
            "actions" => hold((1..=25).contains(&many("elements")), format!("actions {block}")),
            "rich_text" => {
                let all: usize = objects(block).iter().filter_map(|one| one.get("text")).map(length).sum();
                hold(many("elements") > 0 && all <= 3_000, format!("rich text of {all}"));
            }
            other => hold(false, format!("a block {other}")),
        }
        for one in objects(block) {
            let kind = one.get("type").and_then(Value::as_str).unwrap_or_default();
            let text = one.get("text").map(length).unwrap_or_default();
            match kind {
                "mrkdwn" => hold(false, "markup".to_owned()),
                "plain_text" => hold((1..=3_000).contains(&text), format!("plain text of {text}")),
                "text" => hold((1..=3_000).contains(&text), format!("text of {text}")),
                "button" => {
                    hold((1..=75).contains(&length(&one["text"]["text"])), format!("button {one:?}"));
                    hold((1..=255).contains(&length(&one["action_id"])), format!("button {one:?}"));
                    hold((1..=2_000).contains(&length(&one["value"])), format!("button {one:?}"));
                    actions.push(one["action_id"].clone());
                }
                "user" | "usergroup" | "broadcast" | "channel" | "emoji" => hold(false, format!("a {kind}")),
                _ => {}
            }
        }
    }
    let many = actions.len();
    actions.sort_by_key(Value::to_string);
    actions.dedup();
    hold(actions.len() == many, "two buttons with one name".to_owned());
    faults
}

#[test]
fn every_recorded_scenario_is_within_the_limits() {
    let mut bodies = vec![];
    for (name, message) in cards::recorded() {
        let body = body(&shown(&message, "k1"));
        assert_eq!(faults(&body), Vec::<String>::new(), "{name}");
        bodies.push(body);
    }
    cards::keep("slack", "chat.postMessage", &bodies);
}

#[test]
fn every_attack_is_within_the_limits_and_calls_nobody() {
    let mut bodies = vec![];
    for (name, message) in cards::attacks() {
        let shown = shown(&message, "k1");
        let body = body(&shown);
        assert_eq!(faults(&body), Vec::<String>::new(), "{name}");
        assert!(!shown.text.contains(['<', '>', '*', '`']), "{name}: {}", shown.text);
        for one in objects(&body["blocks"]) {
            if one.get("type").and_then(Value::as_str) == Some("link") {
                assert!(one["url"].as_str().is_some_and(|url| url.starts_with("https://")), "{name}: {one:?}");
                assert!(!one["url"].as_str().unwrap_or_default().contains("evil"), "{name}");
            }
        }
        bodies.push(body);
    }
    cards::keep("slack", "chat.postMessage", &bodies);
}

/// All texts of preformatted elements.
fn code(blocks: &[SlackBlock]) -> Vec<String> {
    let value = serde_json::to_value(blocks).expect("JSON");
    let code =
        objects(&value).into_iter().filter(|one| one.get("type").is_some_and(|kind| kind == "rich_text_preformatted"));
    code.map(|one| one["elements"][0]["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn commands_are_whole_in_the_message_or_in_the_file() {
    for (name, report) in cards::reports() {
        for card in [card(report, &CardWish::default()), ecs_why_core::render::fix_card(report)] {
            let shown = shown(&Message::of(card.clone()), "k1");
            let code = code(&shown.blocks).join("\n");
            let file = shown.rest.map(|rest| String::from_utf8(rest.bytes).expect("text")).unwrap_or_default();
            for block in &card.blocks {
                if let CardBlock::Commands(commands) = block {
                    for command in commands {
                        assert!(code.contains(command) || file.contains(command), "{name}: {command}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_command_stands_there_as_it_is() {
    let command = "aws x --name '<!channel> *b* `c` & <https://e>'".to_owned();
    let card = Card { blocks: vec![CardBlock::Commands(vec![command.clone()])], ..note("t", "", Tone::Plain) };
    assert_eq!(code(&shown(&Message::of(card), "").blocks), [command]);
}

#[test]
fn a_long_title_is_said_whole_below_the_header() {
    let title = format!("FAILED: `payments:42` {}", "cannot start ".repeat(15));
    let shown = shown(&Message::of(note(title.trim(), "", Tone::Bad)), "");
    let value = serde_json::to_value(&shown.blocks).expect("JSON");
    assert!(
        value[0]["text"]["text"]
            .as_str()
            .is_some_and(|text| text.starts_with("🔴 FAILED: 'payments:42'") && text.ends_with('…'))
    );
    assert_eq!(value[1]["elements"][0]["elements"][1]["text"], "payments:42");
    assert_eq!(value[1]["elements"][0]["elements"][1]["style"], json!({"bold": true, "code": true}));
    assert_eq!(shown.rest, None);
}

#[test]
fn what_has_no_room_is_said_to_be_in_the_file() {
    let text = "a sentence. ".repeat(2_000);
    let shown = shown(&Message::of(note("t", &text, Tone::Plain)), "k7");
    let rest = shown.rest.expect("it has a file");
    assert_eq!(rest.name, "ecs-why-k7.md");
    assert!(String::from_utf8_lossy(&rest.bytes).contains(text.trim()));
    let value = serde_json::to_value(&shown.blocks).expect("JSON").to_string();
    assert!(value.contains("ecs-why-k7.md"), "{value}");
}

#[test]
fn an_empty_message_is_still_one() {
    let shown = shown(&Message::of(note("", "", Tone::Plain)), "");
    assert_eq!(shown.text, "(empty)");
    assert_eq!(faults(&body(&shown)), Vec::<String>::new());
}
