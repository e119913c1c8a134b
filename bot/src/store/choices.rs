//! What the buttons of a message offer, where that is more than a button can carry. It goes as old reports do.

use super::{Store, StoreError, millis};
use ecs_why_core::model::Moment;
use rusqlite::{OptionalExtension as _, params};

impl Store {
    /// Keeps what the buttons of a message offer, as JSON under an id of [`Store::id`]; forgotten as old reports are.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn keep_choices(&self, id: &str, choices: &str) -> Result<(), StoreError> {
        let (id, choices, at) = (id.to_owned(), choices.to_owned(), millis(Moment::now()));
        self.with(move |file| {
            file.prepare_cached("INSERT OR REPLACE INTO choices (id, at, choices) VALUES (?1, ?2, ?3)")?
                .execute(params![id, at, choices])?;
            Ok(())
        })
        .await
    }

    /// What the buttons of a message offered.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn choices(&self, id: &str) -> Result<Option<String>, StoreError> {
        let id = id.to_owned();
        self.with(move |file| {
            let mut one = file.prepare_cached("SELECT choices FROM choices WHERE id = ?1")?;
            Ok(one.query_row([id], |row| row.get(0)).optional()?)
        })
        .await
    }
}
