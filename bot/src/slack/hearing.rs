//! From a delivery to what Slack is answered: kept first, acknowledged then.

use crate::platform::{Ear, Heard, Person, Place};
use crate::slack::groups::Groups;
use crate::slack::payload::{Command, Delivered, Interaction, Own, Told};
use crate::slack::pick;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Slack waits three seconds for what we answer, and the way takes some of them.
const KEPT_WITHIN: Duration = Duration::from_millis(2500);
/// Somebody types: later names are of no use.
const NAMED_WITHIN: Duration = Duration::from_secs(1);

/// What becomes of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum Taken {
    /// It is kept, or nothing for us: acknowledged.
    Kept,
    /// It is answered with this.
    Answer(Value),
    /// It could not be kept: not acknowledged, so that it is delivered again.
    NotKept,
}

/// Who hears.
pub struct Hearing {
    /// Who we are.
    pub own: Own,
    /// Who takes it.
    pub ear: Arc<dyn Ear>,
    /// Who is in which user group.
    pub groups: Arc<Groups>,
}

impl Hearing {
    /// An event.
    pub async fn event(&self, payload: Value) -> Taken {
        self.told(read::<Delivered>(payload).map(|event| event.told(&self.own))).await
    }

    /// A slash command.
    pub async fn command(&self, payload: Value) -> Taken {
        self.told(read::<Command>(payload).map(|command| command.told(&self.own))).await
    }

    /// A press, a choice, or what is typed into a list.
    pub async fn interaction(&self, payload: Value) -> Taken {
        self.told(read::<Interaction>(payload).map(Interaction::told)).await
    }

    async fn told(&self, told: Option<Told>) -> Taken {
        match told {
            Some(Told::Heard(heard)) => self.heard(heard).await,
            Some(Told::Typing { place, person, typed }) => self.typing(place, person, typed).await,
            // What cannot be read gets no better by being delivered again.
            Some(Told::Nothing) | None => Taken::Kept,
        }
    }

    async fn heard(&self, mut heard: Heard) -> Taken {
        heard.person.roles = self.groups.roles_of(&heard.person.id);
        match tokio::time::timeout(KEPT_WITHIN, self.ear.hear(heard)).await {
            Ok(Ok(())) => Taken::Kept,
            Ok(Err(error)) => {
                tracing::error!("{error}");
                Taken::NotKept
            }
            Err(_) => {
                tracing::error!("the question could not be kept in time");
                Taken::NotKept
            }
        }
    }

    async fn typing(&self, place: Place, mut person: Person, typed: String) -> Taken {
        person.roles = self.groups.roles_of(&person.id);
        let asked = self.ear.suggest(&place, &person, &typed);
        let names = tokio::time::timeout(NAMED_WITHIN, asked).await.unwrap_or_default();
        Taken::Answer(pick::options(&names))
    }
}

fn read<T: DeserializeOwned>(payload: Value) -> Option<T> {
    let read = serde_json::from_value(payload);
    if read.is_err() {
        tracing::warn!("a delivery of Slack cannot be read");
    }
    read.ok()
}
