//! The queue of events. What is not deleted is delivered again.

use async_trait::async_trait;
use std::time::Duration;

/// A message of the queue, for a while ours alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What stands for this delivery of it.
    pub receipt: String,
    /// Its text.
    pub body: String,
    /// How often it was delivered, this time counted.
    pub times: u32,
}

/// Why the queue did not do it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the queue of events: {0}")]
pub struct QueueError(pub String);

/// A queue that delivers everything at least once.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Waits for messages, some twenty seconds at most; at most ten come at once.
    ///
    /// # Errors
    /// When it cannot be reached, or refuses.
    async fn receive(&self) -> Result<Vec<Delivery>, QueueError>;

    /// These need not be delivered again; those that could not be deleted are.
    ///
    /// # Errors
    /// When it cannot be reached, or refuses.
    async fn delete(&self, receipts: &[String]) -> Result<(), QueueError>;

    /// It is delivered again, but not before that.
    ///
    /// # Errors
    /// When it cannot be reached, or refuses.
    async fn later(&self, receipt: &str, wait: Duration) -> Result<(), QueueError>;

    /// Puts it where messages go that nobody can read, and deletes it here. False: there is no such place, or the queue itself puts it there
    /// once it was delivered often enough.
    ///
    /// # Errors
    /// When it cannot be reached, or refuses.
    async fn bury(&self, delivery: &Delivery) -> Result<bool, QueueError>;
}
