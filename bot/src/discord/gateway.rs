//! Hearing: the gateway, kept up by serenity, and what it says handed on before it is acknowledged.

use super::hear::{self, COMMAND};
use super::rest::{Rest, Said};
use super::speak::nobody;
use super::threads::Threads;
use super::trouble::{ANSWERED_ALREADY, Trouble};
use super::{DiscordConfig, why_not};
use crate::platform::{Ear, Heard, NotKept};
use anyhow::{Context as _, anyhow};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use serenity::all::{
    Client, CommandInteraction, ComponentInteraction, ConnectionStage, Context, EventHandler, GatewayIntents,
    Interaction, Message, Ready, ResumedEvent, ShardStageUpdateEvent,
};
use serenity::client::ClientBuilder;
use serenity::gateway::GatewayError;
use serenity::http::HttpBuilder;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Discord gives an interaction up after three seconds: what is not kept by then is told to try again.
const KEPT_WITHIN: Duration = Duration::from_millis(1800);
/// All tries to acknowledge end here.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_millis(2900);
/// One try.
const ACKNOWLEDGED_ONCE: Duration = Duration::from_millis(1000);
/// Who types waits no longer.
const SUGGESTED_WITHIN: Duration = Duration::from_millis(1500);
/// Discord takes no more choices.
const CHOICES: usize = 25;
/// Nor longer ones.
const CHOICE: usize = 100;
/// What is being handled when the end comes has so long.
const FAREWELL: Duration = Duration::from_secs(4);
/// The waits between two tries to reach Discord.
const WAITS: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(60),
];
/// What somebody reads whose question could not be kept.
const TRY_AGAIN: &str = "Your question could not be taken down just now. Please ask again in a moment.";

/// Hears what is said until the end; connections that break are made anew, and resumed where Discord lets them.
///
/// # Errors
/// When Discord refuses the token or what we want to hear. That it cannot be reached is no error: it is tried again.
pub async fn serve(config: DiscordConfig, ear: Arc<dyn Ear>, end: CancellationToken) -> anyhow::Result<()> {
    let rest = Arc::new(Rest::new(&config)?);
    let (busy, mut idle) = mpsc::channel::<()>(1);
    let mut failures = 0;
    let answer = loop {
        let began = Instant::now();
        let handler = Handler {
            rest: rest.clone(),
            ear: ear.clone(),
            threads: Threads::default(),
            up: config.up.clone(),
            busy: busy.clone(),
        };
        let tried = tokio::select! {
            () = end.cancelled() => break Ok(()),
            tried = connect(&config, handler) => tried,
        };
        let why = match tried {
            Ok(mut client) => match listen(&mut client, &end).await {
                Ok(()) if end.is_cancelled() => break Ok(()),
                Ok(()) => "the connection ended".to_owned(),
                Err(Broken::ForGood(error)) => break Err(error),
                Err(Broken::ForNow(why)) => why,
            },
            Err(Broken::ForGood(error)) => break Err(error),
            Err(Broken::ForNow(why)) => why,
        };
        config.up.store(false, Ordering::Relaxed);
        failures = if began.elapsed() > Duration::from_secs(300) { 0 } else { failures };
        let wait = WAITS[failures.min(WAITS.len() - 1)];
        failures += 1;
        warn!(%why, ?wait, "discord's gateway is not connected; it is tried again");
        tokio::select! {
            () = end.cancelled() => break Ok(()),
            () = sleep(wait) => {}
        }
    };
    config.up.store(false, Ordering::Relaxed);
    drop(busy);
    if timeout(FAREWELL, idle.recv()).await.is_err() {
        warn!("some of what was heard last is not acknowledged");
    }
    answer
}

/// Why there is no connection.
enum Broken {
    /// Trying again is of no use.
    ForGood(anyhow::Error),
    /// It may be of use.
    ForNow(String),
}

impl From<Trouble> for Broken {
    fn from(trouble: Trouble) -> Broken {
        let refused = matches!(trouble, Trouble::Status { status: 401 | 403, .. });
        let why = why_not(trouble);
        if refused { Broken::ForGood(anyhow!(why)) } else { Broken::ForNow(why) }
    }
}

/// A client that is ready to listen. Who we are is asked first: it says whether the token is good.
async fn connect(config: &DiscordConfig, handler: Handler) -> Result<Client, Broken> {
    handler.rest.me().await?;
    let gateway = handler.rest.call(Method::GET, "/gateway", None).await?;
    let gateway =
        gateway["url"].as_str().context("discord names no gateway").map_err(|why| Broken::ForNow(why.to_string()))?;
    let mut http =
        HttpBuilder::new(config.token.expose_secret()).client(handler.rest.client()).ratelimiter_disabled(true);
    if let Some(url) = &config.api_url {
        http = http.proxy(url.as_str().trim_end_matches('/'));
    }
    let intents = GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
    let client = ClientBuilder::new_with_http(http.build(), intents).event_handler(handler).await;
    let client = client.map_err(|_| Broken::ForNow("no client can be made".to_owned()))?;
    // serenity asks by itself too, and takes Discord's own gateway where it gets no answer.
    *client.ws_url.lock().await = gateway.to_owned();
    Ok(client)
}

async fn listen(client: &mut Client, end: &CancellationToken) -> Result<(), Broken> {
    let shards = client.shard_manager.clone();
    let ended = {
        let started = client.start();
        tokio::pin!(started);
        tokio::select! {
            ended = &mut started => ended,
            () = end.cancelled() => {
                shards.shutdown_all().await;
                return Ok(());
            }
        }
    };
    match ended {
        Ok(()) => Ok(()),
        Err(serenity::Error::Gateway(GatewayError::InvalidAuthentication)) => {
            Err(Broken::ForGood(anyhow!("discord's gateway does not know the bot's token")))
        }
        Err(serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents | GatewayError::InvalidGatewayIntents)) => {
            Err(Broken::ForGood(anyhow!("discord's gateway does not let the bot hear messages")))
        }
        // Said without the error's own words: they may hold an address with a session in it.
        Err(_) => Err(Broken::ForNow("the connection failed".to_owned())),
    }
}

/// What takes what the gateway says.
struct Handler {
    rest: Arc<Rest>,
    ear: Arc<dyn Ear>,
    threads: Threads,
    up: Arc<AtomicBool>,
    /// Held while something is handled: the end waits for it.
    busy: mpsc::Sender<()>,
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
        let _busy = self.busy.clone();
        match interaction {
            Interaction::Command(command) => self.command(&command).await,
            Interaction::Autocomplete(command) => self.suggest(&command).await,
            Interaction::Component(press) => self.press(&press).await,
            // None is ever asked for.
            _ => {}
        }
    }

    async fn message(&self, _: Context, message: Message) {
        let _busy = self.busy.clone();
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
        self.rest.insist(FAREWELL, Method::POST, &path, Some(&said)).await.map(|_| ())
    }
}

/// Only who asked reads it.
fn try_again() -> Value {
    json!({"type": 4, "data": {"content": TRY_AGAIN, "flags": 64, "allowed_mentions": nobody()}})
}
