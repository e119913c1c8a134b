//! Threads of alerts: one failure of one owner for one cause, from its first task to its recovery. Every change is one transaction
//! with the events that it takes off those that wait: a process that ends anywhere neither loses nor doubles one.

use super::{KeptReport, Store, StoreError, millis, moment, reports};
use crate::platform::Place;
use ecs_why_core::model::Moment;
use ecs_why_core::report::Report;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::time::Duration;

/// So many different stops of one thread are told apart; from then on only what they say of their cause is.
const TOLD_APART: u32 = 40;
/// For so long a stop that needed no card is not diagnosed again.
const SILENT_FOR: Duration = Duration::from_secs(3600);

/// A thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Its number.
    pub id: i64,
    /// Whose failure it is.
    pub owner: String,
    /// The cause's id.
    pub cause: String,
    /// What was found, in one line.
    pub title: String,
    /// The kept report on its first task.
    pub report: String,
    /// When its first task stopped.
    pub first: Moment,
    /// When its last task stopped.
    pub last: Moment,
    /// How many tasks stopped.
    pub tasks: u64,
    /// When it was well again.
    pub closed: Option<Moment>,
    /// What tells that it is.
    pub how: Option<String>,
    /// How often it failed again soon after it was well.
    pub again: u64,
    /// ECS went back to the deployment before.
    pub rolled_back: bool,
    /// What is known of earlier failures.
    pub memory: Option<String>,
    /// Grows with each change.
    pub version: i64,
}

/// Events of one kin that wait.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Whose they are.
    pub owner: String,
    /// Their kin: two digests, with a colon between them.
    pub kin: String,
    /// Their ids.
    pub ids: Vec<String>,
    /// When the first of them happened.
    pub first: Moment,
    /// When the last of them happened.
    pub last: Moment,
}

/// A failure whose cause was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The cause's id.
    pub cause: String,
    /// What was found, in one line.
    pub title: String,
    /// The report.
    pub kept: KeptReport,
    /// The same, read.
    pub report: Report,
    /// What is known of earlier failures.
    pub memory: Option<String>,
    /// Where it is to be said, and from when on, where it is quiet now.
    pub places: Vec<(Place, Option<Moment>)>,
}

/// How many cards there may be.
#[derive(Debug, Clone, Copy)]
pub struct CardLimits {
    /// So many new cards in a place within the window; what comes beyond that is in one card for all.
    pub cards: u32,
    /// The window.
    pub window: Duration,
    /// A failure that comes back so soon after it was well goes on in its thread.
    pub quiet_for: Duration,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It is counted in a thread.
    In(i64),
    /// It needs no card.
    Silent,
    /// Nobody has looked at such a stop yet.
    Unknown,
}

