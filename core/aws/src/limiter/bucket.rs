//! One family's bucket: who may go, who waits, and how fast. It has no clock and never sleeps: the time is passed in.
//!
//! Whoever asks hands out all turns that have come, to others too. So a waiter that nobody polls holds up no other: its turn is kept
//! for it. A queue in which each waits for the one before to come would stand still with it.

use crate::limiter::Urgency;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// What a family may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    /// Requests that may go at once after a pause.
    pub(crate) burst: f64,
    /// Requests a second in the long run.
    pub(crate) sustained: f64,
    /// What of the burst background work leaves to persons.
    pub(crate) kept: f64,
    /// Requests that may be under way at the same time.
    pub(crate) together: usize,
}

/// A place in the queue: of two of the same urgency the lower number goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) urgency: Urgency,
    pub(crate) number: u64,
}

/// What comes of asking for a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The request may go.
    Now,
    /// It is worth asking again then; earlier if called.
    At(Instant),
}

/// As many persons go before one of the background that waits as well.
const PERSONS_IN_A_ROW: u32 = 4;
/// What is left of the rate when AWS throttles ...
const SLOWER: f64 = 0.7;
/// ... but no more often than this, since all refusals of a moment say the same ...
const SLOWED_FOR: Duration = Duration::from_secs(1);
/// ... and never below this part of it, so that no work stands still.
const SLOWEST: f64 = 0.2;
/// What part of the full rate comes back each second.
const RECOVERY: f64 = 0.1;
/// A pause that AWS asks for is kept, but for no longer than this.
const PAUSE: Duration = Duration::from_secs(20);
/// A request that has been under way for longer no longer counts: nobody may be looking after it.
const LEASE: Duration = Duration::from_secs(15);
/// Sums of fractions miss whole numbers by less.
const NEARLY: f64 = 1e-6;

