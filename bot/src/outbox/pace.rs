//! How fast a channel is written to: as fast as the platform lets us, and edits not faster than somebody reads.

use crate::platform::Place;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many edits may come at once.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
/// Beyond so many channels those that are idle are forgotten.
const MANY: usize = 1000;

/// The pace of all channels.
pub struct Pace {
    edits: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
    /// Where the platform wants us to wait, until when.
    held: Mutex<HashMap<String, Instant>>,
}

impl Pace {
    /// With so much time between two edits in one channel.
    pub fn new(edit_every: Duration) -> Pace {
        let every = edit_every.max(Duration::from_micros(1));
        let quota = Quota::with_period(every).map(|quota| quota.allow_burst(AT_ONCE));
        let edits = RateLimiter::keyed(quota.unwrap_or_else(|| Quota::per_second(AT_ONCE)));
        Pace { edits, clock: DefaultClock::default(), held: Mutex::default() }
    }

    /// How long to wait before something new is posted.
    pub fn post(&self, place: &Place) -> Option<Duration> {
        let key = key(place);
        let held = self.held(&key);
        if held.is_none() {
            // It counts, but whoever asked does not wait for what is edited beside it.
            let _ = self.edits.check_key(&key);
        }
        held
    }

    /// How long to wait before something is edited.
    pub fn edit(&self, place: &Place) -> Option<Duration> {
        let key = key(place);
        if let Some(wait) = self.held(&key) {
            return Some(wait);
        }
        if self.edits.len() > MANY {
            self.edits.retain_recent();
        }
        self.edits.check_key(&key).err().map(|until| until.wait_time_from(self.clock.now()))
    }

    /// The platform wants nothing more there for so long.
    pub fn hold(&self, place: &Place, wait: Duration) {
        let (mut held, now) = (self.held.lock().unwrap_or_else(PoisonError::into_inner), Instant::now());
        if held.len() > MANY {
            held.retain(|_, until| *until > now);
        }
        let until = held.entry(key(place)).or_insert(now);
        *until = (*until).max(now + wait);
    }

    fn held(&self, key: &str) -> Option<Duration> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(key).and_then(|until| until.checked_duration_since(Instant::now())).filter(|wait| !wait.is_zero())
    }
}

fn key(place: &Place) -> String {
    format!("{}/{}/{}", place.kind, place.space.as_deref().unwrap_or_default(), place.channel)
}
