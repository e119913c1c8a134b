//! What outlives the process: one SQLite file. Everything here is bounded by age and size.

use crate::platform::{Heard, Kind, Place, Route, Sent};
use ecs_why_core::model::Moment;
use std::path::Path;

/// The file. Cheap to clone; each call runs on one thread of its own, in order.
#[derive(Clone)]
pub struct Store {}

/// Why the file did not do it.
#[derive(Debug, thiserror::Error)]
#[error("the state file: {0}")]
pub struct StoreError(pub String);

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
    /// `r` and 20 letters and digits that cannot be guessed.
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
    /// When it cannot be written, is damaged, or was made by a newer version.
    pub fn open(_path: &Path) -> Result<Store, StoreError> {
        todo!()
    }

    /// A new key for an intent.
    pub fn key() -> String {
        todo!()
    }

    /// A new id of a report or of choices: `r` and 20 letters and digits that cannot be guessed.
    pub fn id() -> String {
        todo!()
    }

    /// Keeps what the buttons of a message offer, as JSON under an id of [`Store::id`]; forgotten as old reports are.
    pub async fn keep_choices(&self, _id: &str, _choices: &str) -> Result<(), StoreError> {
        todo!()
    }

    /// What the buttons of a message offered.
    pub async fn choices(&self, _id: &str) -> Result<Option<String>, StoreError> {
        todo!()
    }

    /// Keeps what was heard, before it is acknowledged. False: it was there already.
    pub async fn hear(&self, _heard: &Heard, _at: Moment) -> Result<bool, StoreError> {
        todo!()
    }

    /// What was heard and not answered yet, the oldest first: for after a restart. With the key of its answer, if one was begun.
    pub async fn unanswered(&self) -> Result<Vec<(Heard, Option<String>)>, StoreError> {
        todo!()
    }

    /// The answer to what was heard will be this message.
    pub async fn answer_is(&self, _heard: &str, _key: &str) -> Result<(), StoreError> {
        todo!()
    }

    /// It was answered; what it needed for that is forgotten, and only its id is kept for some hours.
    pub async fn answered(&self, _heard: &str) -> Result<(), StoreError> {
        todo!()
    }

    /// Keeps a report.
    pub async fn keep(&self, _report: &KeptReport) -> Result<(), StoreError> {
        todo!()
    }

    /// A report by its id.
    pub async fn report(&self, _id: &str) -> Result<Option<KeptReport>, StoreError> {
        todo!()
    }

    /// The newest report about a task, by its id, of an account and region.
    pub async fn of_task(&self, _task: &str) -> Result<Option<KeptReport>, StoreError> {
        todo!()
    }

    /// The newest report about a service whose outcome was a failure.
    pub async fn of_service(&self, _cluster: &str, _service: &str) -> Result<Option<KeptReport>, StoreError> {
        todo!()
    }

    /// The names that were seen in reports and events, as `cluster/service`: for completing.
    pub async fn names(&self) -> Result<Vec<String>, StoreError> {
        todo!()
    }
}
