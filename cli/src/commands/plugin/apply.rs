//! Carries changes out: all of them, or none.

use super::error::PluginError;
use super::files;
use super::plan::Change;
use std::path::{Path, PathBuf};

/// What was done, to take it back.
#[derive(Debug, Default)]
pub struct Done {
    files: Vec<Change>,
    /// Folders that were made.
    pub folders: Vec<PathBuf>,
}

impl Done {
    /// Makes the folder of a file.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder_of(&mut self, path: &Path) -> Result<(), PluginError> {
        if let Some(folder) = path.parent() {
            self.folders.extend(files::make_folders(folder)?);
        }
        Ok(())
    }

    /// Writes, replaces or removes a file.
    ///
    /// # Errors
    /// When that is not possible; take all back then.
    pub fn carry_out(&mut self, change: Change) -> Result<(), PluginError> {
        if change.is_any() {
            write(&change.path, change.before.as_deref(), change.after.as_deref())?;
            self.files.push(change);
        }
        Ok(())
    }

    /// Puts everything back as it was, the last first.
    ///
    /// # Errors
    /// The first that cannot be put back; the others are, all the same.
    pub fn take_back(self) -> Result<(), PluginError> {
        let mut first = Ok(());
        for change in self.files.into_iter().rev() {
            let back = write(&change.path, change.after.as_deref(), change.before.as_deref());
            first = first.and(back);
        }
        files::remove_empty(&self.folders);
        first
    }
}

fn write(path: &Path, before: Option<&str>, after: Option<&str>) -> Result<(), PluginError> {
    match after {
        Some(after) => files::replace(path, before, after)?,
        None => files::remove(path).map(drop)?,
    }
    if path.extension().is_some_and(|extension| extension == "py") {
        match after {
            // Other people may use the same Python.
            Some(_) => files::readable(path)?,
            None => files::remove_compiled(path),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_taken_back() {
        let home = tempfile::tempdir().expect("a folder");
        let (old, new) = (home.path().join("old"), home.path().join("a").join("b").join("new.py"));
        std::fs::write(&old, "before").expect("it is writable");
        let mut done = Done::default();
        done.folder_of(&new).expect("it can be made");
        let change = |path: &Path, before: Option<&str>, after: Option<&str>| Change {
            path: path.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        done.carry_out(change(&new, None, Some("text"))).expect("it is written");
        done.carry_out(change(&old, Some("before"), None)).expect("it is removed");
        done.carry_out(change(&home.path().join("same"), None, None)).expect("nothing to do");
        assert!(new.exists() && !old.exists());
        done.take_back().expect("it is put back");
        assert_eq!(std::fs::read_to_string(&old).expect("it is there"), "before");
        assert!(!home.path().join("a").exists());
    }
}
