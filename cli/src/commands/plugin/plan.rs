//! What an installation would change, from what there is; nothing is written here.

use super::clis::{self, Cli};
use super::error::PluginError;
use super::files;
use super::ini::{self, Ini, Insertion};
use super::places::Places;
use super::receipt::{Digest, Edited, MARKER, MODULE, Module, PATHS, PLUGIN, Receipt, SEPARATOR, Way, paths};
use super::way::{self, Choice, Found};
use std::path::{Path, PathBuf};

/// The Python plug-in.
pub const SOURCE: &str = include_str!("../../../plugin/ecs_why_awscli.py");

/// Where aliases stand: `aws why` in both versions, `aws ecs why` in v2.
pub const ALIASES: [&str; 2] = ["toplevel", "command ecs"];

/// A file before and after; none is no file.
#[derive(Debug)]
pub struct Change {
    /// Which file.
    pub path: PathBuf,
    /// What it holds.
    pub before: Option<String>,
    /// What it shall hold.
    pub after: Option<String>,
}

impl Change {
    /// Whether there is anything to do.
    pub fn is_any(&self) -> bool {
        self.before != self.after
    }
}

/// All of it.
#[derive(Debug)]
pub struct Plan {
    /// The way.
    pub choice: Choice,
    /// What will be written down.
    pub receipt: Receipt,
    /// The module's files; those of an installation before that are in the way.
    pub modules: Vec<Change>,
    /// Files of somebody else.
    pub files: Vec<Change>,
    /// The person's own aliases that hide the plug-in, by section.
    pub shadows: Vec<&'static str>,
}

/// What there was already, with our lines taken out of it.
struct Cleaned {
    path: PathBuf,
    now: Option<String>,
    clean: Option<String>,
    made: bool,
}

/// What to install, and with what.
pub struct Wish<'w> {
    /// The files.
    pub places: &'w Places,
    /// Every `aws`.
    pub clis: &'w [Cli],
    /// The program.
    pub binary: &'w Path,
    /// What was installed before.
    pub before: Option<&'w Receipt>,
    /// The alias, even where the plug-in would do.
    pub alias: bool,
}

