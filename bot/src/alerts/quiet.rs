//! Hours in which alerts are counted and not posted.

use ecs_why_core::model::Moment;
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// Hours of every day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietHours {
    /// From then on.
    pub from: Time,
    /// Until then; the next day, if it is earlier.
    pub to: Time,
    /// Where these are the hours of the day.
    pub zone: TimeZone,
}

impl QuietHours {
    /// When it is quiet no more; none if it is not quiet.
    pub fn end(&self, now: Moment) -> Option<Moment> {
        let there = now.to_zoned(self.zone.clone());
        let (date, time) = (there.date(), there.time());
        let over_night = self.from > self.to;
        let quiet = match over_night {
            true => time >= self.from || time < self.to,
            false => time >= self.from && time < self.to,
        };
        if !quiet {
            return None;
        }
        let tomorrow = over_night && time >= self.from;
        let date = if tomorrow { date.tomorrow().ok()? } else { date };
        // Where the clocks are changed at that moment, the first that fits is taken.
        date.to_datetime(self.to).to_zoned(self.zone.clone()).ok().map(|end| end.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(from: i8, to: i8, now: &str) -> Option<String> {
        let (from, to) = (Time::constant(from, 0, 0, 0), Time::constant(to, 30, 0, 0));
        let hours = QuietHours { from, to, zone: TimeZone::fixed(jiff::tz::offset(2)) };
        hours.end(now.parse().expect("a moment")).map(|end| end.to_string())
    }

    #[test]
    fn quiet_hours_end_in_their_zone_and_over_night() {
        for (from, to, now, expected) in [
            (22, 6, "2026-11-22T19:59:59Z", None),
            (22, 6, "2026-11-22T20:00:00Z", Some("2026-11-23T04:30:00Z")),
            (22, 6, "2026-11-22T23:00:00Z", Some("2026-11-23T04:30:00Z")),
            (22, 6, "2026-11-22T04:29:59Z", Some("2026-11-22T04:30:00Z")),
            (22, 6, "2026-11-22T04:30:00Z", None),
            (12, 13, "2026-11-22T10:30:00Z", Some("2026-11-22T11:30:00Z")),
            (12, 13, "2026-11-22T11:30:00Z", None),
        ] {
            assert_eq!(end(from, to, now).as_deref(), expected, "{now}");
        }
    }
}
