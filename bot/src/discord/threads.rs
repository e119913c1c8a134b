//! Which channel a thread belongs to: the gateway does not say it with a message.

use super::rest::{Rest, id};
use super::trouble::Trouble;
use reqwest::Method;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long it may take to find out.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many channels are remembered.
const MOST: usize = 5000;

/// What was asked already.
#[derive(Debug, Default)]
pub(super) struct Threads(Mutex<BTreeMap<u64, Option<u64>>>);

impl Threads {
    /// The channel that this is a thread of; none if it is no thread.
    pub(super) async fn parent(&self, rest: &Rest, channel: u64) -> Result<Option<u64>, Trouble> {
        if let Some(known) = self.known().get(&channel) {
            return Ok(*known);
        }
        let answer = rest.insist(PATIENCE, Method::GET, &format!("/channels/{channel}"), None).await?;
        // Announcement, public and private threads. <https://discord.com/developers/docs/resources/channel#channel-object-channel-types>
        let is_thread = matches!(answer["type"].as_u64(), Some(10..=12));
        let parent = is_thread.then(|| id(&answer["parent_id"])).flatten();
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(channel, parent);
        Ok(parent)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Option<u64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
