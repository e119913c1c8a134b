//! Slack: what is heard by Socket Mode or over HTTP becomes [`Heard`](crate::platform::Heard), and what is said goes out by the Web API.
//!
//! Nothing here knows what an answer means, and nothing of Slack is known outside.

mod blocks;
mod error;
mod files;
mod find;
mod groups;
mod hearing;
mod http;
mod manifest;
mod payload;
mod pick;
mod plain;
mod socket;
mod speak;
mod web;

pub use manifest::MANIFEST;
pub use speak::SlackPlatform;

use crate::platform::Ear;
use crate::slack::groups::Groups;
use crate::slack::hearing::Hearing;
use crate::slack::payload::Own;
use crate::slack::web::Web;
use anyhow::{Context as _, bail};
use secrecy::SecretString;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::sync::CancellationToken;
use url::Url;

/// The command, as the manifest has it.
pub const COMMAND: &str = "/why";

/// How Slack is reached, and how it reaches us.
#[derive(Debug, Clone)]
pub struct SlackConfig {
    /// The bot's token (`xoxb-`): what is said.
    pub bot_token: SecretString,
    /// The app's token (`xapp-`): hears by Socket Mode.
    pub app_token: Option<SecretString>,
    /// What Slack signs its requests with: needed where it reaches us over HTTP.
    pub signing_secret: Option<SecretString>,
    /// Where Slack's requests arrive, behind what ends TLS; none: by Socket Mode alone.
    pub http: Option<SocketAddr>,
    /// Another address of the Web API: a proxy, or a test.
    pub api_url: Option<Url>,
    /// The slash command ([`COMMAND`]).
    pub command: String,
    /// The user groups that the configuration names as roles, by their ids; with none, Slack is not asked who is in which.
    pub groups: Vec<String>,
    /// Whether Slack reaches us right now: for readiness. A clone of it stays with who asks.
    pub up: Arc<AtomicBool>,
}

impl SlackConfig {
    /// With a bot's token, and nothing else set.
    pub fn new(bot_token: SecretString) -> SlackConfig {
        SlackConfig {
            bot_token,
            app_token: None,
            signing_secret: None,
            http: None,
            api_url: None,
            command: COMMAND.to_owned(),
            groups: vec![],
            up: Arc::default(),
        }
    }
}

/// Hears until it is told to end. What was heard and not acknowledged by then is delivered again by Slack.
///
/// # Errors
/// When Slack refuses a token, when the configuration leaves no way to hear, or when the address cannot be taken.
pub async fn serve(config: SlackConfig, ear: Arc<dyn Ear>, end: CancellationToken) -> anyhow::Result<()> {
    if config.app_token.is_none() && config.http.is_none() {
        bail!("Slack cannot reach the bot: set an app token (Socket Mode) or an address for HTTP events");
    }
    let web = Web::new(&config)?;
    let own = tokio::select! {
        own = web.own() => own.context("Slack does not accept the bot token")?,
        () = end.cancelled() => return Ok(()),
    };
    let groups = Arc::new(Groups::default());
    let hearing =
        Arc::new(Hearing { own: Own { user: own, command: config.command.clone() }, ear, groups: Arc::clone(&groups) });
    if !config.groups.is_empty() {
        groups.read(&web, &config.groups).await;
        tokio::spawn(groups.keep_reading(web.clone(), config.groups.clone(), end.clone()));
    }
    let by_socket = async {
        match &config.app_token {
            Some(token) => socket::serve(&web, token, &config, Arc::clone(&hearing), end.clone()).await,
            None => Ok(()),
        }
    };
    let by_http = async {
        match config.http {
            Some(address) => http::serve(address, &config, Arc::clone(&hearing), end.clone()).await,
            None => Ok(()),
        }
    };
    let served = tokio::try_join!(by_socket, by_http);
    config.up.store(false, Ordering::Relaxed);
    served.map(|_| ())
}
