//! Saying it: cards, edits, files and threads.

use super::DiscordConfig;
use super::embed::{Shown, shown};
use super::rest::{Rest, Said, id};
use super::trouble::{THREAD_IS_THERE, Trouble};
use super::way::{Token, Way};
use crate::platform::{Attachment, Heard, Kind, Message, Place, Platform, Route, SendError, Sent};
use async_trait::async_trait;
use ecs_why_core::model::Moment;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Only who asked sees it.
const EPHEMERAL: u64 = 1 << 6;
/// A thread is put away after a day without a word.
const THREAD_RESTS: u64 = 1440;
/// The longest name of a thread.
const THREAD_NAME: usize = 100;
/// The longest that a nonce may be.
const NONCE: usize = 25;
/// How often, and how long apart, an answer waits for its interaction to be acknowledged: both are on their way to Discord at once.
const OVERTAKEN: (usize, Duration) = (10, Duration::from_millis(250));
/// Who whispers waits so long itself, since nothing tries it again.
const WHISPER_WAITS: Duration = Duration::from_secs(10);

/// Discord, as what is said reaches it.
///
/// A key is found again by its nonce, which Discord enforces for some minutes, and by its standing in the message for good (`embed.rs` says
/// where): wherever in the embeds or components it is, it is found, since nobody can guess it.
pub struct DiscordPlatform {
    pub(super) rest: Rest,
}

impl DiscordPlatform {
    /// For this configuration. It asks nothing yet.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(config: &DiscordConfig) -> anyhow::Result<DiscordPlatform> {
        Ok(DiscordPlatform { rest: Rest::new(config)? })
    }

    /// Something new, in the place. Discord gives back the message that is there already for a nonce that it has seen in the last minutes.
    async fn create(&self, place: &Place, way: &Way, mut said: Said, nonce: &str) -> Result<Sent, Trouble> {
        let channel = channel(place)?;
        said.json["nonce"] = json!(nonce.chars().take(NONCE).collect::<String>());
        said.json["enforce_nonce"] = json!(true);
        if let Way::Reply { channel: of, message } = way
            && *of == channel
        {
            said.json["message_reference"] = json!({"message_id": message.to_string(), "fail_if_not_exists": false});
        }
        let answer = self.rest.call(Method::POST, &format!("/channels/{channel}/messages"), Some(&said)).await?;
        sent(&answer)
    }

    /// A request that an interaction's token allows.
    async fn by_token(
        &self,
        token: &Token,
        method: Method,
        rest_of_path: &str,
        said: Option<&Said>,
    ) -> Result<Value, Trouble> {
        let path = format!("/webhooks/{}/{}{rest_of_path}", self.rest.application().await?, token.secret());
        let (mut tries, pause) = OVERTAKEN;
        loop {
            match self.rest.call(method.clone(), &path, said).await {
                Err(Trouble::Status { status: 404, .. }) if tries > 0 && token.is_young(Timestamp::now()) => {
                    tries -= 1;
                    tokio::time::sleep(pause).await;
                }
                answer => return answer,
            }
        }
    }

    /// A message beside the answer to an interaction.
    async fn follow_up(&self, token: &Token, said: &Said) -> Result<Value, Trouble> {
        self.by_token(token, Method::POST, "?wait=true", Some(said)).await
    }

    async fn whisper_once(&self, heard: &Heard, message: &Message) -> Result<(), Trouble> {
        let way = Way::of(&heard.route);
        let nonce: String = std::iter::once('w').chain(heard.id.chars().filter(char::is_ascii_digit)).collect();
        let mut said = said(shown(message, &nonce));
        let Some(token) = way.token(Timestamp::now()) else {
            return match way {
                // Whoever else reads the place must not read this.
                Way::Command(_) | Way::Press(_) => {
                    Err(Trouble::Status { status: 404, code: 0, message: "the interaction is over".to_owned() })
                }
                Way::Reply { .. } | Way::Plain => self.create(&heard.place, &way, said, &nonce).await.map(|_| ()),
            };
        };
        said.json["flags"] = json!(EPHEMERAL);
        if let Way::Command(_) = way {
            // What everybody sees as "thinking" would take the whisper's place, and everybody would read it.
            match self.by_token(token, Method::DELETE, "/messages/@original", None).await {
                Ok(_) => {}
                Err(trouble) if trouble.is_gone() => {}
                Err(trouble) => return Err(trouble),
            }
        }
        self.follow_up(token, &said).await.map(|_| ())
    }
}

#[async_trait]
impl Platform for DiscordPlatform {
    fn kind(&self) -> Kind {
        Kind::Discord
    }

    async fn post(&self, place: &Place, route: &Route, message: &Message, key: &str) -> Result<Sent, SendError> {
        let (way, said) = (Way::of(route), said(shown(message, key)));
        let token = way.token(Timestamp::now());
        if let (Way::Command(_), Some(token)) = (&way, token) {
            match self.by_token(token, Method::PATCH, "/messages/@original", Some(&said)).await {
                Ok(answer) => return Ok(sent(&answer)?),
                // Never acknowledged, or deleted, or dead earlier than we think.
                Err(trouble) if trouble.is_gone() => {}
                Err(trouble) => return Err(trouble.into()),
            }
        }
        match (self.create(place, &way, said.clone(), key).await, &way, token) {
            (Ok(sent), ..) => Ok(sent),
            // Where the bot may not write, a press lets it answer all the same.
            (Err(trouble), Way::Press(_), Some(token)) if trouble.is_gone() => {
                Ok(sent(&self.follow_up(token, &said).await?)?)
            }
            (Err(trouble), ..) => Err(trouble.into()),
        }
    }

