//! Discord: hearing by the gateway through serenity, speaking by the HTTP API.
//!
//! What is heard: the slash command `/why` with completion of its target, presses of buttons, mentions, and direct messages. Without the
//! privileged intent for the content of messages Discord gives us the words of no others, and we want none.
//! Bots, webhooks and we ourselves are not heard.
//!
//! The gateway resumes after a lost connection, and Discord then repeats what was missed. It does not after a restart of the process, nor
//! where serenity begins a session anew, because Discord ended the old one or stopped answering heartbeats: who asked by a command in that
//! time was told by Discord that the application did not respond; a mention from that time is not seen.
//!
//! Both ways go by TLS, with the roots that are compiled in, whatever roots the machine has. The HTTP API obeys the environment's proxies; the
//! gateway knows none.
//!
//! A command is answered by its interaction's token, which is dead after 15 minutes; from then on the message is edited as any other, for
//! which the bot must see the channel. It needs *View Channel*, *Send Messages*, *Send Messages in Threads*, *Create Public Threads*,
//! *Embed Links*, *Attach Files* and *Read Message History*.

mod commands;
mod embed;
mod find;
mod gateway;
mod handler;
mod hear;
mod pauses;
mod plain;
mod rest;
mod speak;
mod threads;
mod trouble;
mod way;

pub use commands::register;
pub use gateway::serve;
pub use speak::DiscordPlatform;

use secrecy::SecretString;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use trouble::Trouble;
use url::{Host, Url};

/// What it takes to be on Discord.
#[derive(Debug, Clone)]
pub struct DiscordConfig {
    /// The bot's token.
    pub token: SecretString,
    /// The application's id; Discord is asked where it is not given.
    pub application: Option<u64>,
    /// Another address than Discord's.
    pub api_url: Option<Url>,
    /// Whether Discord reaches us right now: for readiness. A clone of it stays with who asks.
    pub up: Arc<AtomicBool>,
}

impl DiscordConfig {
    /// With this token, for Discord itself.
    pub fn new(token: SecretString) -> DiscordConfig {
        DiscordConfig { token, application: None, api_url: None, up: Arc::default() }
    }

    /// Discord is played by this machine.
    fn is_local(&self) -> bool {
        match self.api_url.as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

/// What to do about it, for whoever starts the bot.
fn why_not(trouble: Trouble) -> String {
    match trouble {
        Trouble::Status { status: 401, .. } => {
            "discord does not know the bot's token: copy it anew from the Developer Portal (Bot, Reset Token)"
                .to_owned()
        }
        Trouble::Status { status: 403, message, .. } => {
            format!(
                "discord does not let the bot do that: {message}; is it in the guild, with the scope applications.commands?"
            )
        }
        Trouble::Later(wait) => format!("discord wants us to wait for {} s", wait.as_secs()),
        Trouble::Status { status, code, message } => format!("discord answered {status} (code {code}): {message}"),
        Trouble::Broken(why) => why,
    }
}
