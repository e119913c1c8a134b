//! The platforms: where their tokens are, and who may be heard.

use super::{Config, Problem, Token};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::Spanned;
use url::Url;

/// Slack.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Slack {
    /// The variable with the bot's token (`xoxb-`).
    pub token_env: Option<Spanned<String>>,
    /// The file with it.
    pub token_file: Option<PathBuf>,
    /// The variable with the app's token (`xapp-`), for Socket Mode.
    pub app_token_env: Option<Spanned<String>>,
    /// The file with it.
    pub app_token_file: Option<PathBuf>,
    /// The variable with the signing secret, for HTTP.
    pub signing_secret_env: Option<Spanned<String>>,
    /// The file with it.
    pub signing_secret_file: Option<PathBuf>,
    /// Where Slack's requests are heard; without it, Socket Mode.
    pub http: Option<SocketAddr>,
    /// Slack's Web API elsewhere.
    pub api_url: Option<Url>,
    /// The slash command.
    pub command: Option<Spanned<String>>,
    /// The workspaces by id: nobody else may ask.
    pub workspaces: Spanned<Vec<String>>,
}

/// Discord.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Discord {
    /// The variable with the bot's token.
    pub token_env: Option<Spanned<String>>,
    /// The file with it.
    pub token_file: Option<PathBuf>,
    /// The application's id; else Discord is asked for it.
    pub application: Option<Spanned<String>>,
    /// Discord's API elsewhere.
    pub api_url: Option<Url>,
    /// The guilds by id: nobody else may ask.
    pub guilds: Spanned<Vec<String>>,
}

impl Config {
    /// What is wrong with the tokens: each has to be where the file says.
    pub fn token_problems(&self) -> Vec<Problem> {
        let mut found = vec![];
        let mut look = |token: &Token, prefix: &str, what: &str| match token.read() {
            Err(error) => found.push(Problem::elsewhere(format!("{what}: {error}"))),
            Ok(secret) if !secret.expose_secret().starts_with(prefix) => {
                found.push(Problem::elsewhere(format!("{what}: it does not begin with `{prefix}`")));
            }
            Ok(_) => {}
        };
        if let Some(slack) = &self.slack {
            look(&slack.bot_token(), "xoxb-", "Slack's bot token");
            match slack.http {
                Some(_) => look(&slack.signing_secret(), "", "Slack's signing secret"),
                None => look(&slack.app_token(), "xapp-", "Slack's app token (Socket Mode)"),
            }
        }
        if let Some(discord) = &self.discord {
            look(&discord.token(), "", "Discord's token");
        }
        found
    }
}

fn named(variable: &Option<Spanned<String>>) -> Option<&str> {
    variable.as_ref().map(|name| name.get_ref().as_str())
}

fn path(file: &Option<PathBuf>) -> Option<&Path> {
    file.as_deref()
}

impl Slack {
    /// The bot's token.
    pub fn bot_token(&self) -> Token {
        Token::of(named(&self.token_env), path(&self.token_file), "SLACK_BOT_TOKEN")
    }

    /// The app's token, for Socket Mode.
    pub fn app_token(&self) -> Token {
        Token::of(named(&self.app_token_env), path(&self.app_token_file), "SLACK_APP_TOKEN")
    }

    /// The signing secret, for HTTP.
    pub fn signing_secret(&self) -> Token {
        Token::of(named(&self.signing_secret_env), path(&self.signing_secret_file), "SLACK_SIGNING_SECRET")
    }

    /// The slash command.
    pub fn command(&self) -> &str {
        named(&self.command).unwrap_or("/why")
    }
}

impl Discord {
    /// The bot's token.
    pub fn token(&self) -> Token {
        Token::of(named(&self.token_env), path(&self.token_file), "DISCORD_TOKEN")
    }
}