impl Wish<'_> {
    /// What to do.
    ///
    /// # Errors
    /// When a file cannot be read, or a name that is needed is taken.
    pub fn plan(&self) -> Result<Plan, PluginError> {
        let config = self.cleaned(&self.places.config)?;
        let alias = self.cleaned(&self.places.alias)?;
        let (config_text, alias_text) =
            (config.clean.clone().unwrap_or_default(), alias.clean.clone().unwrap_or_default());
        let config_ini = Ini::parse(&config_text).map_err(|wrong| wrong.of(&config.path))?;
        let alias_ini = Ini::parse(&alias_text).map_err(|wrong| wrong.of(&alias.path))?;
        let choice = match self.alias {
            true => way::alias("it was asked for".to_owned()),
            false => {
                let found = Found {
                    clis: self.clis,
                    config: &config_ini,
                    folder: &self.places.folder,
                    takes: &|folder| self.takes(folder),
                };
                found.choose()
            }
        };
        let mut shadows: Vec<&str> =
            ALIASES.into_iter().filter(|section| alias_ini.value(section, "why").is_some()).collect();
        let mut edited = vec![];
        match choice.way {
            Way::Plugin => edited.extend(plugged(&config, &config_ini, &choice)?),
            Way::Alias => {
                edited.extend(aliased(&alias, &alias_ini, self.binary)?);
                shadows.clear();
            }
        }
        let mut files = vec![];
        for cleaned in std::iter::once(config).chain([alias]).chain(self.elsewhere()?) {
            let added = edited.iter().find(|edited| edited.path == cleaned.path);
            let after = match added {
                Some(added) => Some(ini::insert(cleaned.clean.as_deref().unwrap_or_default(), &added.insertions)),
                None => cleaned.clean,
            };
            files.push(Change { path: cleaned.path, before: cleaned.now, after });
        }
        let modules = self.modules(&choice)?;
        let receipt = Receipt {
            ecs_why: env!("CARGO_PKG_VERSION").to_owned(),
            binary: self.binary.to_owned(),
            way: choice.way,
            files: edited,
            modules: choice.modules().into_iter().map(|path| Module { path, text: Digest::of(SOURCE) }).collect(),
            folders: self.before.map(|before| before.folders.clone()).unwrap_or_default(),
        };
        Ok(Plan { choice, receipt, modules, files, shadows })
    }

    /// The files with lines of ours of which nothing was written down, and without them.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn leftovers(&self) -> Result<Vec<Change>, PluginError> {
        let files = [&self.places.config, &self.places.alias].map(|path| {
            self.cleaned(path).map(|cleaned| Change { path: cleaned.path, before: cleaned.now, after: cleaned.clean })
        });
        files.into_iter().collect()
    }

    fn cleaned(&self, path: &Path) -> Result<Cleaned, PluginError> {
        let now = files::read(path)?;
        match self.before.and_then(|before| before.of(path)) {
            Some(edited) => {
                Ok(Cleaned { path: path.to_owned(), clean: edited.undo(now.as_deref())?.text, now, made: edited.made })
            }
            // What was written down may be lost: our lines are known by what they say.
            None => {
                let unknown = self.unknown(path);
                let clean = unknown.undo(now.as_deref())?.text;
                Ok(Cleaned { path: path.to_owned(), made: now.is_none(), clean, now })
            }
        }
    }

    /// Our lines in a file of which nothing was written down.
    fn unknown(&self, path: &Path) -> Edited {
        let plugin_path = self.places.folder.to_str().map(str::to_owned);
        // An offset that no file has: they are looked for.
        let insertions = vec![Insertion { at: usize::MAX, text: String::new() }];
        Edited { path: path.to_owned(), made: false, insertions, after: Digest::of(""), sections: vec![], plugin_path }
    }

    /// Files that an installation changed while AWS_CONFIG_FILE named another one.
    fn elsewhere(&self) -> Result<Vec<Cleaned>, PluginError> {
        let here = [&self.places.config, &self.places.alias];
        let files = self.before.map(|before| &before.files[..]).unwrap_or_default();
        files
            .iter()
            .map(|edited| &edited.path)
            .filter(|path| !here.contains(path))
            .map(|path| self.cleaned(path))
            .collect()
    }

    /// Whether the module can be put into a folder, or is there already.
    fn takes(&self, folder: &Path) -> bool {
        let there = files::read(&folder.join(MODULE).with_extension("py"));
        matches!(there, Ok(Some(text)) if text == SOURCE)
            || folder
                .ancestors()
                .find(|folder| folder.exists())
                .is_some_and(|folder| tempfile::tempfile_in(folder).is_ok())
    }

    fn modules(&self, choice: &Choice) -> Result<Vec<Change>, PluginError> {
        let wanted = choice.modules();
        let mut changes = vec![];
        for path in &wanted {
            changes.push(Change { path: path.clone(), before: files::read(path)?, after: Some(SOURCE.to_owned()) });
        }
        let older = self.before.map(|before| &before.modules[..]).unwrap_or_default();
        for module in older.iter().filter(|module| !wanted.contains(&module.path)) {
            changes.push(Change { path: module.path.clone(), before: files::read(&module.path)?, after: None });
        }
        Ok(changes)
    }
}

