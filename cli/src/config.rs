//! Settings: where their files are, and how two of them go together.

use crate::failure::Usage;
use ecs_why_core::settings::Settings;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The file of a project, in the current folder or one above it.
const OF_PROJECT: &str = ".ecs-why.toml";

/// The file that is named, or else the project's and then the user's own, key by key.
pub fn settings(named: Option<&Path>) -> Result<Settings, Usage> {
    if let Some(path) = named {
        let source = |source| Usage::Read { path: path.display().to_string(), source };
        let bytes = std::fs::read(path).map_err(source)?;
        return File { path: path.to_owned(), text: String::from_utf8_lossy(&bytes).into_owned() }.parsed();
    }
    let here = std::env::current_dir().unwrap_or_default();
    found(&here, of_user(|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)).as_deref())
}

/// `$XDG_CONFIG_HOME/ecs-why/config.toml`, which is `~/.config/ecs-why/config.toml` where nobody says otherwise.
/// <https://specifications.freedesktop.org/basedir-spec/latest/>
fn of_user(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let set = variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let home = || variable("HOME").or_else(|| variable("USERPROFILE")).map(|home| home.join(".config"));
    set.or_else(home).map(|folder| folder.join("ecs-why").join("config.toml"))
}

fn found(here: &Path, of_user: Option<&Path>) -> Result<Settings, Usage> {
    let mut files: Vec<File> = vec![];
    let places = here.ancestors().map(|folder| folder.join(OF_PROJECT));
    // The nearest one counts. What cannot be read because of its place is none of ours.
    files.extend(places.into_iter().find_map(|path| read(&path).ok().flatten()));
    if let Some(path) = of_user {
        let source = |source| Usage::Read { path: path.display().to_string(), source };
        files.extend(read(path).map_err(source)?);
    }
    let mut settings = Settings::default();
    for file in files {
        settings = settings.or(file.parsed()?);
    }
    Ok(settings)
}

struct File {
    path: PathBuf,
    text: String,
}

impl File {
    fn parsed(self) -> Result<Settings, Usage> {
        Settings::parse(&self.text).map_err(|source| Usage::Config { path: self.path.display().to_string(), source })
    }
}

/// None if there is no such file.
fn read(path: &Path) -> std::io::Result<Option<File>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(File { path: path.to_owned(), text: String::from_utf8_lossy(&bytes).into_owned() })),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs_why_core::change::{Permit, Prefer};

    #[test]
    fn the_nearest_project_wins_over_the_user_key_by_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let (project, deep) = (folder.path().join("project"), folder.path().join("project/a/b"));
        std::fs::create_dir_all(&deep).expect("it is writable");
        let user = folder.path().join("config.toml");
        std::fs::write(folder.path().join(OF_PROJECT), "[fixes]\nprefer = 'nat'\n").expect("it is writable");
        std::fs::write(project.join(OF_PROJECT), "[fixes]\npublic-ip = 'never'\n").expect("it is writable");
        std::fs::write(&user, "[fixes]\npublic-ip = 'allowed'\nprefer = 'endpoints'\n").expect("it is writable");
        let rules = found(&deep, Some(&user)).expect("they are well formed").fixes;
        assert_eq!((rules.public_ip, rules.prefer), (Some(Permit::Never), Some(Prefer::Endpoints)));
        assert_eq!(found(folder.path(), None).expect("well formed").fixes.prefer, Some(Prefer::Nat));
    }

    #[test]
    fn a_file_with_a_mistake_is_named_with_the_line_and_none_at_all_is_well() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rules.toml");
        std::fs::write(&path, "[fixes]\nnever = true\n").expect("it is writable");
        let error = settings(Some(&path)).expect_err("there is no such key");
        let chain = format!("{:#}", anyhow::Error::from(error));
        assert!(chain.contains("rules.toml` is wrong: line 2: unknown field `never`"), "{chain}");
        assert!(matches!(settings(Some(&folder.path().join("none"))), Err(Usage::Read { .. })));
        assert_eq!(found(folder.path(), Some(&folder.path().join("none"))).ok(), Some(Settings::default()));
    }

    #[test]
    fn the_users_file_is_where_xdg_says() {
        let of = |set: &'static [(&str, &str)]| {
            of_user(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value)))
        };
        assert_eq!(of(&[("HOME", "/home/a")]), Some("/home/a/.config/ecs-why/config.toml".into()));
        let both = of(&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "/etc/a")]);
        assert_eq!(both, Some("/etc/a/ecs-why/config.toml".into()));
        let relative = of(&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "a")]);
        assert_eq!(relative, Some("/home/a/.config/ecs-why/config.toml".into()), "the specification ignores it");
        assert_eq!(of(&[]), None);
    }
}
