//! What Slack and Discord have in common: places, people, messages and buttons. Each platform's folder turns these into its own protocol,
//! and what it hears into these; everything between the two knows no platform.

use async_trait::async_trait;
use ecs_why_core::model::Moment;
use ecs_why_core::render::Card;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Slack.
    Slack,
    /// Discord.
    Discord,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Slack => "slack",
            Kind::Discord => "discord",
        })
    }
}

/// Where something is said.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The platform.
    pub kind: Kind,
    /// The workspace (Slack) or guild (Discord) by its id; none in a direct message on Discord.
    pub space: Option<String>,
    /// The channel by its id.
    pub channel: String,
    /// The thread: the `ts` of its first message (Slack), or its id (Discord).
    pub thread: Option<String>,
    /// Only one person reads it.
    pub direct: bool,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The platform's id.
    pub id: String,
    /// The ids of roles (Discord) or user groups (Slack) that the person has, as far as the platform says so by itself.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// How an answer reaches who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// A message in the place.
    Message,
    /// What stands for an interaction until it is answered: Discord's token, for 15 minutes, or Slack's `response_url`, for 30; on Discord
    /// also the message that a reply belongs under. Only the platform that made it reads it; it is a secret, and not logged.
    /// <https://discord.com/developers/docs/interactions/receiving-and-responding>
    /// <https://docs.slack.dev/interactivity/handling-user-interaction#message_responses>
    Interaction(String),
}

/// Something that reached us from a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The same whenever the platform delivers the same again: Slack's event id, or the ids of channel and message; Discord's interaction or
    /// message id. Begins with the platform.
    pub id: String,
    /// Where it was said, and where the answer belongs: the thread is that of the question.
    pub place: Place,
    /// By whom.
    pub person: Person,
    /// What.
    pub what: What,
    /// How the answer gets there.
    pub route: Route,
}

/// What reached us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The words of a slash command, without the command; empty if there are none.
    Command(String),
    /// A mention of the bot, or a direct message, without the mention, in plain text (the platform's escapes undone).
    Words(String),
    /// A button or an entry of a list.
    Press {
        /// What the button carries ([`Button::value`]).
        value: String,
        /// The message that it stands in.
        on: Sent,
    },
}

/// A message that was sent, so that it can be edited.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sent {
    /// The channel by its id (of a thread on Discord: the thread's).
    pub channel: String,
    /// The message: its `ts` (Slack) or id (Discord).
    pub message: String,
}

/// What a message says: a card, and what can be pressed under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// What is said.
    pub card: Card,
    /// What can be pressed, in their order; none has none.
    pub buttons: Vec<Button>,
}

impl Message {
    /// A message without buttons.
    pub fn of(card: Card) -> Message {
        Message { card, buttons: vec![] }
    }
}

/// Something to press.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// At most 40 characters, in plain text.
    pub label: String,
    /// What comes back, at most 90 bytes (Discord allows 100 in a `custom_id`, Slack 255 in an `action_id`); unique in its message.
    pub value: String,
}

/// As [`Button::value`]: no button, but a list of all names that the place may ask about, filled by [`Ear::suggest`] while somebody types;
/// what is chosen is heard as [`What::Command`]. At most one in a message. Discord leaves it out: its commands complete by themselves.
pub const PICK: &str = "pick";

/// A file beside a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why something was not said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The channel or message is not there (any more), or the bot is not in it: trying again is of no use.
    #[error("{0}")]
    Gone(String),
    /// The platform refuses the message or the credentials: trying again is of no use.
    #[error("{0}")]
    Refused(String),
    /// The platform wants us to wait.
    #[error("the platform wants us to wait {0:?}")]
    Later(Duration),
    /// The platform cannot be reached, or failed; whether the message was sent is not known.
    #[error("{0}")]
    Broken(String),
}

/// One platform, as what is said reaches it.
#[async_trait]
pub trait Platform: Send + Sync {
    /// Which one.
    fn kind(&self) -> Kind;

    /// Says something new. `key` is kept in the message (Slack: its metadata; Discord: an enforced nonce, and the buttons), so that
    /// [`Platform::find`] finds it.
    ///
    /// # Errors
    /// See [`SendError`].
    async fn post(&self, place: &Place, route: &Route, message: &Message, key: &str) -> Result<Sent, SendError>;

    /// Changes what was said. `key` as for [`Platform::post`].
    ///
    /// # Errors
    /// See [`SendError`].
    async fn edit(&self, sent: &Sent, route: &Route, message: &Message, key: &str) -> Result<(), SendError>;

    /// The message with this key, if it was sent since then: asked after a restart, and after [`SendError::Broken`].
    ///
    /// # Errors
    /// See [`SendError`].
    async fn find(&self, place: &Place, route: &Route, key: &str, since: Moment) -> Result<Option<Sent>, SendError>;

    /// Puts a file into the place.
    ///
    /// # Errors
    /// See [`SendError`].
    async fn attach(&self, place: &Place, route: &Route, file: &Attachment) -> Result<(), SendError>;

    /// Says something that only who asked can read, where the platform can; else in the place.
    ///
    /// # Errors
    /// See [`SendError`].
    async fn whisper(&self, heard: &Heard, message: &Message) -> Result<(), SendError>;

    /// The place of the thread under a message, for what belongs to it. On Discord the thread is made, with this name, if it is not there.
    ///
    /// # Errors
    /// See [`SendError`].
    async fn thread(&self, place: &Place, under: &Sent, name: &str) -> Result<Place, SendError>;
}

/// Who takes what a platform hears.
#[async_trait]
pub trait Ear: Send + Sync {
    /// Keeps it for being answered, and returns at once (in milliseconds): the platform is acknowledged after that, within its three seconds.
    /// The same id twice is one question.
    ///
    /// # Errors
    /// When it could not be kept: then it must not be acknowledged, and the platform delivers it again.
    async fn hear(&self, heard: Heard) -> Result<(), NotKept>;

    /// Names that complete what is being typed (clusters, `cluster/service`), at most 25, those that the place may ask about; in at most a second.
    async fn suggest(&self, place: &Place, person: &Person, typed: &str) -> Vec<String>;
}

/// The question could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("the question could not be kept: {0}")]
pub struct NotKept(pub String);