/// The lines of the plug-in in the configuration.
fn plugged(config: &Cleaned, ini: &Ini<'_>, choice: &Choice) -> Result<Option<Edited>, PluginError> {
    if let Some(value) = ini.value("plugins", PLUGIN) {
        return Err(taken(&config.path, "plugins", PLUGIN, value));
    }
    let mut insertions = vec![];
    let mut options = vec![(PLUGIN, MODULE)];
    let mut added = None;
    if let Some(folder) = &choice.plugin_path {
        match ini.value("plugins", PATHS) {
            Some(value) if paths(value).any(|path| path == folder) => {}
            Some(value) => {
                let more = if value.is_empty() { folder.clone() } else { format!("{SEPARATOR}{folder}") };
                insertions.extend(ini.longer("plugins", PATHS, &more));
                added = Some(folder.clone());
            }
            None => {
                options.push((PATHS, folder));
                added = Some(folder.clone());
            }
        }
    }
    let wrong = |wrong: ini::Wrong| wrong.of(&config.path);
    insertions.extend(ini.adding("plugins", &options).map_err(wrong)?);
    insertions.sort_by_key(|insertion| insertion.at);
    Ok(Some(edited(config, insertions, vec!["plugins"], ini, added)))
}

/// The aliases.
fn aliased(alias: &Cleaned, ini: &Ini<'_>, binary: &Path) -> Result<Option<Edited>, PluginError> {
    let value = alias_of(binary).ok_or_else(|| PluginError::OddPath(binary.to_owned()))?;
    let wrong = |wrong: ini::Wrong| wrong.of(&alias.path);
    let mut insertions: Vec<Insertion> = vec![];
    for section in ALIASES {
        if let Some(value) = ini.value(section, "why") {
            return Err(taken(&alias.path, section, "why", value));
        }
        insertions.extend(ini.adding(section, &[("why", &value)]).map_err(wrong)?);
    }
    insertions.sort_by_key(|insertion| insertion.at);
    Ok(Some(edited(alias, insertions, ALIASES.to_vec(), ini, None)))
}

fn edited(
    cleaned: &Cleaned,
    insertions: Vec<Insertion>,
    sections: Vec<&str>,
    ini: &Ini<'_>,
    path: Option<String>,
) -> Edited {
    let text = cleaned.clean.as_deref().unwrap_or_default();
    Edited {
        path: cleaned.path.clone(),
        made: cleaned.made,
        after: Digest::of(&ini::insert(text, &insertions)),
        insertions,
        sections: sections.into_iter().filter(|section| !ini.has(section)).map(str::to_owned).collect(),
        plugin_path: path,
    }
}

fn taken(path: &Path, section: &str, key: &str, value: &str) -> PluginError {
    let (path, section, key) = (path.to_owned(), section.to_owned(), key.to_owned());
    PluginError::Taken { path, section, key, value: value.chars().take(60).collect() }
}

/// The alias: the program where it was, else the one on PATH, else a sentence; with the mark that says that options may be missing.
#[cfg(not(windows))]
fn alias_of(binary: &Path) -> Option<String> {
    let path = binary.to_str().filter(|path| way::plain(path))?;
    let quoted = format!("'{}'", path.replace('\'', r"'\''"));
    Some(format!(
        "!f() {{ w={quoted}; [ -x \"$w\" ] || w=$(command -v ecs-why) || {{ printf 'aws why: ecs-why is neither at %s nor on PATH: put it \
         there, or install it anew and run `ecs-why plugin install`\\n' {quoted} >&2; return 127; }}; {MARKER} \"$w\" \"$@\"; }}; f"
    ))
}

#[cfg(windows)]
fn alias_of(binary: &Path) -> Option<String> {
    let path = binary.to_str().filter(|path| way::plain(path) && !path.contains(['"', '%']))?;
    Some(format!("!set {MARKER}&& \"{path}\""))
}

/// Where this program is: as PATH has it, since that stays the same when a package is renewed, else by its own file.
///
/// # Errors
/// When the system does not tell.
pub fn own_path() -> Result<PathBuf, PluginError> {
    let own = std::env::current_exe().map_err(PluginError::NoExecutable)?;
    let real = |path: &Path| path.canonicalize().ok();
    let name = own.file_name().unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(name));
    let same = on_path.into_iter().find(|file| clis::executable(file) && real(file) == real(&own));
    Ok(same.unwrap_or(own))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
