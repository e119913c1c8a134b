//! How many requests go to AWS, and which first: a token bucket for each family of its APIs, shared by all that this process asks of
//! an account.
//!
//! `rates` knows the families, `bucket` who may go. This file waits, and nothing else.

mod bucket;
mod rates;
mod urgency;

use bucket::{Bucket, Place, Turn};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

pub(crate) use urgency::Urgency;

/// The buckets of an account.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    families: Mutex<BTreeMap<(String, String), Arc<Family>>>,
    tickets: AtomicU64,
}

/// One bucket, and those who sleep before it.
#[derive(Debug)]
struct Family(Mutex<Queue>);

#[derive(Debug)]
struct Queue {
    bucket: Bucket,
    sleepers: BTreeMap<u64, Arc<Notify>>,
}

/// A request's place in its family's queue, the same for all its attempts. Dropped, it leaves the queue.
#[derive(Debug)]
pub(crate) struct Ticket {
    family: Arc<Family>,
    place: Place,
}

impl Limiter {
    /// A place for a request, behind all of the same urgency that came before.
    pub(crate) fn ticket(&self, service: &str, action: &str, region: &str, urgency: Urgency) -> Ticket {
        let (name, rate) = rates::family(service, action);
        // What is global has one bucket, whatever region it is asked from.
        let region = if rates::is_global(service) { "" } else { region };
        let mut families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Family::new(Bucket::new(rate, Instant::now().into_std())));
        let family = Arc::clone(families.entry((name, region.to_owned())).or_insert_with(new));
        Ticket { family, place: Place { urgency, number: self.tickets.fetch_add(1, Ordering::Relaxed) } }
    }
}

impl Family {
    fn new(bucket: Bucket) -> Self {
        Family(Mutex::new(Queue { bucket, sleepers: BTreeMap::new() }))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Whether a request may go; else until when to sleep, and what wakes it earlier.
    fn ask(&mut self, place: Place, now: Instant) -> Option<(Instant, Arc<Notify>)> {
        let turn = self.bucket.ask(place, now.into_std());
        self.wake();
        match turn {
            Turn::Now => {
                self.sleepers.remove(&place.number);
                self.wake_first();
                None
            }
            Turn::At(at) => Some((at.into(), Arc::clone(self.sleepers.entry(place.number).or_default()))),
        }
    }

    fn wake_first(&self) {
        if let Some(first) = self.bucket.first().and_then(|number| self.sleepers.get(&number)) {
            first.notify_one();
        }
    }

    /// Wakes those whose turn has come.
    fn wake(&self) {
        if !self.sleepers.is_empty() {
            let called = self.bucket.called().filter_map(|number| self.sleepers.get(&number));
            called.for_each(|sleeper| sleeper.notify_one());
        }
    }
}

impl Ticket {
    /// Waits for the turn of an attempt.
    pub(crate) async fn turn(&self) {
        loop {
            let asked = self.family.queue().ask(self.place, Instant::now());
            let Some((until, called)) = asked else { return };
            tokio::select! {
                () = called.notified() => {}
                () = sleep_until(until) => {}
            }
        }
    }

    /// The attempt has its answer.
    pub(crate) fn done(&self) {
        let mut queue = self.family.queue();
        queue.bucket.done(self.place, Instant::now().into_std());
        queue.wake();
    }

    /// The attempt was refused as one too many; AWS may have said how long to wait.
    pub(crate) fn throttled(&self, pause: Option<Duration>) {
        let mut queue = self.family.queue();
        queue.bucket.throttled(self.place, pause, Instant::now().into_std());
        queue.wake();
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut queue = self.family.queue();
        queue.sleepers.remove(&self.place.number);
        queue.bucket.leave(self.place, Instant::now().into_std());
        queue.wake();
        queue.wake_first();
    }
}

#[cfg(test)]
mod tests;
