//! When Discord wants to hear from us again: what it said in its headers, a row of requests at a time.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// More is a mistake, ours or Discord's: nobody waits for it.
const LONGEST: Duration = Duration::from_secs(3600);
/// So many rows are kept; what is over is dropped then.
const MOST: usize = 1000;

/// For each row of requests that Discord counts together, until when it takes none. The empty row stands for all.
#[derive(Debug, Default)]
pub(super) struct Pauses(Mutex<BTreeMap<String, Instant>>);

impl Pauses {
    /// How long this row has to wait; none: not at all.
    pub(super) fn left(&self, row: &str, now: Instant) -> Option<Duration> {
        let pauses = self.lock();
        let until = pauses.get(row).max(pauses.get(""))?;
        let left = until.saturating_duration_since(now);
        (left > Duration::ZERO).then_some(left)
    }

    /// Discord takes nothing of this row for so long.
    pub(super) fn pause(&self, row: &str, wait: Duration, now: Instant) {
        let mut pauses = self.lock();
        if pauses.len() >= MOST {
            pauses.retain(|_, until| *until > now);
        }
        if pauses.len() < MOST {
            pauses.insert(row.to_owned(), now + wait);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What Discord counts together: the method, and the address up to the channel, the guild or the webhook with its token.
/// <https://discord.com/developers/docs/topics/rate-limits>
pub(super) fn row(method: &str, path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).take(3).collect();
    format!("{method} {}", parts.join("/"))
}

/// Seconds as Discord writes them.
pub(super) fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value).unwrap_or(LONGEST).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_waits_as_long_as_it_was_told_and_the_others_do_not() {
        let (pauses, now) = (Pauses::default(), Instant::now());
        let row = row("POST", "/channels/1/messages");
        pauses.pause(&row, seconds(1.5), now);
        assert_eq!(pauses.left(&row, now), Some(Duration::from_millis(1500)));
        assert_eq!(pauses.left("POST channels/2/messages", now), None);
        assert_eq!(pauses.left(&row, now + Duration::from_millis(1500)), None);
    }

    #[test]
    fn a_global_pause_is_everybodys() {
        let (pauses, now) = (Pauses::default(), Instant::now());
        pauses.pause("", seconds(2.0), now);
        assert_eq!(pauses.left("GET users/@me", now), Some(Duration::from_secs(2)));
    }

    #[test]
    fn what_is_over_makes_room() {
        let (pauses, now) = (Pauses::default(), Instant::now());
        for id in 0..3 * MOST {
            pauses.pause(&format!("POST channels/{id}/messages"), seconds(0.5), now);
        }
        assert_eq!(pauses.lock().len(), MOST);
        pauses.pause("POST channels/1/messages", seconds(5.0), now + Duration::from_secs(1));
        assert_eq!(pauses.lock().len(), 1);
    }

    #[test]
    fn messages_of_one_channel_are_counted_together_and_tokens_apart() {
        assert_eq!(row("PATCH", "/channels/1/messages/2"), row("PATCH", "/channels/1/messages/3"));
        assert_ne!(row("PATCH", "/channels/1/messages/2"), row("POST", "/channels/1/messages"));
        assert_ne!(row("PATCH", "/webhooks/1/a/messages/@original"), row("PATCH", "/webhooks/1/b/messages/@original"));
    }

    #[test]
    fn no_number_makes_us_wait_for_ever() {
        for (value, wait) in
            [(0.25, Duration::from_millis(250)), (-1.0, LONGEST), (f64::NAN, LONGEST), (1e300, LONGEST)]
        {
            assert_eq!(seconds(value), wait);
        }
    }
}
