//! A message as Block Kit.

use crate::platform::{Attachment, Message};
use serde_json::{Value, json};

/// A message in Slack's form.
pub struct Shown {
    /// What a notification says.
    pub text: String,
    /// The blocks.
    pub blocks: Vec<Value>,
    /// What had no room.
    pub rest: Option<Attachment>,
}

/// The message as blocks.
pub fn shown(message: &Message, _key: &str) -> Shown {
    let title: String = message.card.title.chars().take(150).collect();
    let mut blocks = vec![json!({ "type": "header", "text": { "type": "plain_text", "text": title } })];
    let buttons: Vec<Value> = message
        .buttons
        .iter()
        .map(|button| {
            let text = json!({ "type": "plain_text", "text": button.label });
            json!({ "type": "button", "action_id": button.value, "value": button.value, "text": text })
        })
        .collect();
    if !buttons.is_empty() {
        blocks.push(json!({ "type": "actions", "elements": buttons }));
    }
    Shown { text: title, blocks, rest: None }
}
