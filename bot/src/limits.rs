//! How often may be asked: by each person, and in each channel.

use crate::config::Limits;
use crate::platform::{Kind, Person, Place};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::time::Duration;

type Limiter = DefaultKeyedRateLimiter<(Kind, String)>;

/// How often in a minute a person is told so.
const TOLD: NonZeroU32 = NonZeroU32::new(3).expect("three is not zero");

/// Counts questions.
pub struct Gate {
    clock: DefaultClock,
    people: Limiter,
    channels: Limiter,
    /// Who is told that it was too many.
    told: Limiter,
}

impl Gate {
    /// As the configuration says.
    pub fn new(limits: &Limits) -> Gate {
        Gate {
            clock: DefaultClock::default(),
            people: RateLimiter::keyed(Quota::per_minute(limits.per_person)),
            channels: RateLimiter::keyed(Quota::per_minute(limits.per_channel)),
            told: RateLimiter::keyed(Quota::per_minute(TOLD)),
        }
    }

    /// Counts one more of a person, who may not fill a channel's share alone.
    ///
    /// # Errors
    /// After how long there is room again.
    pub fn person(&self, kind: Kind, person: &Person) -> Result<(), Duration> {
        self.people.check_key(&(kind, person.id.clone())).map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// Counts one more in a channel.
    ///
    /// # Errors
    /// After how long there is room again.
    pub fn channel(&self, place: &Place) -> Result<(), Duration> {
        let key = (place.kind, place.channel.clone());
        self.channels.check_key(&key).map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// Whether a person who asks too often is told so once more.
    pub fn may_tell(&self, kind: Kind, person: &Person) -> bool {
        self.told.check_key(&(kind, person.id.clone())).is_ok()
    }

    /// Forgets those who have been silent: called now and then.
    pub fn tidy(&self) {
        self.people.retain_recent();
        self.people.shrink_to_fit();
        self.channels.retain_recent();
        self.channels.shrink_to_fit();
        self.told.retain_recent();
        self.told.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_often_is_told_when_to_come_back_and_others_are_not() {
        let two = NonZeroU32::new(2).expect("not zero");
        let gate = Gate::new(&Limits { per_person: two, ..Limits::default() });
        let person = |id: &str| Person { id: id.to_owned(), roles: vec![] };
        let ask = |id: &str| gate.person(Kind::Slack, &person(id));
        assert!(ask("a").is_ok() && ask("a").is_ok());
        let wait = ask("a").expect_err("the third in a minute");
        assert!(wait > Duration::from_secs(1) && wait <= Duration::from_secs(60), "{wait:?}");
        assert!(ask("b").is_ok());
        assert!(gate.person(Kind::Discord, &person("a")).is_ok(), "another platform's people are others");
        gate.tidy();
        assert!(ask("a").is_err(), "who has just asked is not forgotten");
    }
}
