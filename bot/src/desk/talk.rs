//! One answer, as it is said: first that it is looked for, if that takes a moment, and then, in the same place, what was found.

use super::say;
use crate::outbox::Outbox;
use crate::platform::{Message, Place, Route, SendError, Sent};
use futures_util::future::BoxFuture;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// After this time it is said that it is looked for.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// One message: it is said under one key, and edited in its place.
pub struct Talk {
    /// Under which key.
    pub key: String,
    /// Where.
    pub place: Place,
    outbox: Outbox,
    route: Route,
    /// What is on its way while the answer is made.
    pending: Mutex<Option<BoxFuture<'static, Result<Sent, SendError>>>>,
    /// Questions that wait for their turn.
    waiting: Arc<AtomicUsize>,
}

impl Talk {
    /// In this place, under this key.
    pub fn new(outbox: Outbox, place: Place, route: Route, key: String, waiting: Arc<AtomicUsize>) -> Talk {
        Talk { key, place, outbox, route, pending: Mutex::default(), waiting }
    }

    /// Says it, in the place of what was said under the key before.
    ///
    /// # Errors
    /// When it cannot be said.
    pub async fn say(&self, message: &Message) -> Result<Sent, SendError> {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner).take();
        let said = self.outbox.say(&self.key, &self.place, &self.route, message);
        match pending {
            // It was begun first, and so it is said first or not at all.
            Some(pending) => futures_util::join!(pending, said).1,
            None => said.await,
        }
    }

    /// Does some work, and says that it does if it takes a moment.
    pub async fn working<T>(&self, about: &str, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(PATIENCE) => {}
        }
        let message = say::looking(about, self.waiting.load(Ordering::Relaxed));
        let (outbox, key, place, route) =
            (self.outbox.clone(), self.key.clone(), self.place.clone(), self.route.clone());
        let mut saying: BoxFuture<'static, _> =
            Box::pin(async move { outbox.say(&key, &place, &route, &message).await });
        tokio::select! {
            biased;
            // Where it cannot be said, the answer cannot either, and that is told then.
            _ = &mut saying => work.await,
            done = &mut work => {
                *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = Some(saying);
                done
            }
        }
    }
}
