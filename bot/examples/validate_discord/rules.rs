//! What Discord takes: twilight's validators, and what they miss.

use serde_json::Value;
use std::collections::HashSet;
use twilight_model::channel::message::{Component, Embed};
use twilight_validate::message as validate;

/// Characters of all embeds of a message together.
const ALL: usize = 6_000;

fn units(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.encode_utf16().count())
}

fn blank(value: &Value) -> bool {
    value.as_str().is_none_or(|text| text.trim().is_empty())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What is wrong with a message; `new`, if it is not an edit of one.
pub fn message(body: &Value, new: bool) -> Vec<String> {
    let mut faults = vec![];
    let (embeds, components) = (list(&body["embeds"]), list(&body["components"]));
    let other = !list(&body["attachments"]).is_empty() || body.get("poll").is_some();
    if new && blank(&body["content"]) && embeds.is_empty() && components.is_empty() && !other {
        faults.push("the message is empty".to_owned());
    }
    if let Err(error) = validate::content(body["content"].as_str().unwrap_or_default()) {
        faults.push(error.to_string());
    }
    if new && units(&body["nonce"]) > 25 {
        faults.push("the nonce has more than 25 characters".to_owned());
    }
    // Whatever the texts say, nobody is called.
    if new && body["allowed_mentions"]["parse"] != serde_json::json!([]) {
        faults.push("mentions are not switched off (`allowed_mentions`)".to_owned());
    }
    faults.extend(self::embeds(embeds));
    faults.extend(self::components(components));
    faults
}

fn embeds(embeds: &[Value]) -> Vec<String> {
    let mut faults = vec![];
    let mut read: Vec<Embed> = vec![];
    let mut all = 0;
    for (at, embed) in embeds.iter().enumerate() {
        let mut embed = embed.clone();
        // Who sends one need not say of which kind it is.
        if let Some(fields) = embed.as_object_mut()
            && fields.get("type").is_none_or(Value::is_null)
        {
            fields.insert("type".to_owned(), "rich".into());
        }
        let fields = list(&embed["fields"]);
        let texts = [&embed["title"], &embed["description"], &embed["footer"]["text"], &embed["author"]["name"]];
        let told = fields.iter().flat_map(|field| [&field["name"], &field["value"]]);
        all += texts.into_iter().chain(told).map(units).sum::<usize>();
        if texts.iter().all(|text| blank(text)) && fields.is_empty() {
            faults.push(format!("embed {at} is empty"));
        }
        for text in texts.iter().filter(|text| text.is_string() && blank(text)) {
            faults.push(format!("embed {at} has a text without anything in it: {text}"));
        }
        if fields.iter().any(|field| blank(&field["name"]) || blank(&field["value"])) {
            faults.push(format!("embed {at} has a field without a name or value"));
        }
        match serde_json::from_value(embed) {
            Ok(embed) => read.push(embed),
            Err(error) => faults.push(format!("embed {at} is none: {error}")),
        }
    }
    if all > ALL {
        faults.push(format!("the embeds have {all} characters together"));
    }
    if let Err(error) = validate::embeds(&read) {
        faults.push(format!("embeds: {error}: {:?}", error.kind()));
    }
    faults
}

fn components(components: &[Value]) -> Vec<String> {
    let mut faults = vec![];
    let read: Result<Vec<Component>, _> = components.iter().cloned().map(serde_json::from_value).collect();
    match read.map(|read| validate::components(&read, false)) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => faults.push(format!("components: {error}: {:?}", error.kind())),
        Err(error) => faults.push(format!("components: {error}")),
    }
    let mut known = HashSet::new();
    for row in components {
        let parts = list(&row["components"]);
        if parts.is_empty() {
            faults.push("a row without buttons".to_owned());
        }
        for part in parts {
            let id = part["custom_id"].as_str();
            if id.is_some_and(|id| id.is_empty() || !known.insert(id)) {
                faults.push(format!("two components are called {id:?}, or one nothing"));
            }
            // A button needs something to be seen; 5 is a link, which has an address instead of a name.
            if part["type"] == 2 && blank(&part["label"]) && part.get("emoji").is_none_or(Value::is_null) {
                faults.push("a button without a label".to_owned());
            }
            if part["type"] == 2 && part["style"] != 5 && id.is_none() {
                faults.push("a button without a name".to_owned());
            }
        }
    }
    faults
}
