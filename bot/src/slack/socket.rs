//! Socket Mode: Slack speaks over connections that we open, so nobody has to reach us.
//! <https://docs.slack.dev/apis/events-api/using-socket-mode>
//!
//! The library keeps the connections; ours is what is read from them, when to come back, and whether they stand. Each connection hands over
//! one delivery after the other and acknowledges it before the next: that is why there are several.

use crate::slack::SlackConfig;
use crate::slack::hearing::{Hearing, Taken};
use crate::slack::web::{Connector, Web, token};
use anyhow::Context as _;
use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use slack_morphism::clients_manager::{SlackSocketModeClientsManager, SlackSocketModeClientsManagerFactory as _};
use slack_morphism::listener::SlackClientEventsListenerEnvironment;
use slack_morphism::{SlackClientSocketModeConfig, SlackSocketModeClientListener, SlackSocketModeWssClientId};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// While Slack replaces one, the others hear.
const CONNECTIONS: u32 = 3;
/// Seconds between the first attempts of the connections, and between attempts that fail.
const APART: u64 = 1;
const RETRY: u64 = 5;
/// Seconds between pings, and how many may stay unanswered: a dead connection is noticed within half a minute.
const PING: u64 = 10;
const UNANSWERED: u64 = 2;
/// A connection that breaks again and again waits longer and longer.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// One that stood for this long begins anew.
const STOOD: Duration = Duration::from_secs(60);

type Manager = dyn SlackSocketModeClientsManager + Send + Sync;

/// Hears until it is told to end.
///
/// # Errors
/// When the library cannot begin.
pub async fn serve(
    web: &Web,
    secret: &SecretString,
    config: &SlackConfig,
    hearing: Arc<Hearing>,
    end: CancellationToken,
) -> anyhow::Result<()> {
    let environment = SlackClientEventsListenerEnvironment::new(Arc::clone(web.client()));
    let connector: &Connector = &web.client().http_api.connector;
    let manager = connector.new_clients_manager(Arc::new(environment));
    let listener = Arc::new(Listener {
        hearing,
        manager: OnceLock::new(),
        standing: Standing { up: Arc::clone(&config.up), slots: Mutex::default() },
        end: end.clone(),
    });
    let _ = listener.manager.set(Arc::downgrade(&manager));
    let wanted = SlackClientSocketModeConfig::new()
        .with_max_connections_count(CONNECTIONS)
        .with_initial_backoff_in_seconds(APART)
        .with_reconnect_timeout_in_seconds(RETRY)
        .with_ping_interval_in_seconds(PING)
        .with_ping_failure_threshold_times(UNANSWERED);
    manager
        .register_new_token(&wanted, token(secret), listener)
        .await
        .map_err(|_| anyhow::anyhow!("the library refuses"))
        .context("Socket Mode cannot begin")?;
    manager.start().await;
    end.cancelled().await;
    manager.shutdown().await;
    Ok(())
}

struct Listener {
    hearing: Arc<Hearing>,
    manager: OnceLock<Weak<Manager>>,
    standing: Standing,
    end: CancellationToken,
}

/// What comes over a connection.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    envelope_id: Option<String>,
    #[serde(default)]
    payload: Value,
}

impl Listener {
    async fn restart(&self, client: &SlackSocketModeWssClientId) {
        let manager = self.manager.get().and_then(Weak::upgrade);
        if let Some(manager) = manager.filter(|_| !self.end.is_cancelled()) {
            manager.restart_client(client).await;
        }
    }
}

#[async_trait]
impl SlackSocketModeClientListener for Listener {
    async fn on_message(&self, client: &SlackSocketModeWssClientId, body: String) -> Option<String> {
        let Ok(envelope) = serde_json::from_str::<Envelope>(&body) else {
            tracing::warn!("a message of Socket Mode cannot be read");
            return None;
        };
        let taken = match envelope.kind.as_str() {
            "hello" => {
                self.standing.stands(client);
                return None;
            }
            "disconnect" => {
                // Slack renews its connections every few hours, and says so: this is no failure.
                self.standing.fell(client, false);
                self.restart(client).await;
                return None;
            }
            "events_api" => self.hearing.event(envelope.payload).await,
            "slash_commands" => self.hearing.command(envelope.payload).await,
            "interactive" => self.hearing.interaction(envelope.payload).await,
            _ => Taken::Kept,
        };
        acknowledgement(envelope.envelope_id?, taken)
    }

