//! The one TOML file: which platforms, which channels and who in them may ask about what. Tokens are never in it.

mod check;
mod cluster;
mod leak;
mod platforms;
#[cfg(test)]
pub mod tests;
mod tokens;

pub use check::Problem;
pub use cluster::Clusters;
pub use platforms::{Discord, Slack};
pub use tokens::Token;

use crate::platform::Kind;
use ecs_why_core::change::HouseRules;
use ecs_why_core::settings::{NamedAccount, Settings};
use indexmap::IndexMap;
use serde::Deserialize;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use toml::Spanned;
use url::Url;

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The SQLite file of what has to outlive the process.
    pub state: PathBuf,
    /// `[fixes]`: what fixes may do.
    #[serde(default)]
    pub fixes: HouseRules,
    /// `[accounts.NAME]`: how each account is read; without any, that of the environment.
    #[serde(default)]
    pub accounts: IndexMap<String, NamedAccount>,
    /// `[aws]`: what holds for all accounts.
    #[cfg_attr(not(feature = "live"), allow(dead_code))]
    #[serde(default)]
    pub aws: Aws,
    /// `[recorded]`: recorded evidence answers instead of an account.
    pub recorded: Option<Recorded>,
    /// `[slack]`.
    pub slack: Option<Slack>,
    /// `[discord]`.
    pub discord: Option<Discord>,
    /// `[[channel]]`: where may be asked about what.
    #[serde(default, rename = "channel")]
    pub channels: Vec<Channel>,
    /// `[direct]`: who may ask about what in direct messages; without it nobody may.
    pub direct: Option<Direct>,
    /// `[limits]`.
    #[serde(default)]
    pub limits: Limits,
    /// `[alerts]`: the queue of events.
    pub alerts: Option<Alerts>,
    /// `[owners]`: who gets what somebody called wrong.
    pub owners: Option<Spanned<Owners>>,
    /// `[health]`: where health and metrics are served.
    pub health: Option<Health>,
    /// `[log]`.
    #[serde(default)]
    pub log: Log,
}

/// What holds for all accounts.
#[cfg_attr(not(feature = "live"), allow(dead_code))]
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Aws {
    /// The region, where nothing else names one.
    pub region: Option<String>,
    /// Where requests go instead of AWS's own endpoints.
    pub endpoint_url: Option<Url>,
    /// Certificates to trust instead of the system's (PEM).
    pub ca_bundle: Option<PathBuf>,
}

/// Recorded evidence.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Recorded {
    /// The files (`ecs-why --save-evidence`).
    pub evidence: Spanned<Vec<PathBuf>>,
}

/// A channel.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Channel {
    /// On which platform.
    pub platform: Spanned<Kind>,
    /// Its id.
    pub id: Spanned<String>,
    /// Its name, for people.
    pub name: String,
    /// The accounts that may be asked about; may be left out if there is one at most.
    pub accounts: Option<Spanned<Vec<String>>>,
    /// The regions; left out: those of each account.
    pub regions: Option<Spanned<Vec<String>>>,
    /// The clusters, by name or as in `prod-*`.
    pub clusters: Spanned<Clusters>,
    /// Who may ask, by id; with `roles` empty as well: everybody there.
    #[serde(default)]
    pub people: Vec<String>,
    /// Whose roles (Discord) or user groups (Slack) may ask, by id.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether log lines may be read and shown.
    #[serde(default)]
    pub logs: bool,
    /// Whether alerts about its clusters go there.
    #[serde(default)]
    pub alerts: bool,
    /// When alerts are counted and not posted.
    pub quiet: Option<Spanned<Quiet>>,
}

/// Direct messages.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Direct {
    /// As for a channel.
    pub accounts: Option<Spanned<Vec<String>>>,
    /// As for a channel.
    pub regions: Option<Spanned<Vec<String>>>,
    /// As for a channel.
    pub clusters: Spanned<Clusters>,
    /// Who may ask, by id; empty: everybody of the workspaces (on Discord a direct message has no guild: there it is needed).
    #[serde(default)]
    pub people: Vec<String>,
    /// Whether log lines may be read and shown.
    #[serde(default)]
    pub logs: bool,
}

