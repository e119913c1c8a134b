//! What a request to Discord holds, by its method and path.

use super::rules;
use serde_json::Value;

/// What is wrong with a request.
pub fn faults(method: &str, body: &Value) -> Vec<String> {
    let (verb, path) = method.split_once(' ').unwrap_or((method, ""));
    let path: Vec<&str> = path.trim_start_matches("/api/v10").trim_matches('/').split(['/', '?']).collect();
    match (verb, path.as_slice()) {
        ("POST", ["channels", _, "messages"]) => rules::message(body, true),
        ("PATCH", ["channels", _, "messages", _] | ["webhooks", _, _, "messages", _]) => rules::message(body, false),
        ("POST", ["webhooks", _, _, ..]) => rules::message(body, true),
        ("POST", ["interactions", _, _, "callback", ..]) => callback(body),
        ("POST", ["channels", _, "messages", _, "threads"] | ["channels", _, "threads"]) => thread(body),
        ("PUT", ["applications", _, .., "commands"]) => commands(body),
        // The others send nothing that people read.
        _ => vec![],
    }
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.encode_utf16().count())
}

fn callback(body: &Value) -> Vec<String> {
    match body["type"].as_u64() {
        Some(4) => rules::message(&body["data"], true),
        Some(7) => rules::message(&body["data"], false),
        // It is told later, or nothing is changed.
        Some(1 | 5 | 6) => vec![],
        Some(8) => choices(&body["data"]),
        other => vec![format!("an answer of type {other:?}")],
    }
}

fn choices(data: &Value) -> Vec<String> {
    let Some(choices) = data["choices"].as_array() else { return vec!["no choices".to_owned()] };
    let mut faults = vec![];
    if choices.len() > 25 {
        faults.push(format!("{} choices", choices.len()));
    }
    let bad = |choice: &&Value| {
        let fits = |text: &Value| (1..=100).contains(&length(text));
        !fits(&choice["name"]) || (choice["value"].is_string() && !fits(&choice["value"]))
    };
    faults.extend(choices.iter().filter(bad).map(|choice| format!("a choice is too long or empty: {choice}")));
    faults
}

fn thread(body: &Value) -> Vec<String> {
    match (1..=100).contains(&length(&body["name"])) {
        true => vec![],
        false => vec![format!("a thread's name: {}", body["name"])],
    }
}

/// The commands of an application: <https://discord.com/developers/docs/interactions/application-commands>.
fn commands(body: &Value) -> Vec<String> {
    let Some(commands) = body.as_array() else { return vec!["commands are no list".to_owned()] };
    let mut faults = vec![];
    let mut named = |one: &Value, what: &str| {
        if let Err(error) = twilight_validate::command::chat_input_name(one["name"].as_str().unwrap_or_default()) {
            faults.push(format!("{what} {}: {error}", one["name"]));
        }
        if !(1..=100).contains(&length(&one["description"])) {
            faults.push(format!("{what} {}: its description", one["name"]));
        }
    };
    for command in commands {
        named(command, "command");
        let options = command["options"].as_array().cloned().unwrap_or_default();
        options.iter().for_each(|option| named(option, "option"));
        if options.len() > 25 {
            named(&Value::Null, "too many options of a command");
        }
    }
    faults
}
