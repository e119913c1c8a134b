//! What is said, in Slack's own calls.

use crate::platform::{Attachment, Button, Heard, Kind, Message, PICK, Place, Platform, Route, SendError, Sent};
use crate::slack::blocks::{self, Shown};
use crate::slack::error::outside;
use crate::slack::find::{self, Metadata};
use crate::slack::web::{Done, Method, Web};
use crate::slack::{SlackConfig, files, pick};
use async_trait::async_trait;
use ecs_why_core::model::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Blocks in a message.
const MOST_BLOCKS: usize = 50;
/// Files that are remembered as put, so that saying the same again does not put them again.
const REMEMBERED: usize = 512;
/// How long a file waits where Slack wants it to, before it is tried once more.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Stands for a message that a `response_url` took: Slack does not say where it is.
pub const BY_RESPONSE: &str = "response_url";

/// Slack, as what is said reaches it.
pub struct SlackPlatform {
    web: Web,
    put: Mutex<VecDeque<blake3::Hash>>,
}

/// A message, as `chat.postMessage`, `chat.update` and `chat.postEphemeral` take it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
struct Said<'a> {
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_ts: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    text: &'a str,
    blocks: &'a [Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata<'a>>,
    /// Names in the text are no mentions, and addresses no links.
    parse: &'static str,
    link_names: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    unfurl_links: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unfurl_media: Option<bool>,
}

/// The same, as a `response_url` takes it.
#[derive(Serialize)]
struct Response<'a> {
    response_type: &'static str,
    replace_original: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_ts: Option<&'a str>,
    text: &'a str,
    blocks: &'a [Value],
}

#[derive(Deserialize)]
struct Posted {
    channel: String,
    ts: String,
}

/// A message in Slack's form.
struct Form {
    text: String,
    blocks: Vec<Value>,
    rest: Option<Attachment>,
}

impl Form {
    fn of(message: &Message, key: &str) -> Result<Form, SendError> {
        let (picks, buttons): (Vec<Button>, Vec<Button>) =
            message.buttons.iter().cloned().partition(|button| button.value == PICK);
        let Shown { text, blocks, rest } = blocks::shown(&Message { card: message.card.clone(), buttons }, key);
        let mut blocks: Vec<Value> = blocks
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>()
            .map_err(|_| SendError::Refused("the message cannot be written as blocks".to_owned()))?;
        if let Some(button) = picks.first().filter(|_| blocks.len() < MOST_BLOCKS) {
            blocks.push(pick::block(button));
        }
        Ok(Form { text, blocks, rest })
    }

    fn said<'a>(&'a self, channel: &'a str) -> Said<'a> {
        Said {
            channel,
            ts: None,
            thread_ts: None,
            user: None,
            text: &self.text,
            blocks: &self.blocks,
            metadata: None,
            parse: "none",
            link_names: false,
            unfurl_links: None,
            unfurl_media: None,
        }
    }

    fn response(&self, response_type: &'static str, replace_original: bool) -> Response<'_> {
        Response { response_type, replace_original, thread_ts: None, text: &self.text, blocks: &self.blocks }
    }
}

impl SlackPlatform {
    /// With the configuration's token.
    ///
    /// # Errors
    /// When the certificates that this machine trusts cannot be read.
    pub fn new(config: &SlackConfig) -> anyhow::Result<SlackPlatform> {
        Ok(SlackPlatform { web: Web::new(config)?, put: Mutex::default() })
    }

    /// What had no room in the message follows as a file in its thread. It is said already: that it stands without its file is better
    /// than saying it again.
    async fn put_rest(&self, thread: Option<String>, sent: &Sent, rest: Option<&Attachment>) {
        let Some(rest) = rest else { return };
        let mark = blake3::hash(&[sent.channel.as_bytes(), b" ", sent.message.as_bytes(), b" ", &rest.bytes].concat());
        if self.put.lock().unwrap_or_else(PoisonError::into_inner).contains(&mark) {
            return;
        }
        let thread = match thread {
            Some(thread) => thread,
            None => find::thread_of(&self.web, sent).await,
        };
        let under = Place {
            kind: Kind::Slack,
            space: None,
            channel: sent.channel.clone(),
            thread: Some(thread),
            direct: sent.channel.starts_with('D'),
        };
        let mut put = files::attach(&self.web, &under, rest).await;
        if let Err(SendError::Later(wait)) = put {
            tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
            put = files::attach(&self.web, &under, rest).await;
        }
        match put {
            Ok(()) => {
                let mut put = self.put.lock().unwrap_or_else(PoisonError::into_inner);
                put.push_back(mark);
                if put.len() > REMEMBERED {
                    put.pop_front();
                }
            }
            Err(error) => tracing::warn!("what had no room in a message could not be put beside it: {error}"),
        }
    }
}

/// The thread of a message: threads have no threads.
fn under(place: &Place, sent: &Sent) -> Place {
    let made = (sent.message != BY_RESPONSE).then(|| sent.message.clone());
    Place { thread: place.thread.clone().or(made), ..place.clone() }
}

/// Who is not in a channel may still answer there who asks, where the route says how.
fn other_way<'a>(error: &SendError, route: &'a Route) -> Option<&'a str> {
    match route {
        Route::Interaction(url) if outside(error) => Some(url),
        _ => None,
    }
}