/// A time of the day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Quiet {
    /// As in `22:00`.
    pub from: jiff::civil::Time,
    /// As in `06:30`.
    pub to: jiff::civil::Time,
    /// As in `Europe/Berlin`; left out: UTC.
    pub zone: Option<String>,
}

/// How much at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Limits {
    /// Questions and presses of one person in a minute.
    pub per_person: NonZeroU32,
    /// The same of all in one channel.
    pub per_channel: NonZeroU32,
    /// Diagnoses that run at once.
    pub diagnoses: NonZeroU32,
    /// How many seconds a diagnosis may take; then it tells what it knows.
    pub seconds: NonZeroU32,
    /// New threads that alerts may open in one channel in ten minutes.
    pub threads: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Limits {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Limits {
            per_person: number(12),
            per_channel: number(60),
            diagnoses: number(8),
            seconds: number(45),
            threads: number(10),
        }
    }
}

/// The queue of events.
#[cfg_attr(not(feature = "live"), allow(dead_code))]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Alerts {
    /// The queue.
    pub queue_url: Url,
    /// Where unreadable messages go; left out: the queue's own redrive policy moves them.
    pub dead_letter_url: Option<Url>,
    /// The account with the queue.
    pub account: Option<Spanned<String>>,
    /// Its region.
    pub region: Option<String>,
}

/// Who gets what somebody called wrong: one of the two.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Owners {
    /// A folder for the cases.
    pub folder: Option<PathBuf>,
    /// A channel, by its name in this file.
    pub channel: Option<String>,
}

/// Where health and metrics are served.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Health {
    /// As in `127.0.0.1:9464`.
    pub listen: SocketAddr,
}

/// What is logged, and where.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Log {
    /// How.
    pub format: LogFormat,
    /// From which level on.
    pub level: LogLevel,
    /// The file of the audit lines; left out: standard error.
    pub audit: Option<PathBuf>,
}

/// How it is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// A JSON object a line.
    #[default]
    Json,
    /// For people.
    Text,
}

/// From which level on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// What went wrong.
    Error,
    /// What may have.
    Warn,
    /// What happened.
    #[default]
    Info,
    /// All.
    Debug,
}

impl LogLevel {
    /// The word of a filter.
    pub const fn as_str(self) -> &'static str {
        match self {
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "info",
            LogLevel::Debug => "debug",
        }
    }
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read the configuration `{}`", path.display())]
    Unread {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is read, and wrong.
    #[error("the configuration `{}` is wrong", path.display())]
    Wrong {
        /// Where it is.
        path: PathBuf,
        /// All that is wrong, by line.
        problems: Vec<Problem>,
    },
}

/// Reads a file.
///
/// # Errors
/// With all that is wrong with it.
pub fn read(path: &Path) -> Result<Config, ConfigError> {
    let unread = |source| ConfigError::Unread { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(unread)?;
    parse(&String::from_utf8_lossy(&bytes)).map_err(|problems| ConfigError::Wrong { path: path.to_owned(), problems })
}

/// Reads a text.
///
/// # Errors
/// With all that is wrong with it, by line.
pub fn parse(text: &str) -> Result<Config, Vec<Problem>> {
    // A token that stands in the wrong place would be quoted by what is said of that place.
    let leaks = leak::tokens(text);
    if !leaks.is_empty() {
        return Err(leaks);
    }
    let config: Config = toml::from_str(text).map_err(|error| {
        let line = check::line(text, error.span().map_or(0, |span| span.start));
        vec![Problem::new(line, error.message().trim().replace('\n', " "))]
    })?;
    match check::problems(&config, text) {
        problems if problems.is_empty() => Ok(config),
        problems => Err(problems),
    }
}

impl Config {
    /// As `ecs_why_aws` and the other front ends know it.
    #[cfg_attr(not(feature = "live"), allow(dead_code))]
    pub fn settings(&self) -> Settings {
        Settings { fixes: self.fixes.clone(), accounts: self.accounts.clone(), ..Settings::default() }
    }
}
