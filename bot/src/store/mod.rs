//! What outlives the process: one SQLite file. Everything here is bounded by age and size.
//!
//! The file is readable by its owner alone: it holds what stands for an interaction until that is answered, and what AWS told.

mod cards;
mod choices;
mod clean;
mod events;
mod heard;
mod intents;
mod prune;
mod reports;
mod schema;
#[cfg(test)]
mod tests;
mod thread;
mod threads;

use crate::platform::{Place, Route, Sent};
use ecs_why_core::model::Moment;
use std::path::Path;
use std::time::Duration;
use thread::Jobs;

pub use cards::{Card, Due};
pub use events::{Kept, Waiting};
pub use reports::cause;
pub use threads::{Batch, CardLimits, Counted, Found, Thread};

/// The file. Cheap to clone; each call runs on one thread of its own, in order.
#[derive(Clone)]
pub struct Store {
    jobs: Jobs,
}

/// Why the file did not do it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the state file: {0}")]
pub struct StoreError(pub String);

/// How much is kept, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// What is older goes.
    pub age: Duration,
    /// Beyond so many bytes the oldest go.
    pub bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { age: Duration::from_secs(30 * 24 * 3600), bytes: 256 << 20 }
    }
}

/// A message that is to stand in a channel exactly once.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// Unique, unguessable, at most 25 characters of letters and digits (Discord's nonce): [`Store::key`] makes one.
    pub key: String,
    /// Where.
    pub place: Place,
    /// How.
    pub route: Route,
    /// When it was first meant.
    pub made: Moment,
    /// Where it stands, once it was sent.
    pub sent: Option<Sent>,
}

/// A report that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptReport {
    /// `r` and 20 letters and digits that cannot be guessed: [`Store::id`] makes one.
    pub id: String,
    /// When it was made.
    pub made: Moment,
    /// The account of the configuration; none: that of the environment.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The report (the JSON of the contract).
    pub report: String,
    /// What it was made from, without log lines, if the account was asked: the text of an evidence file.
    pub evidence: Option<String>,
    /// What was asked: the JSON of `desk::asked::Asked`, for asking again.
    pub asked: String,
}

impl Store {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// When it cannot be written, is damaged, was made by a newer version, or another process has it.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        Store::open_within(path, Bounds::default())
    }

    /// The same with other bounds.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_within(path: &Path, bounds: Bounds) -> Result<Store, StoreError> {
        let connection = schema::open(path)?;
        Ok(Store { jobs: Jobs::over(connection, bounds)? })
    }

    /// A new key for an intent.
    pub fn key() -> String {
        random("k", 24)
    }

    /// A new id of a report or of choices: `r` and 20 letters and digits that cannot be guessed.
    pub fn id() -> String {
        random("r", 20)
    }
}

/// Letters and digits that nobody can guess, at most 24 of them.
fn random(prefix: &str, digits: usize) -> String {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut rest = uuid::Uuid::new_v4().as_u128() ^ uuid::Uuid::new_v4().as_u128().rotate_left(64);
    let mut text = prefix.to_owned();
    for _ in 0..digits {
        let digit = usize::try_from(rest % 36).unwrap_or_default();
        text.push(ALPHABET.get(digit).copied().map_or('0', char::from));
        rest /= 36;
    }
    text
}

/// A moment as it stands in the file.
fn millis(at: Moment) -> i64 {
    at.as_millisecond()
}

/// The moment of a column.
fn moment(millis: i64) -> Moment {
    Moment::from_millisecond(millis).unwrap_or(Moment::UNIX_EPOCH)
}
