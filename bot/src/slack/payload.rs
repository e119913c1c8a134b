//! What Slack delivers, read: events, commands and interactions. Pure, and the same for Socket Mode and HTTP.
//!
//! Slack adds fields at will, so nothing is read but what is needed, and what cannot be read is nothing that was said to us.

use crate::platform::{Heard, Kind, PICK, Person, Place, Route, Sent, What};
use crate::slack::plain::plain;
use serde::Deserialize;

/// Subtypes that are still a person's words: with a file, or shown in the channel as well.
const WORDS: &[&str] = &["file_share", "thread_broadcast"];

/// Who we are.
#[derive(Debug, Clone)]
pub struct Own {
    /// The bot's user.
    pub user: String,
    /// The slash command.
    pub command: String,
}

/// What a delivery is.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// Something was said to us.
    Heard(Heard),
    /// Somebody types into a list.
    Typing {
        /// Where the list stands.
        place: Place,
        /// Who types.
        person: Person,
        /// So far.
        typed: String,
    },
    /// Nothing that is meant for us.
    Nothing,
}

/// What `events_api` carries.
#[derive(Debug, Deserialize)]
pub struct Delivered {
    #[serde(default)]
    team_id: Option<String>,
    event: Event,
}

#[derive(Debug, Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    subtype: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    bot_id: Option<String>,
    #[serde(default)]
    channel: Option<String>,
    #[serde(default)]
    channel_type: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    ts: Option<String>,
    #[serde(default)]
    thread_ts: Option<String>,
    #[serde(default)]
    team: Option<String>,
    #[serde(default)]
    user_team: Option<String>,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    edited: Option<serde::de::IgnoredAny>,
}

impl Delivered {
    /// A mention of us, or a message to us alone, by a person; nothing else.
    pub fn told(self, own: &Own) -> Told {
        let event = self.event;
        let direct = event.channel.as_deref().is_some_and(is_direct);
        let meant = match event.kind.as_str() {
            "app_mention" => true,
            "message" => event.channel_type.as_deref() == Some("im"),
            _ => false,
        };
        let by_person = event.bot_id.is_none() && event.user.as_deref().is_some_and(|user| user != own.user);
        let new = !event.hidden && event.edited.is_none();
        let words = event.subtype.as_deref().is_none_or(|subtype| WORDS.contains(&subtype));
        let (Some(channel), Some(user), Some(ts)) = (event.channel, event.user, event.ts) else { return Told::Nothing };
        if !(meant && by_person && new && words) {
            return Told::Nothing;
        }
        // Where workspaces share a channel, the person's own counts, and not the one that the app is installed in.
        let space = event.user_team.or(event.team).or(self.team_id);
        // A thread would hide the answer where two talk.
        let thread = if direct { event.thread_ts } else { event.thread_ts.or_else(|| Some(ts.clone())) };
        Told::Heard(Heard {
            // A mention in a direct message may come as both events.
            id: format!("slack:message:{channel}:{ts}"),
            place: Place { kind: Kind::Slack, space, channel, thread, direct },
            person: Person { id: user, roles: vec![] },
            what: What::Words(plain(&event.text.unwrap_or_default(), &own.user)),
            route: Route::Message,
        })
    }
}

/// A slash command: JSON by Socket Mode, a form over HTTP.
#[derive(Debug, Deserialize)]
pub struct Command {
    #[serde(default)]
    team_id: Option<String>,
    channel_id: String,
    user_id: String,
    command: String,
    #[serde(default)]
    text: String,
    response_url: String,
    trigger_id: String,
}

impl Command {
    /// Our command; another of the same app is not ours.
    pub fn told(self, own: &Own) -> Told {
        if self.command != own.command {
            return Told::Nothing;
        }
        let direct = is_direct(&self.channel_id);
        Told::Heard(Heard {
            id: format!("slack:command:{}", self.trigger_id),
            place: Place { kind: Kind::Slack, space: self.team_id, channel: self.channel_id, thread: None, direct },
            person: Person { id: self.user_id, roles: vec![] },
            what: What::Command(plain(&self.text, &own.user)),
            route: Route::Interaction(self.response_url),
        })
    }
}

/// Something was pressed, chosen, or typed into a list.
#[derive(Debug, Deserialize)]
pub struct Interaction {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    team: Option<Id>,
    user: User,
    #[serde(default)]
    channel: Option<Id>,
    #[serde(default)]
    container: Option<Container>,
    #[serde(default)]
    message: Option<Message>,
    #[serde(default)]
    response_url: Option<String>,
    #[serde(default)]
    trigger_id: Option<String>,
    #[serde(default)]
    actions: Vec<Action>,
    #[serde(default)]
    action_id: Option<String>,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Id {
    id: String,
}

#[derive(Debug, Deserialize)]
struct User {
    id: String,
    #[serde(default)]
    team_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Container {
    #[serde(default)]
    message_ts: Option<String>,
    #[serde(default)]
    thread_ts: Option<String>,
    #[serde(default)]
    channel_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    thread_ts: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Action {
    action_id: String,
    #[serde(default)]
    action_ts: Option<String>,
    #[serde(default)]
    selected_option: Option<Chosen>,
}

#[derive(Debug, Deserialize)]
struct Chosen {
    value: String,
}

impl Interaction {
    /// A button, an entry of the list, or what is typed into it.
    pub fn told(self) -> Told {
        let container = self.container.unwrap_or(Container { message_ts: None, thread_ts: None, channel_id: None });
        let Some(channel) = self.channel.map(|channel| channel.id).or(container.channel_id) else {
            return Told::Nothing;
        };
        let thread = container.thread_ts.or(self.message.and_then(|message| message.thread_ts));
        let direct = is_direct(&channel);
        let space = self.user.team_id.or(self.team.map(|team| team.id));
        let person = Person { id: self.user.id, roles: vec![] };
        let mut place = Place { kind: Kind::Slack, space, channel: channel.clone(), thread, direct };
        if self.kind == "block_suggestion" && self.action_id.as_deref() == Some(PICK) {
            return Told::Typing { place, person, typed: self.value.unwrap_or_default() };
        }
        let (Some(message), Some(action)) = (container.message_ts, self.actions.into_iter().next()) else {
            return Told::Nothing;
        };
        if self.kind != "block_actions" {
            return Told::Nothing;
        }
        let id = self.trigger_id.unwrap_or_else(|| {
            format!("{channel}:{message}:{}:{}", person.id, action.action_ts.as_deref().unwrap_or_default())
        });
        let what = if action.action_id == PICK {
            let Some(chosen) = action.selected_option else { return Told::Nothing };
            // As if it had been asked under the list.
            place.thread.get_or_insert_with(|| message.clone());
            What::Command(chosen.value)
        } else {
            What::Press { value: action.action_id, on: Sent { channel, message } }
        };
        let route = self.response_url.map_or(Route::Message, Route::Interaction);
        Told::Heard(Heard { id: format!("slack:press:{id}"), place, person, what, route })
    }
}

/// Slack's ids of direct messages begin so.
fn is_direct(channel: &str) -> bool {
    channel.starts_with('D')
}

#[cfg(test)]
#[path = "payload_tests.rs"]
mod tests;
