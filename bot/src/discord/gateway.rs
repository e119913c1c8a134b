//! The gateway's connection: serenity keeps it up, and what serenity gives up is begun anew here.

use super::handler::Handler;
use super::rest::Rest;
use super::threads::Threads;
use super::trouble::Trouble;
use super::{DiscordConfig, why_not};
use crate::platform::Ear;
use anyhow::{Context as _, anyhow};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serenity::all::{Client, GatewayIntents};
use serenity::client::ClientBuilder;
use serenity::gateway::GatewayError;
use serenity::http::HttpBuilder;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::RwLock;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

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
/// Hears what is said until the end; connections that break are made anew, and resumed where Discord lets them.
///
/// # Errors
/// When Discord refuses the token or what we want to hear. That it cannot be reached is no error: it is tried again.
pub async fn serve(config: DiscordConfig, ear: Arc<dyn Ear>, end: CancellationToken) -> anyhow::Result<()> {
    let rest = Arc::new(Rest::new(&config)?);
    let busy = Arc::new(RwLock::new(()));
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
    if timeout(FAREWELL, busy.write()).await.is_err() {
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
