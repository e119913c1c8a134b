//! What was heard: kept before it is acknowledged, and until it is answered.

use super::{Store, StoreError, millis};
use crate::platform::{Heard, Route};
use ecs_why_core::model::Moment;
use rusqlite::params;

impl Store {
    /// Keeps what was heard, before it is acknowledged. False: it was there already.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn hear(&self, heard: &Heard, at: Moment) -> Result<bool, StoreError> {
        let (id, body, at) = (heard.id.clone(), serde_json::to_string(heard)?, millis(at));
        self.with(move |file| {
            let new = file
                .prepare_cached("INSERT OR IGNORE INTO heard (id, at, body) VALUES (?1, ?2, ?3)")?
                .execute(params![id, at, body])?;
            Ok(new == 1)
        })
        .await
    }

    /// What was heard and not answered yet, the oldest first: for after a restart. With the key of its answer, if one was begun.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn unanswered(&self) -> Result<Vec<(Heard, Option<String>)>, StoreError> {
        self.with(|file| {
            let mut all =
                file.prepare_cached("SELECT body, answer FROM heard WHERE body IS NOT NULL ORDER BY at, rowid")?;
            let rows = all.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            // One that an older version wrote in another form cannot be answered any more.
            Ok(rows.into_iter().filter_map(|(body, key)| Some((serde_json::from_str(&body).ok()?, key))).collect())
        })
        .await
    }

    /// The answer to what was heard will be this message.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn answer_is(&self, heard: &str, key: &str) -> Result<(), StoreError> {
        let (heard, key) = (heard.to_owned(), key.to_owned());
        self.with(move |file| {
            file.prepare_cached("UPDATE heard SET answer = ?2 WHERE id = ?1")?.execute([heard, key])?;
            Ok(())
        })
        .await
    }

    /// Once more it is tried to answer it: how often that was, this time counted. A question that ends the process each time is not
    /// tried for ever.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn tried(&self, heard: &str) -> Result<u32, StoreError> {
        let heard = heard.to_owned();
        self.with(move |file| {
            let mut more = file.prepare_cached("UPDATE heard SET tries = tries + 1 WHERE id = ?1 RETURNING tries")?;
            let mut rows = more.query([heard])?;
            Ok(rows.next()?.map(|row| row.get(0)).transpose()?.unwrap_or(1))
        })
        .await
    }

    /// It was answered; what it needed for that is forgotten, and only its id is kept for some hours.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn answered(&self, heard: &str) -> Result<(), StoreError> {
        let heard = heard.to_owned();
        let plain = serde_json::to_string(&Route::Message)?;
        self.with(move |file| {
            // What stands for the interaction goes with it.
            file.prepare_cached("UPDATE intents SET route = ?2 WHERE key = (SELECT answer FROM heard WHERE id = ?1)")?
                .execute([&heard, &plain])?;
            file.prepare_cached("UPDATE heard SET body = NULL WHERE id = ?1")?.execute([heard])?;
            Ok(())
        })
        .await
    }
}
