//! What AWS told over the queue: kept before it is deleted there, and until somebody has dealt with it.

use super::{Store, StoreError, millis, moment};
use ecs_why_core::model::Moment;
use rusqlite::{OptionalExtension as _, params};

/// An event, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// EventBridge's id: the same when it is delivered again.
    pub id: String,
    /// When it happened.
    pub at: Moment,
    /// What kind it is.
    pub kind: String,
    /// Account, region, cluster and service or family in one; empty where it is nobody's.
    pub owner: String,
    /// Stops that differ in nothing that matters have the same.
    pub kin: String,
    /// The cluster's name.
    pub cluster: Option<String>,
    /// The service's name.
    pub service: Option<String>,
    /// The task's id.
    pub task: Option<String>,
    /// All of it, as it came.
    pub body: String,
    /// Somebody has to deal with it.
    pub waits: bool,
}

/// An event that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// EventBridge's id.
    pub id: String,
    /// When it happened.
    pub at: Moment,
    /// What kind it is.
    pub kind: String,
    /// See [`Kept::kin`].
    pub kin: String,
}

impl Store {
    /// Keeps events, each once: how many of them are new.
    ///
    /// # Errors
    /// When the file does not take them: then they must not be deleted in the queue.
    pub async fn take_in(&self, events: Vec<Kept>, now: Moment) -> Result<usize, StoreError> {
        self.with(move |file| {
            let mut one = file.prepare_cached(
                "INSERT OR IGNORE INTO events (id, received, at, kind, owner, kin, cluster, service, task, body, waits) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?;
            let mut new = 0;
            for event in events {
                new += one.execute(params![
                    event.id,
                    millis(now),
                    millis(event.at),
                    event.kind,
                    event.owner,
                    event.kin,
                    event.cluster,
                    event.service,
                    event.task,
                    event.body,
                    event.waits,
                ])?;
            }
            Ok(new)
        })
        .await
    }

    /// Whose events wait: those that wait longest first, at most so many.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn owners_waiting(&self, most: usize) -> Result<Vec<String>, StoreError> {
        self.with(move |file| {
            let mut all = file
                .prepare_cached("SELECT owner FROM events WHERE waits = 1 GROUP BY owner ORDER BY min(seq) LIMIT ?1")?;
            Ok(all.query_map([most], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The events of one owner that wait, in the order in which they happened; at most so many.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn waiting(&self, owner: &str, most: usize) -> Result<Vec<Waiting>, StoreError> {
        let owner = owner.to_owned();
        self.with(move |file| {
            let mut all = file.prepare_cached(
                "SELECT id, at, kind, kin FROM events WHERE waits = 1 AND owner = ?1 ORDER BY at, seq LIMIT ?2",
            )?;
            let rows = all.query_map(params![owner, most], |row| {
                Ok(Waiting { id: row.get(0)?, at: moment(row.get(1)?), kind: row.get(2)?, kin: row.get(3)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many events wait.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn events_waiting(&self) -> Result<u64, StoreError> {
        self.with(|file| Ok(file.query_row("SELECT count(*) FROM events WHERE waits = 1", [], |row| row.get(0))?)).await
    }

    /// The text of an event.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn event(&self, id: &str) -> Result<Option<String>, StoreError> {
        let id = id.to_owned();
        self.with(move |file| {
            let mut one = file.prepare_cached("SELECT body FROM events WHERE id = ?1")?;
            Ok(one.query_row([id], |row| row.get(0)).optional()?)
        })
        .await
    }

    /// Once more it is tried to deal with it: how often that was, this time counted.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn event_tried(&self, id: &str) -> Result<u32, StoreError> {
        let id = id.to_owned();
        self.with(move |file| {
            let mut more = file.prepare_cached("UPDATE events SET tries = tries + 1 WHERE id = ?1 RETURNING tries")?;
            Ok(more.query_row([id], |row| row.get(0)).optional()?.unwrap_or(1))
        })
        .await
    }

    /// These need nothing any more.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn dealt_with(&self, ids: Vec<String>) -> Result<(), StoreError> {
        self.with(move |file| {
            let mut one = file.prepare_cached("UPDATE events SET waits = 0 WHERE id = ?1")?;
            ids.iter().try_for_each(|id| one.execute([id]).map(drop))?;
            Ok(())
        })
        .await
    }

    /// The newest event that tells how a task stopped, by the task's id or the first digits of it if there is but one such task: its
    /// text, and when it happened.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn stop_of(&self, task: &str) -> Result<Option<(String, Moment)>, StoreError> {
        let task = task.to_owned();
        let end = super::reports::end_of_prefix(&task);
        self.with(move |file| {
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, moment(row.get(1)?)));
            let whole = file
                .prepare_cached("SELECT body, at FROM events WHERE task = ?1 ORDER BY at DESC LIMIT 1")?
                .query_row([&task], row)
                .optional()?;
            let (None, Some(end)) = (&whole, end) else { return Ok(whole) };
            Ok(file
                .prepare_cached(
                    "SELECT body, at FROM events WHERE task >= ?1 AND task < ?2 \
                     AND (SELECT count(DISTINCT task) FROM events WHERE task >= ?1 AND task < ?2) = 1 \
                     ORDER BY at DESC LIMIT 1",
                )?
                .query_row([task, end], row)
                .optional()?)
        })
        .await
    }
}
