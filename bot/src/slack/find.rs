//! A message of ours by the key in its metadata, for after a restart and after an answer that was lost.

use crate::platform::{Place, SendError, Sent};
use crate::slack::web::{Method, Web};
use ecs_why_core::model::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kind of our metadata.
const EVENT: &str = "ecs_why";
/// Our clock may go before Slack's.
const SKEW: jiff::SignedDuration = jiff::SignedDuration::from_secs(120);
/// Messages in an answer: Slack recommends no more than 200.
const PAGE: usize = 200;
/// Answers that are read: a channel in which more was said since then is not searched further.
const PAGES: usize = 25;

/// What a message of ours carries unseen.
/// <https://docs.slack.dev/messaging/message-metadata>
#[derive(Debug, Serialize)]
pub struct Metadata<'a> {
    event_type: &'static str,
    event_payload: Payload<'a>,
}

#[derive(Debug, Serialize)]
struct Payload<'a> {
    key: &'a str,
}

impl Metadata<'_> {
    /// With this key.
    pub fn of(key: &str) -> Metadata<'_> {
        Metadata { event_type: EVENT, event_payload: Payload { key } }
    }
}

/// What others say has every shape: nothing of it is read but this.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    messages: Vec<Said>,
    #[serde(default)]
    response_metadata: Option<Next>,
}

#[derive(Deserialize)]
struct Said {
    ts: String,
    #[serde(default)]
    thread_ts: Option<String>,
    #[serde(default)]
    metadata: Value,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next_cursor: Option<String>,
}

impl Said {
    fn has(&self, key: &str) -> bool {
        let told = |name: &str| self.metadata.get(name);
        told("event_type").and_then(Value::as_str) == Some(EVENT)
            && told("event_payload").and_then(|payload| payload.get("key")).and_then(Value::as_str) == Some(key)
    }
}

/// The message, if it stands there.
///
/// # Errors
/// See [`SendError`]; also when too much was said since then: whether it was sent is not known.
pub async fn find(web: &Web, place: &Place, key: &str, since: Moment) -> Result<Option<Sent>, SendError> {
    let method = if place.thread.is_some() { Method::Replies } else { Method::History };
    let mut cursor = None;
    for _ in 0..PAGES {
        let parameters = [
            ("channel", Some(place.channel.clone())),
            ("ts", place.thread.clone()),
            ("oldest", Some(stamp(since))),
            ("limit", Some(PAGE.to_string())),
            ("include_all_metadata", Some("true".to_owned())),
            ("cursor", cursor),
        ];
        let page: Page = web.get(method, &parameters).await?;
        if let Some(said) = page.messages.iter().find(|said| said.has(key)) {
            return Ok(Some(Sent { channel: place.channel.clone(), message: said.ts.clone() }));
        }
        cursor = page.response_metadata.and_then(|next| next.next_cursor).filter(|cursor| !cursor.is_empty());
        if cursor.is_none() {
            return Ok(None);
        }
    }
    Err(SendError::Broken("too much was said in the channel since then to look through".to_owned()))
}

/// The thread that a message is in, or else begins: a file under an answer belongs there, and not under the answer.
pub async fn thread_of(web: &Web, sent: &Sent) -> String {
    let parameters =
        [("channel", Some(sent.channel.clone())), ("ts", Some(sent.message.clone())), ("limit", Some("1".to_owned()))];
    let page: Result<Page, SendError> = web.get(Method::Replies, &parameters).await;
    let thread = page.ok().and_then(|page| page.messages.into_iter().next()).and_then(|said| said.thread_ts);
    thread.unwrap_or_else(|| sent.message.clone())
}

/// As Slack writes a moment, a little earlier.
fn stamp(since: Moment) -> String {
    let since = since.checked_sub(SKEW).unwrap_or(since);
    format!("{}.{:06}", since.as_second().max(0), since.subsec_microsecond().max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_slack_does_and_a_little_earlier() {
        let since: Moment = "2025-11-22T10:00:00.5Z".parse().unwrap();
        assert_eq!(stamp(since), "1763805480.500000");
    }

    #[test]
    fn only_our_own_metadata_with_the_key_is_found() {
        for (metadata, wanted) in [
            (r#"{"event_type":"ecs_why","event_payload":{"key":"k1"}}"#, true),
            (r#"{"event_type":"ecs_why","event_payload":{"key":"k2"}}"#, false),
            (r#"{"event_type":"other","event_payload":{"key":"k1"}}"#, false),
            (r#"{"event_type":"ecs_why","event_payload":{"key":{"key":"k1"}}}"#, false),
            (r#"["k1"]"#, false),
            ("null", false),
        ] {
            let said: Said = serde_json::from_str(&format!(r#"{{"ts":"1.2","metadata":{metadata}}}"#)).unwrap();
            assert_eq!(said.has("k1"), wanted, "{metadata}");
        }
    }
}