/// See the module.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    tokens: f64,
    /// The tokens that background work may take: fewer, by what is kept for persons.
    spare: f64,
    /// The part of the rate that is used: all of it, unless AWS throttles.
    share: f64,
    /// Up to when the three above are reckoned.
    reckoned: Instant,
    slowed: Option<Instant>,
    paused: Option<Instant>,
    /// Who waits, by urgency.
    persons: BTreeSet<u64>,
    background: BTreeSet<u64>,
    /// Whose turn has come, and who has not asked since.
    called: BTreeSet<u64>,
    /// What is under way, and since when.
    out: BTreeMap<u64, Instant>,
    /// Persons that went while background work waited.
    in_a_row: u32,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Bucket {
            rate,
            tokens: rate.burst,
            spare: rate.burst - rate.kept,
            share: 1.0,
            reckoned: now,
            slowed: None,
            paused: None,
            persons: BTreeSet::new(),
            background: BTreeSet::new(),
            called: BTreeSet::new(),
            out: BTreeMap::new(),
            in_a_row: 0,
        }
    }

    /// May this request go? One that may not is in the queue from then on, until it goes or leaves.
    pub(crate) fn ask(&mut self, place: Place, now: Instant) -> Turn {
        if self.called.remove(&place.number) {
            return Turn::Now;
        }
        self.lane(place.urgency).insert(place.number);
        self.hand_out(now);
        if self.called.remove(&place.number) {
            return Turn::Now;
        }
        Turn::At(self.estimate(place, now))
    }

    /// Those whose turn has come, and who should be told to ask.
    pub(crate) fn called(&self) -> impl Iterator<Item = u64> {
        self.called.iter().copied()
    }

    /// Who goes next. After each turn it should be told to ask again: it may have reckoned with a slower pace.
    pub(crate) fn first(&self) -> Option<u64> {
        self.persons.first().or(self.background.first()).copied()
    }

    /// A request has its answer.
    pub(crate) fn done(&mut self, place: Place, now: Instant) {
        self.out.remove(&place.number);
        self.hand_out(now);
    }

    /// A request was refused as one too many; AWS may have said how long to wait.
    pub(crate) fn throttled(&mut self, place: Place, pause: Option<Duration>, now: Instant) {
        self.reckon(now);
        // AWS's own bucket is empty, whatever ours holds: somebody else draws from it as well.
        (self.tokens, self.spare) = (self.tokens.min(0.0), self.spare.min(0.0));
        if self.slowed.is_none_or(|at| now.saturating_duration_since(at) >= SLOWED_FOR) {
            self.share = (self.share * SLOWER).max(SLOWEST);
            self.slowed = Some(now);
        }
        let until = pause.map(|pause| now + pause.min(PAUSE));
        self.paused = self.paused.max(until);
        self.done(place, now);
    }

    /// Somebody waits no longer, or has given up what was under way.
    pub(crate) fn leave(&mut self, place: Place, now: Instant) {
        self.lane(place.urgency).remove(&place.number);
        let under_way = self.out.remove(&place.number).is_some();
        if self.called.remove(&place.number) && under_way {
            // It never went.
            self.tokens = (self.tokens + 1.0).min(self.rate.burst);
            if place.urgency == Urgency::Background {
                self.spare = (self.spare + 1.0).min(self.rate.burst - self.rate.kept);
            }
        }
        self.hand_out(now);
    }

    fn lane(&mut self, urgency: Urgency) -> &mut BTreeSet<u64> {
        match urgency {
            Urgency::Person => &mut self.persons,
            Urgency::Background => &mut self.background,
        }
    }

    /// Adds what has come in since the last time.
    fn reckon(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.reckoned).as_secs_f64();
        let before = self.share;
        self.share = (self.share + RECOVERY * seconds).min(1.0);
        let came = self.rate.sustained * (before + self.share) / 2.0 * seconds;
        self.tokens = (self.tokens + came).min(self.rate.burst);
        self.spare = (self.spare + came).min(self.rate.burst - self.rate.kept);
        self.reckoned = self.reckoned.max(now);
    }

    fn hand_out(&mut self, now: Instant) {
        self.reckon(now);
        if self.paused.is_some_and(|until| now < until) {
            return;
        }
        self.out.retain(|_, since| now.saturating_duration_since(*since) < LEASE);
        while self.tokens + NEARLY >= 1.0 && self.out.len() < self.room() {
            let Some(next) = self.next() else { return };
            self.lane(next.urgency).remove(&next.number);
            self.tokens -= 1.0;
            match next.urgency {
                Urgency::Person if self.background.is_empty() => self.in_a_row = 0,
                Urgency::Person => self.in_a_row += 1,
                Urgency::Background => (self.spare, self.in_a_row) = (self.spare - 1.0, 0),
            }
            self.out.insert(next.number, now);
            self.called.insert(next.number);
        }
    }

    fn room(&self) -> usize {
        ((self.rate.together as f64 * self.share) as usize).max(1)
    }

    /// Whose turn it is, if there is a token.
    fn next(&self) -> Option<Place> {
        let person = self.persons.first().map(|&number| Place { urgency: Urgency::Person, number });
        let background = self.background.first().filter(|_| self.spare + NEARLY >= 1.0);
        let background = background.map(|&number| Place { urgency: Urgency::Background, number });
        if self.in_a_row >= PERSONS_IN_A_ROW { background.or(person) } else { person.or(background) }
    }

    /// When the turn of a waiter comes, if everybody before it takes his.
    fn estimate(&self, place: Place, now: Instant) -> Instant {
        let tokens = match place.urgency {
            Urgency::Person => before(&self.persons, place.number) + 1.0 - self.tokens,
            Urgency::Background => {
                let before = before(&self.background, place.number) + 1.0;
                (self.persons.len() as f64 + before - self.tokens).max(before - self.spare)
            }
        };
        let wait = Duration::from_secs_f64(tokens.max(0.0) / (self.rate.sustained * self.share));
        let at = self.paused.map_or(now, |until| until.max(now)) + wait;
        // Room comes with an answer, and then somebody is called; this is for the case that none comes.
        let room = self.out.values().min().filter(|_| self.out.len() >= self.room()).map(|&since| since + LEASE);
        // Never at once: who asks in a loop would not sleep.
        room.map_or(at, |room| room.max(at)).max(now + Duration::from_millis(1))
    }
}

/// How many in a lane go before this one.
fn before(lane: &BTreeSet<u64>, number: u64) -> f64 {
    // Who has just come is the last, nearly always, and counting thousands each time would take its time.
    if lane.last() == Some(&number) { lane.len() as f64 - 1.0 } else { lane.range(..number).count() as f64 }
}

#[cfg(test)]
mod tests;