impl Store {
    /// Counts events whose kin is known, and takes them off those that wait.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn count(&self, batch: Batch, quiet_for: Duration) -> Result<Counted, StoreError> {
        self.with(move |file| {
            let (fine, coarse) = kins(&batch.kin);
            let silent = file
                .prepare_cached("SELECT at FROM silent WHERE kin = ?1")?
                .query_row([fine], |row| row.get::<_, i64>(0))
                .optional()?;
            if silent.is_some_and(|at| (at - millis(batch.last)).abs() < span(SILENT_FOR)) {
                done(file, &batch, None)?;
                return Ok(Counted::Silent);
            }
            let found = file
                .prepare_cached(
                    "SELECT threads.id FROM kins JOIN threads ON threads.id = kins.thread \
                     WHERE kins.kin IN (?1, ?2) AND threads.owner = ?3 \
                     AND (closed IS NULL OR closed >= ?4 OR closed >= ?5) ORDER BY threads.id DESC LIMIT 1",
                )?
                .query_row(
                    params![
                        fine,
                        coarse,
                        batch.owner,
                        millis(batch.first),
                        millis(batch.last).saturating_sub(span(quiet_for))
                    ],
                    |row| row.get::<_, i64>(0),
                )
                .optional()?;
            match found {
                None => Ok(Counted::Unknown),
                Some(thread) => {
                    add(file, thread, &batch)?;
                    Ok(Counted::In(thread))
                }
            }
        })
        .await
    }

    /// Counts events whose cause was just found: in the thread of that cause, which is opened if there is none. True: it was opened.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn found(&self, found: Found, batch: Batch, limits: CardLimits, now: Moment) -> Result<bool, StoreError> {
        self.with(move |file| {
            reports::insert(file, &found.kept, &found.report)?;
            let there = file
                .prepare_cached(
                    "SELECT id FROM threads WHERE owner = ?1 AND cause = ?2 \
                     AND (closed IS NULL OR closed >= ?3 OR closed >= ?4) ORDER BY id DESC LIMIT 1",
                )?
                .query_row(
                    params![
                        batch.owner,
                        found.cause,
                        millis(batch.first),
                        millis(batch.last).saturating_sub(span(limits.quiet_for))
                    ],
                    |row| row.get::<_, i64>(0),
                )
                .optional()?;
            let thread = match there {
                Some(thread) => thread,
                None => open(file, &found, &batch, limits, now)?,
            };
            know(file, thread, &batch)?;
            add(file, thread, &batch)?;
            if there.is_none() {
                recovered_meanwhile(file, thread, &batch)?;
            }
            Ok(there.is_none())
        })
        .await
    }

    /// These need no card, and others like them neither, for a while.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn silence(&self, batch: Batch) -> Result<(), StoreError> {
        self.with(move |file| {
            let (fine, _) = kins(&batch.kin);
            file.prepare_cached("INSERT OR REPLACE INTO silent (kin, at) VALUES (?1, ?2)")?
                .execute(params![fine, millis(batch.last)])?;
            done(file, &batch, None).map(drop)
        })
        .await
    }

    /// The owner is well: what failed before that is closed. How many threads.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn recovered(&self, batch: Batch, how: Option<String>) -> Result<usize, StoreError> {
        self.with(move |file| {
            let at = millis(batch.last);
            file.prepare_cached(
                "INSERT INTO recovered (owner, at, how) VALUES (?1, ?2, ?3) ON CONFLICT (owner) DO UPDATE \
                 SET at = excluded.at, how = excluded.how WHERE excluded.at > at",
            )?
            .execute(params![batch.owner, at, how])?;
            let closed = file
                .prepare_cached(
                    "UPDATE threads SET closed = ?2, how = ?3, version = version + 1 \
                     WHERE owner = ?1 AND closed IS NULL AND last <= ?2 RETURNING id",
                )?
                .query_map(params![batch.owner, at, how], |row| row.get::<_, i64>(0))?
                .collect::<Result<Vec<_>, _>>()?;
            closed.iter().try_for_each(|thread| summed(file, *thread))?;
            done(file, &batch, None)?;
            Ok(closed.len())
        })
        .await
    }

    /// ECS goes back to the deployment before: the owner's open threads say so.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn rolled_back(&self, owner: &str) -> Result<(), StoreError> {
        let owner = owner.to_owned();
        self.with(move |file| {
            file.prepare_cached(
                "UPDATE threads SET rolled_back = 1, version = version + 1 \
                 WHERE owner = ?1 AND closed IS NULL AND rolled_back = 0",
            )?
            .execute([owner])?;
            Ok(())
        })
        .await
    }

    /// Closes what nothing was heard of for so long: nobody tells when a job will not be started again.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn close_idle(&self, now: Moment, after: Duration) -> Result<usize, StoreError> {
        self.with(move |file| {
            Ok(file
                .prepare_cached(
                    "UPDATE threads SET closed = ?1, how = NULL, version = version + 1 WHERE closed IS NULL AND last < ?2",
                )?
                .execute(params![millis(now), millis(now).saturating_sub(span(after))])?)
        })
        .await
    }

    /// The threads of an owner for a cause that began before, the oldest first; at most 200.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn threads_before(&self, owner: &str, cause: &str, before: Moment) -> Result<Vec<Thread>, StoreError> {
        let (owner, cause) = (owner.to_owned(), cause.to_owned());
        self.with(move |file| {
            let mut all = file.prepare_cached(&format!(
                "SELECT {THREAD} FROM threads WHERE owner = ?1 AND cause = ?2 AND first < ?3 ORDER BY first DESC LIMIT 200"
            ))?;
            let rows = all.query_map(params![owner, cause, millis(before)], |row| read(row, 0))?;
            let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
            rows.reverse();
            Ok(rows)
        })
        .await
    }

    /// The thread that a task is counted in, by the task's id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn thread_of(&self, task: &str) -> Result<Option<Thread>, StoreError> {
        let task = task.to_owned();
        self.with(move |file| {
            let sql = format!(
                "SELECT {THREAD} FROM threads WHERE id = \
                 (SELECT thread FROM events WHERE task = ?1 AND thread > 0 ORDER BY at DESC LIMIT 1)"
            );
            Ok(file.prepare_cached(&sql)?.query_row([task], |row| read(row, 0)).optional()?)
        })
        .await
    }
}

/// The columns of a thread, as [`read`] takes them.
pub const THREAD: &str = "threads.id, threads.owner, threads.cause, threads.title, threads.report, threads.first, \
                          threads.last, threads.tasks, threads.closed, threads.how, threads.again, threads.rolled_back, \
                          threads.memory, threads.version";

