//! Settings: the file that is named, or the user's own. A project's file is not read: who serves an assistant does not let whatever
//! folder it was started in say what that assistant may see.

use anyhow::Context as _;
use ecs_why_core::settings::Settings;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The settings.
///
/// # Errors
/// When the file that is named cannot be read, or one is wrong.
pub fn settings(named: Option<&Path>) -> anyhow::Result<Settings> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let path = match named {
        Some(path) => path.to_owned(),
        None => match of_user(variable) {
            Some(path) => path,
            None => return Ok(Settings::default()),
        },
    };
    let text = match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if named.is_none() && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Settings::default());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    };
    Settings::parse(&text).with_context(|| format!("the configuration `{}` is wrong", path.display()))
}

/// As for `ecs-why`: <https://specifications.freedesktop.org/basedir-spec/latest/>
fn of_user(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let set = variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let home = || variable("HOME").or_else(|| variable("USERPROFILE")).map(|home| home.join(".config"));
    set.or_else(home).map(|folder| folder.join("ecs-why").join("config.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_named_has_to_be_there() {
        let error = settings(Some(Path::new("/nowhere/config.toml"))).expect_err("it is not");
        assert!(format!("{error:#}").contains("/nowhere/config.toml"));
    }

    #[test]
    fn the_users_file_is_where_xdg_says() {
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/home/a"));
        assert_eq!(of_user(home), Some("/home/a/.config/ecs-why/config.toml".into()));
        assert_eq!(of_user(|_| None), None);
    }
}
