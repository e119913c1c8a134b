//! What is said stands in its channel exactly once: the intent is stored first, and reconciled after a restart.
//!
//! Nothing is posted that may stand there already: where the answer of the platform got lost, or the process ended before it, the channel
//! is looked through for the key of the message first.

mod delivery;
#[cfg(test)]
pub mod fake;
mod line;
mod pace;
#[cfg(test)]
mod tests;

use crate::platform::{Attachment, Kind, Message, Place, Platform, Route, SendError, Sent};
use crate::store::{Intent, Store, StoreError};
use ecs_why_core::model::Moment;
use futures_util::StreamExt as _;
use futures_util::stream;
use line::{Lines, Said};
use pace::Pace;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How patient it is, and with how much at once.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For how long it is tried.
    pub give_up: Duration,
    /// How long a platform may take for one answer.
    pub answer: Duration,
    /// How long to wait before the second try; each wait after it is twice as long.
    pub first: Duration,
    /// The longest wait between two tries.
    pub longest: Duration,
    /// How many requests are out at once.
    pub at_once: usize,
    /// How often a channel's messages are edited, beyond a few at once.
    pub edit_every: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            give_up: Duration::from_secs(600),
            answer: Duration::from_secs(30),
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            at_once: 16,
            edit_every: Duration::from_secs(1),
        }
    }
}

/// What was found of what was meant before a restart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restored {
    /// It stands there.
    pub found: usize,
    /// It was never sent.
    pub missing: usize,
    /// The platform did not say.
    pub unknown: usize,
}

/// The platforms, and what was said on them.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    platforms: Vec<Arc<dyn Platform>>,
    lines: Lines,
    pace: Pace,
    turns: Semaphore,
    patience: Patience,
}

impl Outbox {
    /// Over these platforms.
    pub fn new(store: Store, platforms: Vec<Arc<dyn Platform>>) -> Outbox {
        Outbox::patient(store, platforms, Patience::default())
    }

    /// The same with another patience.
    pub fn patient(store: Store, platforms: Vec<Arc<dyn Platform>>, patience: Patience) -> Outbox {
        let (lines, pace) = (Lines::default(), Pace::new(patience.edit_every));
        let turns = Semaphore::new(patience.at_once.max(1));
        Outbox { inner: Arc::new(Inner { store, platforms, lines, pace, turns, patience }) }
    }

    /// Says it under this key: posts it, if it does not stand there yet; else edits what stands there. Waits where the platform wants it, tries
    /// again where it failed (looking first whether it arrived), and gives up after ten minutes. Calls with one key follow each other; of
    /// those that wait, only the newest is sent.
    ///
    /// # Errors
    /// When it cannot be said.
    pub async fn say(&self, key: &str, place: &Place, route: &Route, message: &Message) -> Result<Sent, SendError> {
        let said = Said { place: place.clone(), route: route.clone(), message: message.clone() };
        let turn = self.inner.lines.enter(key, said);
        let mut done = turn.line().turn().await;
        if let Some(result) = done.covers(turn.ticket()) {
            return result;
        }
        let (ticket, result) = self.inner.deliver(key, turn.line()).await;
        done.is(ticket, result.clone());
        result
    }

    /// Puts a file into the place. Where the answer gets lost, it is not tried again: nothing tells whether it arrived.
    ///
    /// # Errors
    /// When it cannot be.
    pub async fn attach(&self, place: &Place, route: &Route, file: &Attachment) -> Result<(), SendError> {
        self.inner.attach(place, route, file).await
    }

    /// The platform, if it is served.
    pub fn platform(&self, kind: Kind) -> Option<&Arc<dyn Platform>> {
        self.inner.platform(kind)
    }

    /// Looks for what was meant before a restart and perhaps sent, so that it is edited and not said again. What was never sent is said by
    /// whom it belongs to.
    ///
    /// # Errors
    /// When the state file cannot be read.
    pub async fn restore(&self) -> Result<Restored, StoreError> {
        let pending = self.inner.store.pending().await?;
        let looked = stream::iter(pending).map(|intent| self.inner.look(intent)).buffer_unordered(8);
        let count = |mut all: Restored, one: Result<bool, SendError>| async move {
            match one {
                Ok(true) => all.found += 1,
                Ok(false) => all.missing += 1,
                Err(_) => all.unknown += 1,
            }
            all
        };
        Ok(looked.fold(Restored::default(), count).await)
    }
}

impl Inner {
    fn platform(&self, kind: Kind) -> Option<&Arc<dyn Platform>> {
        self.platforms.iter().find(|one| one.kind() == kind)
    }

    fn served(&self, kind: Kind) -> Result<&Arc<dyn Platform>, SendError> {
        self.platform(kind).ok_or_else(|| SendError::Refused(format!("{kind} is not served")))
    }

    /// One request, when its turn has come, and not for longer than an answer may take.
    async fn request<T>(&self, request: impl Future<Output = Result<T, SendError>>) -> Result<T, SendError> {
        let _turn = self.turns.acquire().await.map_err(|_| SendError::Broken("it is closed".to_owned()))?;
        let late = || SendError::Broken(format!("no answer within {:?}", self.patience.answer));
        tokio::time::timeout(self.patience.answer, request).await.unwrap_or_else(|_| Err(late()))
    }

    /// Whether what was meant stands there.
    async fn look(&self, intent: Intent) -> Result<bool, SendError> {
        let platform = self.served(intent.place.kind)?;
        let found = self.request(platform.find(&intent.place, &intent.route, &intent.key, since(&intent))).await?;
        match &found {
            Some(sent) => self.stands(&intent.key, sent).await.map(|()| true),
            None => Ok(false),
        }
    }

    async fn stands(&self, key: &str, sent: &Sent) -> Result<(), SendError> {
        self.store.sent(key, sent).await.map_err(|error| SendError::Broken(error.to_string()))
    }

    async fn attach(&self, place: &Place, route: &Route, file: &Attachment) -> Result<(), SendError> {
        let platform = self.served(place.kind)?;
        let end = tokio::time::Instant::now() + self.patience.give_up;
        loop {
            match self.request(platform.attach(place, route, file)).await {
                Err(SendError::Later(wait)) if tokio::time::Instant::now() + wait < end => {
                    tokio::time::sleep(wait).await;
                }
                done => return done,
            }
        }
    }
}

/// From when on a message may stand there: clocks differ.
fn since(intent: &Intent) -> Moment {
    intent.made.checked_sub(jiff::SignedDuration::from_secs(60)).unwrap_or(intent.made)
}
