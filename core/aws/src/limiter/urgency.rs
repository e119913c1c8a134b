//! Who waits for an answer: a person, or work that runs in the background.
//!
//! It is a property of the account that is asked (`Live::in_background`). On its way to the request, which the SDK makes, it travels
//! with the task: the SDK runs interceptors and everything else of a request in the task of the caller.

use std::future::Future;

/// Who waits for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// A person who has asked.
    Person,
    /// Work that has time.
    Background,
}

tokio::task_local! {
    static URGENCY: Urgency;
}

impl Urgency {
    /// Runs what makes requests.
    pub(crate) async fn of<F: Future>(self, requests: F) -> F::Output {
        URGENCY.scope(self, requests).await
    }

    /// That of the task.
    pub(crate) fn here() -> Urgency {
        URGENCY.try_with(|urgency| *urgency).unwrap_or(Urgency::Person)
    }
}