    async fn edit(&self, sent: &Sent, route: &Route, message: &Message, key: &str) -> Result<(), SendError> {
        let (way, said) = (Way::of(route), said(shown(message, key)));
        let (channel, message) = (snowflake(&sent.channel)?, snowflake(&sent.message)?);
        let token = way.token(Timestamp::now());
        let by_token = format!("/messages/{message}");
        if let (Way::Command(_), Some(token)) = (&way, token) {
            match self.by_token(token, Method::PATCH, &by_token, Some(&said)).await {
                Ok(_) => return Ok(()),
                Err(trouble) if trouble.is_gone() => {}
                Err(trouble) => return Err(trouble.into()),
            }
        }
        let path = format!("/channels/{channel}/messages/{message}");
        match (self.rest.call(Method::PATCH, &path, Some(&said)).await, &way, token) {
            (Ok(_), ..) => Ok(()),
            (Err(trouble), Way::Press(_), Some(token)) if trouble.is_gone() => {
                self.by_token(token, Method::PATCH, &by_token, Some(&said)).await?;
                Ok(())
            }
            (Err(trouble), ..) => Err(trouble.into()),
        }
    }

    async fn find(&self, place: &Place, route: &Route, key: &str, since: Moment) -> Result<Option<Sent>, SendError> {
        if let (Way::Command(_), Some(token)) = (Way::of(route), Way::of(route).token(Timestamp::now())) {
            match self.by_token(token, Method::GET, "/messages/@original", None).await {
                Ok(answer) if super::find::carries(&answer, key) => return Ok(Some(sent(&answer)?)),
                // It stands there and says something else: posting edits it.
                Ok(_) => return Ok(None),
                Err(trouble) if trouble.is_gone() => {}
                Err(trouble) => return Err(trouble.into()),
            }
        }
        Ok(super::find::in_channel(&self.rest, channel(place)?, key, since).await?)
    }

    async fn attach(&self, place: &Place, route: &Route, file: &Attachment) -> Result<(), SendError> {
        let mut nonce = blake3::Hasher::new();
        for part in [channel(place)?.to_string().as_bytes(), file.name.as_bytes(), &file.bytes] {
            nonce.update(part);
        }
        let said = Said { json: with_file(json!({"allowed_mentions": nobody()}), file), file: Some(file.clone()) };
        let (way, nonce) = (Way::of(route), nonce.finalize().to_hex());
        match (self.create(place, &way, said.clone(), &nonce).await, way.token(Timestamp::now())) {
            (Ok(_), _) => Ok(()),
            (Err(trouble), Some(token)) if trouble.is_gone() => {
                self.follow_up(token, &said).await?;
                Ok(())
            }
            (Err(trouble), _) => Err(trouble.into()),
        }
    }

    async fn whisper(&self, heard: &Heard, message: &Message) -> Result<(), SendError> {
        match self.whisper_once(heard, message).await {
            Err(Trouble::Later(wait)) if wait <= WHISPER_WAITS => {
                tokio::time::sleep(wait).await;
                Ok(self.whisper_once(heard, message).await?)
            }
            answer => Ok(answer?),
        }
    }

    async fn thread(&self, place: &Place, under: &Sent, name: &str) -> Result<Place, SendError> {
        // There are no threads in direct messages, nor in threads.
        if place.direct || place.thread.is_some() {
            return Ok(place.clone());
        }
        let (channel, message) = (snowflake(&under.channel)?, snowflake(&under.message)?);
        let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(THREAD_NAME).collect();
        let name = if name.trim().is_empty() { "why".to_owned() } else { name };
        let said = Said { json: json!({"name": name, "auto_archive_duration": THREAD_RESTS}), file: None };
        let path = format!("/channels/{channel}/messages/{message}/threads");
        let thread = match self.rest.call(Method::POST, &path, Some(&said)).await {
            Ok(answer) => id(&answer["id"]).unwrap_or(message),
            // A thread under a message has the message's id.
            Err(trouble) if trouble.is(THREAD_IS_THERE) => message,
            Err(trouble) => return Err(trouble.into()),
        };
        Ok(Place { channel: channel.to_string(), thread: Some(thread.to_string()), ..place.clone() })
    }
}

/// What is shown, as a request. What stood there as a file before goes, as what stood there as embeds does.
fn said(shown: Shown) -> Said {
    let json = json!({
        "embeds": shown.embeds,
        "components": shown.components,
        "allowed_mentions": nobody(),
        "attachments": [],
    });
    match shown.rest {
        Some(file) => Said { json: with_file(json, &file), file: Some(file) },
        None => Said { json, file: None },
    }
}

fn with_file(mut json: Value, file: &Attachment) -> Value {
    let title: String = file.title.chars().take(1024).collect();
    json["attachments"] = json!([{"id": 0, "filename": file.name, "description": title}]);
    json
}

/// Whatever a message says, nobody is called.
pub(super) fn nobody() -> Value {
    json!({"parse": [], "replied_user": false})
}

/// Where a message of the place is said: a thread is a channel.
fn channel(place: &Place) -> Result<u64, Trouble> {
    snowflake(place.thread.as_ref().unwrap_or(&place.channel))
}

/// An id, as it stands in an address: digits, and nothing else.
fn snowflake(text: &str) -> Result<u64, Trouble> {
    text.parse().map_err(|_| Trouble::Status { status: 404, code: 0, message: "no id of discord's".to_owned() })
}

/// The message that an answer is.
pub(super) fn sent(answer: &Value) -> Result<Sent, Trouble> {
    let part = |name: &str| id(&answer[name]).map(|id| id.to_string());
    match (part("channel_id"), part("id")) {
        (Some(channel), Some(message)) => Ok(Sent { channel, message }),
        _ => Err(Trouble::Broken("discord did not say which message it is".to_owned())),
    }
}

#[cfg(test)]
mod tests;
