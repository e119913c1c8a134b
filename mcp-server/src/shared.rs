//! What all sessions share.

use crate::caller::Caller;
use crate::redact::Redactor;
use crate::source::Source;
use crate::store::Store;
use ecs_why_core::change::HouseRules;
use ecs_why_core::model::Salt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, broadcast};

/// What all sessions share.
pub struct Shared {
    /// Where answers come from.
    pub source: Source,
    /// Earlier reports.
    pub store: Store,
    /// What replaces account ids, ARNs and addresses, if it is to.
    pub redactor: Option<Arc<Redactor>>,
    /// What fixes may do here.
    pub rules: HouseRules,
    /// Whether log lines may be read and shown.
    pub logs: bool,
    /// How long a tool may take.
    pub time_limit: Duration,
    /// A permit a diagnosis.
    pub permits: Semaphore,
    /// Who has a new report, for those who listen.
    pub news: broadcast::Sender<Caller>,
    /// A permit a listener: each keeps a connection.
    pub listeners: Semaphore,
    /// What makes digests of the values of definitions that are given.
    pub salt: Salt,
}

/// How many may listen at once.
pub const LISTENERS: usize = 200;

/// A salt of this process, kept nowhere.
pub fn salt() -> Salt {
    let (a, b) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(a.as_bytes());
    bytes[16..].copy_from_slice(b.as_bytes());
    Salt::new(bytes)
}
