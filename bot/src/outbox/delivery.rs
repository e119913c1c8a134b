//! One message on its way: meant, posted or found or edited, and tried again until it stands there or cannot.

use super::line::{Line, Said};
use super::{Inner, since};
use crate::platform::{Platform, SendError, Sent};
use crate::store::Intent;
use ecs_why_core::model::Moment;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How far it has come.
enum Standing {
    /// Nothing of it is in the channel.
    Nowhere,
    /// It may be in the channel.
    Perhaps,
    /// It is.
    There(Sent),
}

/// A delivery that is being tried.
struct Tries {
    end: Instant,
    wait: Duration,
    longest: Duration,
}

impl Tries {
    /// Waits before the next try; or gives up with the error of the last.
    async fn pause(&mut self, error: SendError) -> Result<(), SendError> {
        let next = self.wait.saturating_mul(2).min(self.longest);
        let wait = match &error {
            SendError::Later(wait) => *wait,
            _ => std::mem::replace(&mut self.wait, next),
        };
        if Instant::now() + wait >= self.end {
            return Err(error);
        }
        sleep(wait).await;
        Ok(())
    }
}

/// Trying again is of no use.
fn is_final(error: &SendError) -> bool {
    matches!(error, SendError::Gone(_) | SendError::Refused(_))
}

impl Inner {
    /// Delivers what is newest in the line, and tells the ticket of what was delivered.
    pub(super) async fn deliver(&self, key: &str, line: &Line) -> (u64, Result<Sent, SendError>) {
        let (ticket, said) = line.newest();
        let mut at = ticket;
        let result = self.delivered(key, line, &said, &mut at).await;
        (at, result)
    }

    async fn delivered(&self, key: &str, line: &Line, said: &Said, at: &mut u64) -> Result<Sent, SendError> {
        let platform = Arc::clone(self.served(said.place.kind)?);
        let (place, route) = (said.place.clone(), said.route.clone());
        let intent = Intent { key: key.to_owned(), place, route, made: Moment::now(), sent: None };
        // Without an intent on the disk nothing is posted: nobody would find it again.
        let (intent, new) = self.store.intend(&intent).await.map_err(|error| SendError::Broken(error.to_string()))?;
        let mut standing = match &intent.sent {
            Some(sent) => Standing::There(sent.clone()),
            None if new => Standing::Nowhere,
            None => Standing::Perhaps,
        };
        let mut tries = Tries {
            end: Instant::now() + self.patience.give_up,
            wait: self.patience.first,
            longest: self.patience.longest,
        };
        // Whose words stand there, if it was this delivery that said them, and only once.
        let (mut posted, mut said_twice) = (None, false);
        loop {
            let (ticket, said) = line.newest();
            *at = ticket;
            let error = match &standing {
                Standing::There(sent) if posted == Some(ticket) && !said_twice => return Ok(sent.clone()),
                Standing::There(sent) => match self.edited(&*platform, &intent, sent, line, at).await {
                    Ok(()) => return Ok(sent.clone()),
                    Err(error) => error,
                },
                Standing::Perhaps => match self.found(&*platform, &intent, &said).await {
                    Ok(Some(sent)) => {
                        standing = Standing::There(sent);
                        continue;
                    }
                    Ok(None) => {
                        standing = Standing::Nowhere;
                        continue;
                    }
                    Err(error) => error,
                },
                Standing::Nowhere => match self.posted(&*platform, &intent, &said).await {
                    Ok(sent) => return Ok(sent),
                    Err(error) => {
                        if matches!(error, SendError::Broken(_)) {
                            standing = Standing::Perhaps;
                            said_twice |= posted.is_some();
                            posted = Some(ticket);
                        }
                        error
                    }
                },
            };
            if is_final(&error) {
                if matches!(standing, Standing::Nowhere) {
                    self.forget(key).await;
                }
                return Err(error);
            }
            if let SendError::Later(wait) = error {
                self.pace.hold(&intent.place, wait);
            }
            tries.pause(error).await?;
        }
    }

    async fn posted(&self, platform: &dyn Platform, intent: &Intent, said: &Said) -> Result<Sent, SendError> {
        if let Some(wait) = self.pace.post(&intent.place) {
            return Err(SendError::Later(wait));
        }
        let sent = self.request(platform.post(&said.place, &said.route, &said.message, &intent.key)).await?;
        // It stands there. If the file does not take that now, it is found again by its key.
        if let Err(error) = self.stands(&intent.key, &sent).await {
            tracing::warn!(%error, "where a message stands could not be kept");
        }
        Ok(sent)
    }

    async fn found(&self, platform: &dyn Platform, intent: &Intent, said: &Said) -> Result<Option<Sent>, SendError> {
        let found = self.request(platform.find(&intent.place, &said.route, &intent.key, since(intent))).await?;
        if let Some(sent) = &found {
            self.stands(&intent.key, sent).await?;
        }
        Ok(found)
    }

    /// Edits it to what is newest once the channel takes an edit.
    async fn edited(
        &self,
        platform: &dyn Platform,
        intent: &Intent,
        sent: &Sent,
        line: &Line,
        at: &mut u64,
    ) -> Result<(), SendError> {
        while let Some(wait) = self.pace.edit(&intent.place) {
            sleep(wait).await;
        }
        let (ticket, said) = line.newest();
        *at = ticket;
        self.request(platform.edit(sent, &said.route, &said.message, &intent.key)).await
    }

    async fn forget(&self, key: &str) {
        if let Err(error) = self.store.withdraw(key).await {
            tracing::warn!(%error, "an intent that cannot be met could not be withdrawn");
        }
    }
}
