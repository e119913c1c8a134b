//! Where answers come from: a live account, an evidence file.

mod file;

pub use file::{EVIDENCE_VERSION, Entry, EvidenceFile, EvidenceFileError, Recorded};

use crate::evidence::{Answer, Question};
use crate::model::Moment;
use async_trait::async_trait;

/// An account that can be asked. Reading is all that it does.
#[async_trait]
pub trait Account: Send + Sync {
    /// Answers questions that go together (see [`Question::group`]), each of them, in one request if it can.
    ///
    /// # Errors
    /// Only for what makes every further question useless; a refusal is an answer ([`Answer::Gap`]).
    async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(Question, Answer)>, AccountError>;

    /// What time it is there.
    fn now(&self) -> Moment;

    /// How many requests were made so far, retries not counted.
    fn calls(&self) -> u64;
}

/// Why no question can be answered at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// No credentials were found.
    #[error("no AWS credentials were found: {0}")]
    NoCredentials(String),
    /// AWS refuses the credentials.
    #[error("AWS does not accept the credentials: {0}")]
    BadCredentials(String),
    /// AWS cannot be reached.
    #[error("AWS cannot be reached: {0}")]
    Unreachable(String),
}
