//! What the gateway says, handed on and then acknowledged: an interaction within Discord's three seconds, and only once it is kept.

use super::hear::{self, COMMAND};
use super::rest::{Rest, Said};
use super::speak::nobody;
use super::threads::Threads;
use super::trouble::{ANSWERED_ALREADY, Trouble};
use super::why_not;
use crate::platform::{Ear, Heard, NotKept};
use reqwest::Method;
use serde_json::{Value, json};
use serenity::all::{
    CommandInteraction, ComponentInteraction, ConnectionStage, Context, EventHandler, Interaction, Message, Ready,
    ResumedEvent, ShardStageUpdateEvent,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::RwLock;
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

/// Discord gives an interaction up after three seconds: what is not kept by then is told to try again.
const KEPT_WITHIN: Duration = Duration::from_millis(1800);
/// All tries to acknowledge end here.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_millis(2900);
/// One try.
const ACKNOWLEDGED_ONCE: Duration = Duration::from_millis(1400);
/// Who types waits no longer.
const SUGGESTED_WITHIN: Duration = Duration::from_millis(1500);
/// Discord takes no more choices.
const CHOICES: usize = 25;
/// Nor longer ones.
const CHOICE: usize = 100;
/// How long it may take to say that a question could not be kept.
const EXCUSED_WITHIN: Duration = Duration::from_secs(4);
/// What somebody reads whose question could not be kept.
const TRY_AGAIN: &str = "Your question could not be taken down just now. Please ask again in a moment.";

/// What takes what the gateway says.
pub(super) struct Handler {
    pub(super) rest: Arc<Rest>,
    pub(super) ear: Arc<dyn Ear>,
    pub(super) threads: Threads,
    pub(super) up: Arc<AtomicBool>,
    /// Read while something is handled: the end waits until it may be written.
    pub(super) busy: Arc<RwLock<()>>,
}

#[serenity::async_trait]
impl EventHandler for Handler {
    async fn ready(&self, _: Context, ready: Ready) {
        self.up.store(true, Ordering::Relaxed);
        info!(guilds = ready.guilds.len(), "connected to discord's gateway");
    }

    async fn resume(&self, _: Context, _: ResumedEvent) {
        self.up.store(true, Ordering::Relaxed);
        info!("resumed discord's gateway");
    }

    async fn shard_stage_update(&self, _: Context, update: ShardStageUpdateEvent) {
        self.up.store(update.new == ConnectionStage::Connected, Ordering::Relaxed);
    }

    async fn interaction_create(&self, _: Context, interaction: Interaction) {
        let _busy = self.busy.read().await;
        match interaction {
            Interaction::Command(command) => self.command(&command).await,
            Interaction::Autocomplete(command) => self.suggest(&command).await,
            Interaction::Component(press) => self.press(&press).await,
            // None is ever asked for.
            _ => {}
        }
    }

    async fn message(&self, _: Context, message: Message) {
        let _busy = self.busy.read().await;
        if let Err(trouble) = self.words(&message).await {
            warn!(why = why_not(trouble), "a message was not understood, nor answered");
        }
    }
}

impl Handler {
    async fn command(&self, interaction: &CommandInteraction) {
        if interaction.data.name != COMMAND {
            return;
        }
        // Everybody in the channel sees who asked what, and that it is being looked into.
        let deferred = json!({"type": 5, "data": {}});
        self.interaction(interaction.id.get(), &interaction.token, hear::command(interaction), deferred).await;
    }

    async fn press(&self, interaction: &ComponentInteraction) {
        // The message stays as it is until it is edited, or something is said below it.
        self.interaction(interaction.id.get(), &interaction.token, hear::press(interaction), json!({"type": 6})).await;
    }

    /// Keeps it, and then says that it is kept.
    async fn interaction(&self, id: u64, token: &str, heard: Option<Heard>, kept: Value) {
        let Some(heard) = heard else { return };
        let began = Instant::now();
        let answer = match timeout(KEPT_WITHIN, self.ear.hear(heard)).await {
            Ok(Ok(())) => kept,
            Ok(Err(NotKept(why))) => {
                warn!(why, "a question was not kept");
                try_again()
            }
            Err(_) => {
                warn!("a question was not kept in time");
                try_again()
            }
        };
        self.acknowledge(id, token, answer, began).await;
    }

    async fn suggest(&self, interaction: &CommandInteraction) {
        let began = Instant::now();
        let Some((place, person, typed)) = hear::typing(interaction) else { return };
        let names = timeout(SUGGESTED_WITHIN, self.ear.suggest(&place, &person, typed)).await.unwrap_or_default();
        // A name that is cut would be another name.
        let fits = |name: &&String| (1..=CHOICE).contains(&name.chars().count());
        let choices: Vec<Value> =
            names.iter().filter(fits).take(CHOICES).map(|name| json!({"name": name, "value": name})).collect();
        let answer = json!({"type": 8, "data": {"choices": choices}});
        self.acknowledge(interaction.id.get(), &interaction.token, answer, began).await;
    }

    /// Answers an interaction, as often as it takes within Discord's three seconds. An answer whose arrival nobody confirmed is given again:
    /// Discord takes one, and says so of the second.
    async fn acknowledge(&self, id: u64, token: &str, answer: Value, began: Instant) {
        let path = format!("/interactions/{id}/{token}/callback");
        let said = Said { json: answer, file: None };
        loop {
            let left = ACKNOWLEDGED_WITHIN.saturating_sub(began.elapsed());
            if left.is_zero() {
                warn!("an interaction was not acknowledged in time; its answer comes as a message");
                return;
            }
            match self.rest.call_within(left.min(ACKNOWLEDGED_ONCE), Method::POST, &path, Some(&said)).await {
                Ok(_) => return,
                Err(trouble) if trouble.is(ANSWERED_ALREADY) => return,
                Err(Trouble::Later(wait)) => sleep(wait.min(left)).await,
                Err(Trouble::Broken(_) | Trouble::Status { status: 500.., .. }) => {
                    sleep(Duration::from_millis(100).min(left)).await;
                }
                Err(trouble) => {
                    warn!(why = why_not(trouble), "an interaction was not acknowledged; its answer comes as a message");
                    return;
                }
            }
        }
    }

    /// A mention or a direct message. Nobody repeats it to us, so it is tried more than once.
    async fn words(&self, message: &Message) -> Result<(), Trouble> {
        if !hear::asks(message, self.rest.me().await?) {
            return Ok(());
        }
        let channel = message.channel_id.get();
        let parent = match message.guild_id {
            Some(_) => self.threads.parent(&self.rest, channel).await?,
            None => None,
        };
        let heard = hear::message(message, parent);
        for wait in [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)] {
            match self.ear.hear(heard.clone()).await {
                Ok(()) => return Ok(()),
                Err(NotKept(why)) => warn!(why, "a question was not kept"),
            }
            sleep(wait).await;
        }
        let json = json!({
            "content": TRY_AGAIN,
            "allowed_mentions": nobody(),
            "message_reference": {"message_id": message.id.to_string(), "fail_if_not_exists": false},
            "nonce": message.id.to_string(),
            "enforce_nonce": true,
        });
        let (path, said) = (format!("/channels/{channel}/messages"), Said { json, file: None });
        self.rest.insist(EXCUSED_WITHIN, Method::POST, &path, Some(&said)).await.map(|_| ())
    }
}

/// Only who asked reads it.
fn try_again() -> Value {
    json!({"type": 4, "data": {"content": TRY_AGAIN, "flags": 64, "allowed_mentions": nobody()}})
}
