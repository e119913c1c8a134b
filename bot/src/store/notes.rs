//! Small things that are asked for again by name: the choices of an ambiguous question, and the like. They go after a week.

use super::{Store, StoreError, millis};
use ecs_why_core::model::Moment;
use rusqlite::params;

impl Store {
    /// Keeps a text under a name, instead of what stood there.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn note(&self, name: &str, value: &str, at: Moment) -> Result<(), StoreError> {
        let (name, value, at) = (name.to_owned(), value.to_owned(), millis(at));
        self.with(move |file| {
            file.prepare_cached("INSERT OR REPLACE INTO notes (name, at, value) VALUES (?1, ?2, ?3)")?
                .execute(params![name, at, value])?;
            Ok(())
        })
        .await
    }

    /// The text under a name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn noted(&self, name: &str) -> Result<Option<String>, StoreError> {
        let name = name.to_owned();
        self.with(move |file| {
            let mut one = file.prepare_cached("SELECT value FROM notes WHERE name = ?1")?;
            let mut rows = one.query_map([name], |row| row.get(0))?;
            Ok(rows.next().transpose()?)
        })
        .await
    }
}