/// A conversation of two people, of whom one may not even have asked.
fn audience(channel: &str) -> &'static str {
    if channel.starts_with('D') { "ephemeral" } else { "in_channel" }
}

#[async_trait]
impl Platform for SlackPlatform {
    fn kind(&self) -> Kind {
        Kind::Slack
    }

    async fn post(&self, place: &Place, route: &Route, message: &Message, key: &str) -> Result<Sent, SendError> {
        let form = Form::of(message, key)?;
        let said = Said {
            thread_ts: place.thread.as_deref(),
            metadata: Some(Metadata::of(key)),
            unfurl_links: Some(false),
            unfurl_media: Some(false),
            ..form.said(&place.channel)
        };
        let sent = match self.web.call::<_, Posted>(Method::Post, &said).await {
            Ok(posted) => Sent { channel: posted.channel, message: posted.ts },
            Err(error) => {
                let Some(url) = other_way(&error, route) else { return Err(error) };
                let thread_ts = place.thread.as_deref();
                let response = Response { thread_ts, ..form.response(audience(&place.channel), false) };
                self.web.respond(url, &response).await?;
                return Ok(Sent { channel: place.channel.clone(), message: BY_RESPONSE.to_owned() });
            }
        };
        let thread = place.thread.clone().unwrap_or_else(|| sent.message.clone());
        self.put_rest(Some(thread), &sent, form.rest.as_ref()).await;
        Ok(sent)
    }

    async fn edit(&self, sent: &Sent, route: &Route, message: &Message, key: &str) -> Result<(), SendError> {
        let form = Form::of(message, key)?;
        if sent.message == BY_RESPONSE {
            let Route::Interaction(url) = route else {
                return Err(SendError::Gone(
                    "the message went by a response_url that is not known any more".to_owned(),
                ));
            };
            return self.web.respond(url, &form.response(audience(&sent.channel), true)).await;
        }
        let said = Said { ts: Some(&sent.message), metadata: Some(Metadata::of(key)), ..form.said(&sent.channel) };
        if let Err(error) = self.web.call::<_, Done>(Method::Update, &said).await {
            // Pressed where the bot is not: the interaction's own message is the one to change.
            let Some(url) = other_way(&error, route) else { return Err(error) };
            return self.web.respond(url, &form.response(audience(&sent.channel), true)).await;
        }
        self.put_rest(None, sent, form.rest.as_ref()).await;
        Ok(())
    }

    async fn find(&self, place: &Place, route: &Route, key: &str, since: Moment) -> Result<Option<Sent>, SendError> {
        match find::find(&self.web, place, key, since).await {
            // It could not be posted there either: it goes by the `response_url`, whose messages nobody finds.
            Err(error) if other_way(&error, route).is_some() => Ok(None),
            found => found,
        }
    }

    async fn attach(&self, place: &Place, _route: &Route, file: &Attachment) -> Result<(), SendError> {
        files::attach(&self.web, place, file).await
    }

    async fn whisper(&self, heard: &Heard, message: &Message) -> Result<(), SendError> {
        let form = Form::of(message, "")?;
        let place = &heard.place;
        if let Route::Interaction(url) = &heard.route {
            let response = Response { thread_ts: place.thread.as_deref(), ..form.response("ephemeral", false) };
            return self.web.respond(url, &response).await;
        }
        if place.direct {
            let said = Said {
                thread_ts: place.thread.as_deref(),
                unfurl_links: Some(false),
                unfurl_media: Some(false),
                ..form.said(&place.channel)
            };
            return self.web.call::<_, Posted>(Method::Post, &said).await.map(|_| ());
        }
        // In a thread that does not exist yet, nobody sees it: the question's own `ts` is the end of its id.
        let thread = place.thread.as_deref().filter(|thread| !heard.id.ends_with(*thread));
        let said = Said { user: Some(&heard.person.id), thread_ts: thread, ..form.said(&place.channel) };
        self.web.call::<_, Done>(Method::Whisper, &said).await.map(|_| ())
    }

    async fn thread(&self, place: &Place, sent: &Sent, _name: &str) -> Result<Place, SendError> {
        Ok(under(place, sent))
    }
}

#[cfg(test)]
mod tests;
