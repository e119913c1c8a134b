//! What is kept of a report, without what looks like a secret: a stop reason or an event may quote one, and the state file outlives it.

use ecs_why_core::brief::scrub;
use serde_json::Value;
use std::borrow::Cow;

/// More of one text is not kept: the rest of a megabyte tells nobody more.
const LONGEST: usize = 64 * 1024;

/// The same JSON with each of its texts clean. What is no JSON is not kept at all.
pub fn clean(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(value) => texts(value).to_string(),
        Err(_) => String::new(),
    }
}

fn texts(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text_of(&text)),
        Value::Array(items) => items.into_iter().map(texts).collect(),
        // Commands are run by people, and made by us: they stay as they are.
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| if name == "commands" { (name, value) } else { (name, texts(value)) })
            .collect(),
        other => other,
    }
}

fn text_of(text: &str) -> String {
    let cut = &text[..text.floor_char_boundary(LONGEST)];
    match scrub(cut) {
        // A policy is JSON in a text, and must stay that.
        Cow::Owned(_) if is_json(text) => clean(text),
        Cow::Owned(clean) => clean,
        Cow::Borrowed(_) if is_json(text) => text.to_owned(),
        Cow::Borrowed(cut) => cut.to_owned(),
    }
}

fn is_json(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_looks_like_a_secret_is_not_kept_and_commands_stay() {
        let kept = clean(
            &json!({
                "reason": "failed: https://x.example/a?X-Amz-Signature=0123456789abcdef0123456789abcdef password=hunter2hunter2",
                "policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"ecr:*\"}]}",
                "commands": ["aws ssm put-parameter --name a --value password=hunter3hunter3"],
                "count": 3,
            })
            .to_string(),
        );
        assert!(!kept.contains("hunter2") && !kept.contains("0123456789abcdef"), "{kept}");
        assert!(
            kept.contains("hunter3") && kept.contains("\\\"Effect\\\":\\\"Allow\\\"") && kept.contains("\"count\":3"),
            "{kept}"
        );
        assert!(clean("no JSON password=hunter2hunter2").is_empty());
        let long = json!({ "text": "é".repeat(LONGEST) }).to_string();
        assert!(clean(&long).len() <= LONGEST + 20);
    }

    #[test]
    fn every_recorded_incident_says_the_same_when_it_was_kept() {
        for (name, report) in crate::cards::reports() {
            let text = serde_json::to_string(&report).expect("JSON");
            let kept = ecs_why_core::report::Report::parse(&clean(&text)).expect("a report still");
            assert_eq!((kept.outcome, kept.causes.len()), (report.outcome, report.causes.len()), "{name}");
            assert_eq!(kept.headline, report.headline, "{name}");
        }
    }
}
