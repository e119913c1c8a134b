//! Finding a message again by the key that it carries.

use super::rest::{Rest, id};
use super::speak::sent;
use super::trouble::Trouble;
use super::way::first_id;
use crate::platform::Sent;
use ecs_why_core::model::Moment;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::Value;

/// The clocks of Discord and of this machine are not the same.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(60);
/// Messages in a page: the most that Discord gives.
const PAGE: usize = 100;
/// A channel in which more was said since then is read no further.
const PAGES: usize = 20;

/// The message of ours in this channel that carries the key, if it was sent since then.
pub(super) async fn in_channel(rest: &Rest, channel: u64, key: &str, since: Moment) -> Result<Option<Sent>, Trouble> {
    let me = rest.me().await?;
    let since = since.checked_sub(CLOCKS_DIFFER).unwrap_or(since);
    let mut after = first_id(since).saturating_sub(1);
    for _ in 0..PAGES {
        let path = format!("/channels/{channel}/messages?after={after}&limit={PAGE}");
        let answer = rest.call(Method::GET, &path, None).await?;
        let page = answer.as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(found) =
            page.iter().find(|message| id(&message["author"]["id"]) == Some(me) && carries(message, key))
        {
            return sent(found).map(Some);
        }
        // The pages go from old to new, but within a page the newest is the first.
        let Some(newest) = page.iter().filter_map(|message| id(&message["id"])).max() else { break };
        if page.len() < PAGE || newest <= after {
            break;
        }
        after = newest;
    }
    Ok(None)
}

/// Whether the message carries the key: as its nonce, which Discord forgets, or anywhere in what was shown.
pub(super) fn carries(message: &Value, key: &str) -> bool {
    !key.is_empty() && (message["nonce"] == key || holds(&message["embeds"], key) || holds(&message["components"], key))
}

fn holds(value: &Value, key: &str) -> bool {
    match value {
        Value::String(text) => text.contains(key),
        Value::Array(values) => values.iter().any(|value| holds(value, key)),
        Value::Object(fields) => fields.values().any(|value| holds(value, key)),
        _ => false,
    }
}
