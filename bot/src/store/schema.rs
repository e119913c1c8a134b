//! What stands in the file, and which files are ours.

use super::StoreError;
use rusqlite::{Connection, ErrorCode};
use std::path::Path;
use std::time::Duration;

/// The version of the tables; grows with each change of them, together with the step in [`TO_NEXT`].
const VERSION: i64 = 1;
/// `ecsw`: whose file it is.
const APPLICATION: i64 = 0x6563_7377;

/// Makes the tables of version `n + 1` out of those of version `n`.
const TO_NEXT: [&str; 1] = [include_str!("tables.sql")];

/// Opens or makes the file, and makes sure of it.
pub fn open(path: &Path) -> Result<Connection, StoreError> {
    let say = |what: &str| StoreError(format!("`{}` {what}", path.display()));
    let cannot = |error: &std::io::Error| say(&format!("cannot be written: {error}"));
    alone(path).map_err(|error| cannot(&error))?;
    let broken = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => say("is no state file, or is damaged: move it away, and a new one is made"),
        Some(ErrorCode::DatabaseCorrupt) => say("is damaged: move it away, and a new one is made"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            say("is in use: another ecs-why-bot runs with it, and two would say everything twice")
        }
        _ => say(&format!("cannot be used: {error}")),
    };
    let mut connection = Connection::open(path).map_err(broken)?;
    // A process that was just killed may still be on its way out.
    connection.busy_timeout(Duration::from_secs(5)).map_err(broken)?;
    // Exclusive: a second process would post what this one does. Full: what was answered is on the disk. Secure: what stood for an
    // interaction does not stay in free pages.
    let settings = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; \
                    PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; \
                    PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY;";
    connection.execute_batch(settings).map_err(broken)?;
    let pragma = |connection: &Connection, name: &str| {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).map_err(broken)
    };
    let (mut version, application) = (pragma(&connection, "user_version")?, pragma(&connection, "application_id")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(broken)?;
    if tables > 0 && application != APPLICATION {
        return Err(say("is the database of another program"));
    }
    if version > VERSION {
        return Err(say(&format!(
            "was made by a newer ecs-why-bot (version {version} of the file, and this one knows {VERSION}): use that one, \
             or another file"
        )));
    }
    let checked: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(broken)?;
    if checked != "ok" {
        return Err(say("is damaged: move it away, and a new one is made"));
    }
    for step in TO_NEXT.iter().skip(usize::try_from(version).unwrap_or_default()) {
        version += 1;
        let change = connection.transaction().map_err(broken)?;
        change.execute_batch(step).map_err(broken)?;
        change.pragma_update(None, "user_version", version).map_err(broken)?;
        change.pragma_update(None, "application_id", APPLICATION).map_err(broken)?;
        change.commit().map_err(broken)?;
    }
    Ok(connection)
}

/// Makes the file its owner's alone; SQLite gives the files beside it the same mode.
fn alone(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        options.mode(0o600);
        options.open(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
    }
    #[cfg(not(unix))]
    options.open(path).map(drop)
}
