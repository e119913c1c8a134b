//! Files that belong to somebody else: written whole or not at all, through links, with the mode and the owner that they have.

use super::error::PluginError;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The text of a file; none if there is no such file.
///
/// # Errors
/// When it cannot be read, or is no UTF-8.
pub fn read(path: &Path) -> Result<Option<String>, PluginError> {
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| PluginError::NotText(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(PluginError::Read { path: path.to_owned(), source }),
    }
}

/// Replaces a file that held `before`: by a finished one beside it, so that no reader ever sees half of it.
///
/// # Errors
/// When it cannot be written, or holds something else by now.
pub fn replace(path: &Path, before: Option<&str>, after: &str) -> Result<(), PluginError> {
    let write = |source| PluginError::Write { path: path.to_owned(), source };
    // A link is somebody's wish: what it leads to is written, wherever that is.
    let real = real(path).map_err(write)?;
    let folder = real.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let there = match std::fs::metadata(&real) {
        Ok(there) => Some(there),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(write(error)),
    };
    if let Some(there) = &there {
        if !there.is_file() {
            return Err(write(io::Error::other("it is no plain file")));
        }
        if there.permissions().readonly() {
            return Err(write(io::Error::new(ErrorKind::PermissionDenied, "it is read-only")));
        }
    }
    let mut file = tempfile::Builder::new().prefix(".ecs-why-").tempfile_in(folder).map_err(write)?;
    file.write_all(after.as_bytes()).map_err(write)?;
    if let Some(there) = &there {
        std::fs::set_permissions(file.path(), there.permissions()).map_err(write)?;
    }
    keep_owner(file.path(), there.as_ref(), folder).map_err(write)?;
    file.as_file().sync_all().map_err(write)?;
    if read(&real)?.as_deref() != before {
        return Err(PluginError::Race(path.to_owned()));
    }
    file.persist(&real).map_err(|error| write(error.error))?;
    Ok(())
}

/// Where a path leads to in the end; one to a file that is not there yet, too.
fn real(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..32 {
        match std::fs::read_link(&path) {
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("its links lead in a circle"))
}

/// `sudo ecs-why` must not leave a file that its owner cannot read any more.
#[cfg(unix)]
fn keep_owner(new: &Path, there: Option<&std::fs::Metadata>, folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let wanted = match there {
        Some(there) => (there.uid(), there.gid()),
        None => std::fs::metadata(folder).map(|folder| (folder.uid(), folder.gid()))?,
    };
    let own = std::fs::metadata(new)?;
    if own.uid() == wanted.0 && (own.gid() == wanted.1 || there.is_none()) {
        return Ok(());
    }
    match chown(new, Some(wanted.0), Some(wanted.1)) {
        // A group that one does not belong to, of a file that is one's own.
        Err(_) if own.uid() == wanted.0 => Ok(()),
        done => done,
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: Option<&std::fs::Metadata>, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes a folder and those above it that are missing; which ones, the outermost first.
///
/// # Errors
/// When one cannot be made.
pub fn make_folders(path: &Path) -> Result<Vec<PathBuf>, PluginError> {
    let missing: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    let mut made = vec![];
    for folder in missing.into_iter().rev().filter(|folder| !folder.as_os_str().is_empty()) {
        let write = |source| PluginError::Write { path: folder.to_owned(), source };
        std::fs::create_dir(folder).map_err(write)?;
        keep_owner(folder, None, folder.parent().unwrap_or(Path::new("."))).map_err(write)?;
        made.push(folder.to_owned());
    }
    Ok(made)
}

/// Removes a file; whether it was there.
///
/// # Errors
/// When it is there and cannot be removed.
pub fn remove(path: &Path) -> Result<bool, PluginError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(source) => Err(PluginError::Write { path: path.to_owned(), source }),
    }
}

/// Lets everybody read a file.
///
/// # Errors
/// When it is not ours.
#[cfg(unix)]
pub fn readable(path: &Path) -> Result<(), PluginError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(path, mode).map_err(|source| PluginError::Write { path: path.to_owned(), source })
}

/// See the other one.
#[cfg(not(unix))]
pub fn readable(_: &Path) -> Result<(), PluginError> {
    Ok(())
}

/// Removes what Python compiled from a module.
pub fn remove_compiled(module: &Path) {
    let Some(folder) = module.parent().map(|folder| folder.join("__pycache__")) else { return };
    let stem = module.file_stem().unwrap_or_default().to_string_lossy().into_owned() + ".";
    for file in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
        if file.file_name().to_string_lossy().starts_with(&stem) {
            let _ = std::fs::remove_file(file.path());
        }
    }
    // Others may have theirs there.
    let _ = std::fs::remove_dir(&folder);
}

/// Removes those of the folders that are empty, the innermost first.
pub fn remove_empty(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        // One that holds something is somebody's by now.
        let _ = std::fs::remove_dir(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn a_file_that_is_not_there_is_made_and_its_folders_too() {
        let home = folder();
        let made = make_folders(&home.path().join("a").join("b")).expect("it can be made");
        assert_eq!(made, [home.path().join("a"), home.path().join("a").join("b")]);
        let path = home.path().join("a").join("b").join("config");
        assert_eq!(read(&path).expect("it is missing, which is no error"), None);
        replace(&path, None, "text").expect("it is written");
        assert_eq!(read(&path).expect("it is there").as_deref(), Some("text"));
        assert!(remove(&path).expect("it is removed") && !remove(&path).expect("it is gone"));
        remove_empty(&made);
        assert!(!home.path().join("a").exists());
    }

    #[test]
    fn what_somebody_wrote_meanwhile_is_kept() {
        let home = folder();
        let path = home.path().join("config");
        std::fs::write(&path, "theirs").expect("it is writable");
        assert!(matches!(replace(&path, Some("before"), "ours"), Err(PluginError::Race(_))));
        assert_eq!(read(&path).expect("it is there").as_deref(), Some("theirs"));
        assert_eq!(std::fs::read_dir(home.path()).expect("a folder").count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let home = folder();
        let (real, link) = (home.path().join("dotfiles"), home.path().join("config"));
        std::fs::write(&real, "old").expect("it is writable");
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
        symlink("dotfiles", &link).expect("a link");
        replace(&link, Some("old"), "new").expect("it is written");
        assert!(std::fs::symlink_metadata(&link).expect("it is there").is_symlink());
        assert_eq!(std::fs::read_to_string(&real).expect("it is there"), "new");
        assert_eq!(std::fs::metadata(&real).expect("it is there").permissions().mode() & 0o777, 0o640);
        symlink("circle", home.path().join("circle")).expect("a link");
        assert!(matches!(replace(&home.path().join("circle"), None, "x"), Err(PluginError::Write { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_read_only_stays_as_it_is() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = folder();
        let path = home.path().join("config");
        std::fs::write(&path, "old").expect("it is writable");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).expect("it is ours");
        assert!(matches!(replace(&path, Some("old"), "new"), Err(PluginError::Write { .. })));
    }
}
