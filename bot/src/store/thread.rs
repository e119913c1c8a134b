//! The one thread that owns the connection. What waits together is one transaction, and nobody is answered before that is on the disk.

use super::{Bounds, Store, StoreError, prune};
use ecs_why_core::model::Moment;
use rusqlite::Connection;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// So many calls may wait; who comes then waits outside.
const MOST_WAITING: usize = 1024;
/// So many calls make one transaction at most.
const MOST_TOGETHER: usize = 256;
/// How often what is too old or too much goes.
const PRUNED_EVERY: Duration = Duration::from_secs(600);

/// Tells who asked, once it is known whether the transaction was kept.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Job = Box<dyn FnOnce(&Connection) -> Answer + Send>;

/// Where work for the thread goes.
#[derive(Clone)]
pub struct Jobs(mpsc::Sender<Job>);

impl Jobs {
    /// Starts the thread. It ends when nobody can ask any more.
    pub fn over(connection: Connection, bounds: Bounds) -> Result<Jobs, StoreError> {
        let (jobs, waiting) = mpsc::channel(MOST_WAITING);
        let thread = std::thread::Builder::new().name("store".to_owned());
        thread
            .spawn(move || work(&connection, waiting, bounds))
            .map_err(|error| StoreError(format!("no thread for it: {error}")))?;
        Ok(Jobs(jobs))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError(error.to_string())
    }
}

impl Store {
    /// Runs it on the thread, all of it or nothing, and answers when it is on the disk.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let done = apart(connection, work);
            Box::new(move |kept| drop(tell.send(kept.and(done))))
        });
        let ended = || StoreError("it is closed".to_owned());
        self.jobs.0.send(job).await.map_err(|_| ended())?;
        told.await.map_err(|_| ended())?
    }
}

/// One that fails takes nothing of the others with it.
fn apart<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
    connection.execute_batch("SAVEPOINT one")?;
    let done = work(connection);
    if done.is_err() {
        connection.execute_batch("ROLLBACK TO one")?;
    }
    connection.execute_batch("RELEASE one")?;
    done
}

fn work(connection: &Connection, mut waiting: mpsc::Receiver<Job>, bounds: Bounds) {
    let mut pruned: Option<Instant> = None;
    while let Some(first) = waiting.blocking_recv() {
        let mut jobs = vec![first];
        while jobs.len() < MOST_TOGETHER
            && let Ok(job) = waiting.try_recv()
        {
            jobs.push(job);
        }
        together(connection, jobs);
        if pruned.is_none_or(|at| at.elapsed() >= PRUNED_EVERY) {
            pruned = Some(Instant::now());
            if let Err(error) = prune::prune(connection, Moment::now(), bounds) {
                tracing::warn!(%error, "what is too old could not be removed from the state file");
            }
        }
    }
}

fn together(connection: &Connection, jobs: Vec<Job>) {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        // A job that is dropped unrun tells nobody; running it outside of a transaction tells what is wrong.
        tracing::error!(%error, "the state file takes no transaction");
    }
    let answers: Vec<Answer> = jobs.into_iter().map(|job| job(connection)).collect();
    let kept = connection.execute_batch("COMMIT").map_err(StoreError::from);
    if kept.is_err() {
        // After a full disk the transaction may still stand open.
        let _ = connection.execute_batch("ROLLBACK");
    }
    for answer in answers {
        answer(kept.clone());
    }
}
