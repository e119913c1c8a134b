//! A list of names to choose from, which Slack fills while somebody types: it asks us for what fits (external select).
//! <https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select>

use crate::platform::{Button, PICK};
use serde_json::{Value, json};

/// What Slack takes: entries, characters of a text, characters of a value.
const MOST: usize = 100;
const TEXT: usize = 75;
const VALUE: usize = 150;
/// Characters of the words in the empty list.
const PLACEHOLDER: usize = 150;

/// The list as a block of its own.
pub fn block(button: &Button) -> Value {
    let placeholder: String = button.label.chars().take(PLACEHOLDER).collect();
    json!({
        "type": "actions",
        "elements": [{
            "type": "external_select",
            "action_id": PICK,
            "placeholder": { "type": "plain_text", "text": placeholder, "emoji": false },
            "min_query_length": 1,
        }],
    })
}

/// The entries of the list. What Slack could not give back is left out.
pub fn options(names: &[String]) -> Value {
    let names = names.iter().filter(|name| !name.is_empty() && name.chars().count() <= VALUE).take(MOST);
    let entry =
        |name: &String| json!({ "text": { "type": "plain_text", "text": end(name), "emoji": false }, "value": name });
    json!({ "options": names.map(entry).collect::<Vec<_>>() })
}

/// What differs between names is rather at their end.
fn end(name: &str) -> String {
    let count = name.chars().count();
    if count <= TEXT {
        return name.to_owned();
    }
    format!("…{}", name.chars().skip(count + 1 - TEXT).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_slacks_limits() {
        let names =
            vec!["prod/payments".to_owned(), format!("prod/{}x", "a".repeat(100)), "b".repeat(151), String::new()];
        let options = options(&names);
        let options = options["options"].as_array().unwrap();
        assert_eq!(options.len(), 2);
        assert_eq!(options[0]["value"], "prod/payments");
        assert_eq!(options[1]["value"], names[1].as_str());
        let text = options[1]["text"]["text"].as_str().unwrap();
        assert!(text.chars().count() == TEXT && text.starts_with('…') && text.ends_with('x'), "{text}");
        let many: Vec<String> = (0..200).map(|number| number.to_string()).collect();
        assert_eq!(super::options(&many)["options"].as_array().unwrap().len(), MOST);
    }
}
