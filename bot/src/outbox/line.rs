//! Who says something under one key follows each other, and of those that wait only the newest is sent.

use crate::platform::{Message, Place, Route, SendError, Sent};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is to be said.
#[derive(Debug)]
pub struct Said {
    /// Where.
    pub place: Place,
    /// How.
    pub route: Route,
    /// What.
    pub message: Message,
}

/// The keys under which something is being said.
#[derive(Default)]
pub struct Lines(Mutex<HashMap<String, Arc<Line>>>);

/// Those that say something under one key.
pub struct Line {
    newest: Mutex<Newest>,
    done: tokio::sync::Mutex<Done>,
}

struct Newest {
    ticket: u64,
    said: Arc<Said>,
    inside: usize,
}

/// What was sent last.
#[derive(Default)]
pub struct Done {
    ticket: u64,
    result: Option<Result<Sent, SendError>>,
}

/// One that waits for its turn, or has it; it leaves when it is dropped.
pub struct Turn<'l> {
    lines: &'l Lines,
    line: Arc<Line>,
    key: String,
    ticket: u64,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lines {
    /// Takes a place in the line of the key.
    pub fn enter(&self, key: &str, said: Said) -> Turn<'_> {
        let said = Arc::new(said);
        let mut lines = held(&self.0);
        let line = lines.entry(key.to_owned()).or_insert_with(|| {
            let newest = Newest { ticket: 0, said: Arc::clone(&said), inside: 0 };
            Arc::new(Line { newest: Mutex::new(newest), done: tokio::sync::Mutex::default() })
        });
        let mut newest = held(&line.newest);
        newest.ticket += 1;
        newest.inside += 1;
        newest.said = said;
        let ticket = newest.ticket;
        drop(newest);
        Turn { lines: self, line: Arc::clone(line), key: key.to_owned(), ticket }
    }

    /// How many keys there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        held(&self.0).len()
    }
}

impl Turn<'_> {
    /// Its line.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Its number; the newest has the highest.
    pub fn ticket(&self) -> u64 {
        self.ticket
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut lines = held(&self.lines.0);
        let mut newest = held(&self.line.newest);
        newest.inside -= 1;
        if newest.inside == 0 {
            lines.remove(&self.key);
        }
    }
}

impl Line {
    /// Waits for its turn.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, Done> {
        self.done.lock().await
    }

    /// What is newest now.
    pub fn newest(&self) -> (u64, Arc<Said>) {
        let newest = held(&self.newest);
        (newest.ticket, Arc::clone(&newest.said))
    }
}

impl Done {
    /// What became of it, if something as new was sent meanwhile.
    pub fn covers(&self, ticket: u64) -> Option<Result<Sent, SendError>> {
        self.result.clone().filter(|_| self.ticket >= ticket)
    }

    /// What was sent.
    pub fn is(&mut self, ticket: u64, result: Result<Sent, SendError>) {
        (self.ticket, self.result) = (ticket, Some(result));
    }
}
