//! Messages that are to stand in a channel exactly once: meant first, then sent.

use super::{Intent, Store, StoreError, millis, moment};
use crate::platform::Sent;
use rusqlite::{Row, params};

impl Store {
    /// Keeps the intent, unless there is one with its key: that one is answered then, and this one otherwise. True: it is new, so
    /// nothing was ever sent for it.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn intend(&self, intent: &Intent) -> Result<(Intent, bool), StoreError> {
        let (intent, place) = (intent.clone(), serde_json::to_string(&intent.place)?);
        let (route, sent) = (serde_json::to_string(&intent.route)?, to_json(intent.sent.as_ref())?);
        self.with(move |file| {
            let new = file
                .prepare_cached(
                    "INSERT OR IGNORE INTO intents (key, place, route, made, sent) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![intent.key, place, route, millis(intent.made), sent])?;
            if new == 1 {
                return Ok((intent, true));
            }
            let mut one = file.prepare_cached("SELECT key, place, route, made, sent FROM intents WHERE key = ?1")?;
            Ok((one.query_row([&intent.key], read)??, false))
        })
        .await
    }

    /// The intent with this key.
    #[cfg(test)]
    pub async fn intent(&self, key: &str) -> Result<Option<Intent>, StoreError> {
        let key = key.to_owned();
        self.with(move |file| {
            let mut one = file.prepare_cached("SELECT key, place, route, made, sent FROM intents WHERE key = ?1")?;
            let mut rows = one.query_map([key], read)?;
            rows.next().transpose()?.transpose()
        })
        .await
    }

    /// Where it stands now.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn sent(&self, key: &str, sent: &Sent) -> Result<(), StoreError> {
        let (key, sent) = (key.to_owned(), serde_json::to_string(sent)?);
        self.with(move |file| {
            file.prepare_cached("UPDATE intents SET sent = ?2 WHERE key = ?1")?.execute([key, sent])?;
            Ok(())
        })
        .await
    }

    /// Nothing will be said under this key.
    ///
    /// # Errors
    /// When the file does not take it.
    pub async fn withdraw(&self, key: &str) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.with(move |file| {
            file.prepare_cached("DELETE FROM intents WHERE key = ?1")?.execute([key])?;
            Ok(())
        })
        .await
    }

    /// What was meant, and perhaps not sent: the newest of them, the oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn pending(&self) -> Result<Vec<Intent>, StoreError> {
        self.with(|file| {
            let mut all = file.prepare_cached(
                "SELECT key, place, route, made, sent FROM intents WHERE sent IS NULL ORDER BY made DESC LIMIT 1000",
            )?;
            let mut rows = all.query_map([], read)?.collect::<Result<Result<Vec<_>, _>, _>>()??;
            rows.reverse();
            Ok(rows)
        })
        .await
    }
}

fn to_json(sent: Option<&Sent>) -> Result<Option<String>, StoreError> {
    sent.map(|sent| serde_json::to_string(sent).map_err(StoreError::from)).transpose()
}

/// A row; the inner error is that of a form that this version does not know.
fn read(row: &Row<'_>) -> rusqlite::Result<Result<Intent, StoreError>> {
    let (place, route, sent): (String, String, Option<String>) = (row.get(1)?, row.get(2)?, row.get(4)?);
    let (key, made) = (row.get(0)?, moment(row.get(3)?));
    let whole = move || {
        let sent = sent.map(|sent| serde_json::from_str(&sent)).transpose()?;
        Ok(Intent { key, place: serde_json::from_str(&place)?, route: serde_json::from_str(&route)?, made, sent })
    };
    Ok(whole())
}