/// A thread out of a row, from this column on.
pub fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Thread> {
    let closed: Option<i64> = row.get(from + 8)?;
    Ok(Thread {
        id: row.get(from)?,
        owner: row.get(from + 1)?,
        cause: row.get(from + 2)?,
        title: row.get(from + 3)?,
        report: row.get(from + 4)?,
        first: moment(row.get(from + 5)?),
        last: moment(row.get(from + 6)?),
        tasks: row.get(from + 7)?,
        closed: closed.map(moment),
        how: row.get(from + 9)?,
        again: row.get(from + 10)?,
        rolled_back: row.get(from + 11)?,
        memory: row.get(from + 12)?,
        version: row.get(from + 13)?,
    })
}

/// A duration as it is added to moments of the file.
pub fn span(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn kins(kin: &str) -> (&str, &str) {
    kin.split_once(':').unwrap_or((kin, kin))
}

fn open(file: &Connection, found: &Found, batch: &Batch, limits: CardLimits, now: Moment) -> Result<i64, StoreError> {
    let (first, last) = (millis(batch.first), millis(batch.last));
    file.prepare_cached(
        "INSERT INTO threads (owner, cause, title, report, opened, first, last, memory) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        batch.owner,
        found.cause,
        found.title,
        found.kept.id,
        millis(now),
        first,
        last,
        found.memory
    ])?;
    let thread = file.last_insert_rowid();
    for (place, held) in &found.places {
        super::cards::lay(file, thread, place, *held, limits, now)?;
    }
    Ok(thread)
}

/// From now on such stops are counted without being diagnosed.
fn know(file: &Connection, thread: i64, batch: &Batch) -> Result<(), StoreError> {
    let (fine, coarse) = kins(&batch.kin);
    let known: u32 =
        file.prepare_cached("SELECT count(*) FROM kins WHERE thread = ?1")?.query_row([thread], |row| row.get(0))?;
    let mut insert = file.prepare_cached("INSERT OR IGNORE INTO kins (kin, thread, owner) VALUES (?1, ?2, ?3)")?;
    insert.execute(params![fine, thread, batch.owner])?;
    if known >= TOLD_APART {
        insert.execute(params![coarse, thread, batch.owner])?;
    }
    Ok(())
}

/// Counts a batch in a thread, each task once.
fn add(file: &Connection, thread: i64, batch: &Batch) -> Result<(), StoreError> {
    let new = done(file, batch, Some(thread))?;
    let (first, last) = (millis(batch.first), millis(batch.last));
    file.prepare_cached(
        "UPDATE threads SET tasks = tasks + ?2, first = min(first, ?3), last = max(last, ?4), version = version + 1, \
         again = again + (closed IS NOT NULL AND closed < ?4), \
         how = CASE WHEN closed < ?4 THEN NULL ELSE how END, \
         closed = CASE WHEN closed < ?4 THEN NULL ELSE closed END WHERE id = ?1",
    )?
    .execute(params![thread, new, first, last])?;
    summed(file, thread)
}

/// Takes events off those that wait. How many tasks are new to the thread.
fn done(file: &Connection, batch: &Batch, thread: Option<i64>) -> Result<u64, StoreError> {
    let mut waiting = file.prepare_cached(
        "SELECT task, EXISTS (SELECT 1 FROM events AS other WHERE other.task = events.task AND other.thread = ?2) \
         FROM events WHERE id = ?1 AND waits = 1",
    )?;
    let mut take = file.prepare_cached("UPDATE events SET waits = 0, thread = ?2 WHERE id = ?1")?;
    let mut new = 0;
    for id in &batch.ids {
        let row = |row: &Row<'_>| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, bool>(1)?));
        let Some((task, known)) = waiting.query_row(params![id, thread], row).optional()? else { continue };
        take.execute(params![id, thread])?;
        new += u64::from(task.is_some() && !known);
    }
    Ok(new)
}

/// The card for many shows the thread anew, if it is in one.
fn summed(file: &Connection, thread: i64) -> Result<(), StoreError> {
    file.prepare_cached(
        "UPDATE summaries SET version = version + 1 WHERE id IN (SELECT summary FROM cards WHERE thread = ?1)",
    )?
    .execute([thread])?;
    Ok(())
}

/// What is told late may be over already.
fn recovered_meanwhile(file: &Connection, thread: i64, batch: &Batch) -> Result<(), StoreError> {
    file.prepare_cached(
        "UPDATE threads SET closed = recovered.at, how = recovered.how FROM recovered \
         WHERE threads.id = ?1 AND recovered.owner = ?2 AND recovered.at >= ?3",
    )?
    .execute(params![thread, batch.owner, millis(batch.last)])?;
    Ok(())
}
