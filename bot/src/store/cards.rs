//! The cards of threads: what is to be said where, and what is said already.

use super::threads::{CardLimits, THREAD, Thread, read, span};
use super::{Store, StoreError, millis};
use crate::platform::Place;
use ecs_why_core::model::Moment;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::time::Duration;

/// A card that shows less than is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which one.
    pub card: Card,
    /// The key that it is said under.
    pub key: String,
    /// Where.
    pub place: Place,
    /// What it is about: one thread, or those of a card for many, the newest first.
    pub threads: Vec<Thread>,
    /// How many threads there are in a card for many.
    pub all: u64,
    /// What it shows once it is said.
    pub version: i64,
}

/// A card by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Card {
    /// Of one thread.
    One(i64),
    /// Of many.
    Many(i64),
}

/// So many threads are told in a card for many.
const TOLD: u32 = 10;

impl Store {
    /// The cards that are to be said or edited now; new ones first.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn due(&self, now: Moment, edit_every: Duration, most: usize) -> Result<Vec<Due>, StoreError> {
        self.with(move |file| {
            let now = millis(now);
            // What was held back while it was quiet, and is well again by now, is not said at all.
            file.prepare_cached(
                "UPDATE cards SET dead = 1 WHERE dead = 0 AND held > 0 AND held <= ?1 AND shown = 0 AND shown_at = 0 \
                 AND thread IN (SELECT id FROM threads WHERE closed IS NOT NULL)",
            )?
            .execute([now])?;
            let mut due = ones(file, now, span(edit_every), most)?;
            due.extend(manys(file, now, span(edit_every), most)?);
            Ok(due)
        })
        .await
    }

    /// It says that now.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn shown(&self, card: Card, version: i64, now: Moment) -> Result<(), StoreError> {
        self.with(move |file| {
            let (table, id) = card.row();
            file.prepare_cached(&format!("UPDATE {table} SET shown = ?2, shown_at = ?3 WHERE id = ?1"))?
                .execute(params![id, version, millis(now)])?;
            Ok(())
        })
        .await
    }

    /// It could not be said; it is tried again later.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn unsaid(&self, card: Card, now: Moment) -> Result<(), StoreError> {
        self.with(move |file| {
            let (table, id) = card.row();
            file.prepare_cached(&format!("UPDATE {table} SET shown_at = ?2 WHERE id = ?1"))?
                .execute(params![id, millis(now)])?;
            Ok(())
        })
        .await
    }

    /// It can never be said there.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn unsayable(&self, card: Card) -> Result<(), StoreError> {
        self.with(move |file| {
            let (table, id) = card.row();
            file.prepare_cached(&format!("UPDATE {table} SET dead = 1 WHERE id = ?1"))?.execute([id])?;
            Ok(())
        })
        .await
    }
}

impl Card {
    fn row(self) -> (&'static str, i64) {
        match self {
            Card::One(id) => ("cards", id),
            Card::Many(id) => ("summaries", id),
        }
    }
}

/// Cards of one thread. A recovery is told soon; other changes not more often than is wanted.
fn ones(file: &Connection, now: i64, every: i64, most: usize) -> Result<Vec<Due>, StoreError> {
    let mut all = file.prepare_cached(&format!(
        "SELECT cards.id, cards.key, cards.place, {THREAD} FROM cards JOIN threads ON threads.id = cards.thread \
         WHERE cards.dead = 0 AND cards.summary IS NULL AND threads.version > cards.shown AND cards.held <= ?1 \
         AND (cards.shown_at <= ?1 - ?2 OR threads.closed IS NOT NULL AND cards.shown_at <= ?1 - min(?2, 1000)) \
         ORDER BY cards.shown > 0, cards.shown_at, cards.id LIMIT ?3"
    ))?;
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, read(row, 3)?));
    let rows = all.query_map(params![now, every, most], row)?.collect::<Result<Vec<_>, _>>()?;
    let due = rows.into_iter().map(|(id, key, place, thread)| {
        let (place, version) = (serde_json::from_str(&place)?, thread.version);
        Ok(Due { card: Card::One(id), key, place, threads: vec![thread], all: 1, version })
    });
    due.collect()
}

fn manys(file: &Connection, now: i64, every: i64, most: usize) -> Result<Vec<Due>, StoreError> {
    let mut all = file.prepare_cached(
        "SELECT id, key, place, version FROM summaries WHERE dead = 0 AND version > shown AND held <= ?1 \
         AND shown_at <= ?1 - ?2 ORDER BY shown > 0, shown_at, id LIMIT ?3",
    )?;
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?));
    let rows = all.query_map(params![now, every, most], row)?.collect::<Result<Vec<_>, _>>()?;
    let mut newest = file.prepare_cached(&format!(
        "SELECT {THREAD} FROM threads JOIN cards ON cards.thread = threads.id WHERE cards.summary = ?1 \
         ORDER BY threads.closed IS NOT NULL, threads.last DESC LIMIT ?2"
    ))?;
    let mut count = file.prepare_cached("SELECT count(*) FROM cards WHERE summary = ?1")?;
    let mut due = vec![];
    for (id, key, place, version) in rows {
        let threads = newest.query_map(params![id, TOLD], |row| read(row, 0))?.collect::<Result<Vec<_>, _>>()?;
        let all = count.query_row([id], |row| row.get(0))?;
        due.push(Due { card: Card::Many(id), key, place: serde_json::from_str(&place)?, threads, all, version });
    }
    Ok(due)
}

/// Lays a card of a thread: by itself, or in the card for many where a channel has got enough of them.
pub fn lay(
    file: &Connection,
    thread: i64,
    place: &Place,
    held: Option<Moment>,
    limits: CardLimits,
    now: Moment,
) -> Result<(), StoreError> {
    let (place, held) = (serde_json::to_string(place)?, held.map_or(0, millis));
    let since = millis(now).saturating_sub(span(limits.window));
    // What is held back until the same moment would come at once.
    let own: u32 = file
        .prepare_cached(
            "SELECT count(*) FROM cards WHERE place = ?1 AND summary IS NULL AND dead = 0 \
             AND CASE WHEN ?2 > 0 THEN held = ?2 ELSE held = 0 AND made > ?3 END",
        )?
        .query_row(params![place, held, since], |row| row.get(0))?;
    let summary = match own >= limits.cards {
        true => Some(summary(file, &place, held, since, now)?),
        false => None,
    };
    file.prepare_cached("INSERT INTO cards (thread, place, key, made, summary, held) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![thread, place, Store::key(), millis(now), summary, held])?;
    Ok(())
}

fn summary(file: &Connection, place: &str, held: i64, since: i64, now: Moment) -> Result<i64, StoreError> {
    let there = file
        .prepare_cached(
            "SELECT id FROM summaries WHERE place = ?1 AND dead = 0 \
             AND CASE WHEN ?2 > 0 THEN held = ?2 ELSE held = 0 AND opened > ?3 END ORDER BY id DESC LIMIT 1",
        )?
        .query_row(params![place, held, since], |row| row.get(0))
        .optional()?;
    if let Some(id) = there {
        return Ok(id);
    }
    file.prepare_cached("INSERT INTO summaries (place, key, opened, held) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![place, Store::key(), millis(now), held])?;
    Ok(file.last_insert_rowid())
}
