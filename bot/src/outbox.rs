//! What is said stands in its channel exactly once: the intent is stored first, and reconciled after a restart.

use crate::platform::{Attachment, Kind, Message, Place, Platform, Route, SendError, Sent};
use crate::store::Store;
use std::sync::Arc;

/// The platforms, and what was said on them.
#[derive(Clone)]
pub struct Outbox {}

impl Outbox {
    /// Over these platforms.
    pub fn new(_store: Store, _platforms: Vec<Arc<dyn Platform>>) -> Outbox {
        todo!()
    }

    /// Says it under this key: posts it, if it does not stand there yet; else edits what stands there. Waits where the platform wants it, tries
    /// again where it failed (looking first whether it arrived), and gives up after ten minutes. Calls with one key follow each other; of
    /// those that wait, only the newest is sent.
    ///
    /// # Errors
    /// When it cannot be said.
    pub async fn say(&self, _key: &str, _place: &Place, _route: &Route, _message: &Message) -> Result<Sent, SendError> {
        todo!()
    }

    /// Puts a file into the place.
    ///
    /// # Errors
    /// When it cannot be.
    pub async fn attach(&self, _place: &Place, _route: &Route, _file: &Attachment) -> Result<(), SendError> {
        todo!()
    }

    /// The platform, if it is served.
    pub fn platform(&self, _kind: Kind) -> Option<&Arc<dyn Platform>> {
        todo!()
    }
}
