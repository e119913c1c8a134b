//! From threads to cards: what shows less than is known is said or edited, each card by itself.

use super::{Alerts, face};
use crate::platform::{Route, SendError};
use crate::store::{Card, Due, StoreError};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use std::collections::HashSet;
use std::time::Duration;

/// So many cards are on their way at once.
const CARDS: usize = 32;

impl Alerts {
    /// Says what is to be said, for ever.
    pub(super) async fn speak(&self) {
        let mut on_its_way: HashSet<Card> = HashSet::new();
        let mut running = FuturesUnordered::new();
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(card) = running.next(), if !running.is_empty() => {
                    on_its_way.remove::<Card>(&card);
                }
                () = self.said.notified() => {}
                _ = tick.tick() => {}
            }
            let due = self.store.due(self.now(), self.rules.edit_every, CARDS + on_its_way.len()).await;
            for due in due.unwrap_or_else(|error| {
                tracing::warn!(%error, "what is to be said cannot be read");
                vec![]
            }) {
                if on_its_way.len() < CARDS && on_its_way.insert(due.card) {
                    running.push(async move {
                        let card = due.card;
                        if let Err(error) = self.say(due).await {
                            tracing::warn!(%error, "what was said could not be kept; it is said again");
                        }
                        card
                    });
                }
            }
        }
    }

    /// Says one card.
    pub(super) async fn say(&self, due: Due) -> Result<(), StoreError> {
        let message = match (&due.card, due.threads.as_slice()) {
            (Card::One(_), [thread]) => {
                let kept = self.store.report(&thread.report).await?;
                face::one(thread, kept.as_ref(), &*self.diagnose, self.now())
            }
            _ => face::many(&due.threads, due.all),
        };
        match self.outbox.say(&due.key, &due.place, &Route::Message, &message).await {
            Ok(_) => self.store.shown(due.card, due.version, self.now()).await,
            Err(error @ (SendError::Gone(_) | SendError::Refused(_))) => {
                // What platforms answer may hold what they were sent.
                tracing::warn!(platform = %due.place.kind, channel = due.place.channel, "an alert cannot be said there");
                tracing::debug!(%error, "why it cannot");
                self.unsaid(&due);
                self.store.unsayable(due.card).await
            }
            Err(_) => {
                tracing::warn!(platform = %due.place.kind, channel = due.place.channel, "an alert is not said yet");
                self.unsaid(&due);
                self.store.unsaid(due.card, self.now()).await
            }
        }
    }

    fn unsaid(&self, due: &Due) {
        let name = match due.place.kind {
            crate::platform::Kind::Slack => "slack",
            crate::platform::Kind::Discord => "discord",
        };
        self.metrics.unsaid.get_or_create(&crate::health::Named::of(name)).inc();
    }
}
