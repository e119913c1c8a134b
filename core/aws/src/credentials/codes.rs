//! Codes of MFA devices: who is asked for one, and what was got for it.

use super::cache::is_fresh;
use aws_credential_types::Credentials;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

type Ask = dyn Fn(&str) -> io::Result<String> + Send + Sync;

/// Who can be asked for the code of a device. All clones share what was got: a device gives no code twice, and several regions or
/// accounts may want the same role.
#[derive(Clone, Default)]
pub struct Codes {
    ask: Option<Arc<Ask>>,
    taken: Arc<Mutex<BTreeMap<String, Credentials>>>,
}

impl Codes {
    /// Asks a person: given the device's serial number, it returns the code, or fails where nobody can be asked. It may block.
    pub fn from_person(ask: impl Fn(&str) -> io::Result<String> + Send + Sync + 'static) -> Self {
        Codes { ask: Some(Arc::new(ask)), taken: Arc::default() }
    }

    /// What was got so far. Whoever holds it is the only one who asks.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        Turn { codes: self, taken: self.taken.lock().await }
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codes").field("from_person", &self.ask.is_some()).finish_non_exhaustive()
    }
}

/// The turn of one who may need a code.
pub(crate) struct Turn<'c> {
    codes: &'c Codes,
    taken: MutexGuard<'c, BTreeMap<String, Credentials>>,
}

impl Turn<'_> {
    pub(crate) fn got(&self, key: &str) -> Option<Credentials> {
        self.taken.get(key).filter(|kept| is_fresh(kept.expiry())).cloned()
    }

    pub(crate) fn keep(&mut self, key: &str, credentials: &Credentials) {
        self.taken.insert(key.to_owned(), credentials.clone());
    }

    /// The code; none where nobody can be asked, or nobody answers.
    pub(crate) async fn code(&self, serial: &str) -> Option<String> {
        let (ask, serial) = (self.codes.ask.clone()?, serial.to_owned());
        let answered = tokio::task::spawn_blocking(move || ask(&serial)).await.ok()?.ok()?;
        let code = answered.trim().to_owned();
        (!code.is_empty()).then_some(code)
    }
}
