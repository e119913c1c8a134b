//! What is too old goes, and the oldest where there is too much; never what somebody waits for.

#[cfg(test)]
use super::Store;
use super::{Bounds, StoreError, millis};
use ecs_why_core::model::Moment;
use rusqlite::Connection;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
/// Platforms deliver again within an hour or so; what stands for an interaction is dead after half an hour.
const HEARD: Duration = Duration::from_secs(24 * 3600);

/// A report that a card under a failure that lasts is made from.
const NEEDED: &str = "SELECT report FROM threads WHERE closed IS NULL";

/// An intent whose message is, or will be, edited.
const SPOKEN: &str = "SELECT cards.key FROM cards JOIN threads ON threads.id = cards.thread \
                      UNION SELECT key FROM summaries \
                      UNION SELECT answer FROM heard WHERE body IS NOT NULL AND answer IS NOT NULL";

#[cfg(test)]
impl Store {
    /// Removes what is too old or too much, as happens by itself now and then.
    pub async fn prune(&self, now: Moment, bounds: Bounds) -> Result<(), StoreError> {
        self.with(move |file| remove(file, now, bounds)).await
    }
}

/// The same between two transactions: only then do the file's free pages go, too.
pub fn prune(file: &Connection, now: Moment, bounds: Bounds) -> Result<(), StoreError> {
    file.execute_batch("BEGIN IMMEDIATE")?;
    let done = remove(file, now, bounds);
    file.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done?;
    file.execute_batch("PRAGMA incremental_vacuum")?;
    Ok(())
}

fn remove(file: &Connection, now: Moment, bounds: Bounds) -> Result<(), StoreError> {
    let ago = |age: Duration| millis(now).saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
    let old = ago(bounds.age);
    file.execute("DELETE FROM heard WHERE at < ?1", [ago(HEARD)])?;
    file.execute("UPDATE intents SET route = '\"message\"' WHERE made < ?1 AND route <> '\"message\"'", [ago(HOUR)])?;
    file.execute("DELETE FROM choices WHERE at < ?1", [old])?;
    file.execute("DELETE FROM events WHERE received < ?1 AND waits = 0", [old])?;
    file.execute("DELETE FROM threads WHERE closed < ?1", [old])?;
    file.execute("DELETE FROM silent WHERE at < ?1", [old])?;
    file.execute("DELETE FROM recovered WHERE at < ?1", [old])?;
    file.execute(
        "DELETE FROM summaries WHERE opened < ?1 AND id NOT IN (SELECT summary FROM cards WHERE summary > 0)",
        [old],
    )?;
    file.execute(&format!("DELETE FROM reports WHERE made < ?1 AND id NOT IN ({NEEDED})"), [old])?;
    file.execute(&format!("DELETE FROM intents WHERE made < ?1 AND key NOT IN ({SPOKEN})"), [old])?;
    shrink(file, bounds.bytes)
}

/// Each step removes a tenth of the oldest; what waits or is needed is left, however much it is.
fn shrink(file: &Connection, most: u64) -> Result<(), StoreError> {
    for _ in 0..60 {
        if used(file)? <= most {
            return Ok(());
        }
        let oldest = |table: &str, order: &str, free: &str| {
            format!(
                "DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE {free} ORDER BY {order} \
                 LIMIT max(10, (SELECT count(*) FROM {table}) / 10))"
            )
        };
        let events = file.execute(&oldest("events", "received", "waits = 0"), [])?;
        let reports = file.execute(&oldest("reports", "made", &format!("id NOT IN ({NEEDED})")), [])?;
        if events + reports == 0 {
            return Ok(());
        }
    }
    Ok(())
}

/// Bytes that hold something.
fn used(file: &Connection) -> Result<u64, StoreError> {
    let pragma = |name: &str| file.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, u64>(0));
    Ok((pragma("page_count")?.saturating_sub(pragma("freelist_count")?)) * pragma("page_size")?)
}