    async fn on_error(&self, _error: Box<dyn std::error::Error + Send + Sync>) {
        // The error quotes what came: it is told without.
        tracing::warn!("a connection to Slack broke");
    }

    async fn on_disconnect(&self, client: &SlackSocketModeWssClientId) {
        let wait = self.standing.fell(client, true);
        tokio::select! {
            () = tokio::time::sleep(wait) => self.restart(client).await,
            () = self.end.cancelled() => {}
        }
    }
}

fn acknowledgement(id: String, taken: Taken) -> Option<String> {
    match taken {
        Taken::Kept => Some(json!({ "envelope_id": id }).to_string()),
        Taken::Answer(payload) => Some(json!({ "envelope_id": id, "payload": payload }).to_string()),
        Taken::NotKept => None,
    }
}

/// Which connections stand, and how often each of them fell lately.
struct Standing {
    up: Arc<AtomicBool>,
    slots: Mutex<BTreeMap<u32, Slot>>,
}

#[derive(Default)]
struct Slot {
    /// The connection that stands, by how often it was renewed, and since when.
    stands: Option<(u64, Instant)>,
    fell: u32,
}

impl Standing {
    fn stands(&self, client: &SlackSocketModeWssClientId) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(client.initial_index).or_default().stands = Some((client.reconnected, Instant::now()));
        self.up.store(true, Ordering::Relaxed);
    }

    /// It stands no more. Says how long to wait before it is opened again.
    fn fell(&self, client: &SlackSocketModeWssClientId, failed: bool) -> Duration {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry(client.initial_index).or_default();
        let stood = slot.stands.take_if(|(renewed, _)| *renewed == client.reconnected);
        if !failed || stood.is_some_and(|(_, since)| since.elapsed() >= STOOD) {
            slot.fell = 0;
        }
        let wait = wait(slot.fell);
        slot.fell = slot.fell.saturating_add(u32::from(failed));
        if slots.values().all(|slot| slot.stands.is_none()) {
            self.up.store(false, Ordering::Relaxed);
        }
        wait
    }
}

/// Twice as long each time, and not at the same moment as everybody else.
fn wait(fell: u32) -> Duration {
    let longest = FIRST_WAIT.saturating_mul(1 << fell.min(16)).min(LONGEST_WAIT);
    let share = u32::from(uuid::Uuid::new_v4().as_bytes()[0]);
    longest / 2 + longest * share / 512
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(slot: u32, renewed: u64) -> SlackSocketModeWssClientId {
        SlackSocketModeWssClientId::new(slot, slot, renewed)
    }

    #[test]
    fn it_is_up_while_any_connection_stands() {
        let standing = Standing { up: Arc::default(), slots: Mutex::default() };
        let up = || standing.up.load(Ordering::Relaxed);
        standing.stands(&client(0, 0));
        standing.stands(&client(1, 0));
        standing.fell(&client(0, 0), true);
        assert!(up());
        standing.fell(&client(1, 0), true);
        assert!(!up());
        standing.stands(&client(1, 1));
        // The one before says late that it ended.
        standing.fell(&client(1, 0), true);
        assert!(up());
    }

    #[test]
    fn what_breaks_again_and_again_waits_longer_and_what_slack_renews_does_not() {
        let standing = Standing { up: Arc::default(), slots: Mutex::default() };
        let mut last = Duration::ZERO;
        for _ in 0..6 {
            last = standing.fell(&client(0, 0), true);
        }
        assert!(last >= FIRST_WAIT * 16 && last <= LONGEST_WAIT, "{last:?}");
        assert!(standing.fell(&client(0, 0), false) <= FIRST_WAIT);
        assert!(wait(u32::MAX) <= LONGEST_WAIT);
    }

    #[test]
    fn only_what_is_kept_is_acknowledged() {
        assert_eq!(acknowledgement("e".to_owned(), Taken::Kept).unwrap(), r#"{"envelope_id":"e"}"#);
        let answer = acknowledgement("e".to_owned(), Taken::Answer(json!({ "options": [] }))).unwrap();
        assert_eq!(answer, r#"{"envelope_id":"e","payload":{"options":[]}}"#);
        assert_eq!(acknowledgement("e".to_owned(), Taken::NotKept), None);
    }
}
