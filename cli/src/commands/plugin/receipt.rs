//! What an installation wrote and where, so that exactly that can be undone.

use super::error::PluginError;
use super::files;
use super::ini::{self, Ini, Insertion};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The name of the module, and of the plug-in in the configuration.
pub const MODULE: &str = "ecs_why_awscli";
/// The key of the plug-in.
pub const PLUGIN: &str = "ecs_why";
/// The folders in which v2 looks for plug-ins; it looks for none without.
pub const PATHS: &str = "cli_legacy_plugin_path";
/// What an alias of ours has in it.
pub const MARKER: &str = "ECS_WHY_CALLED_BY=aws-alias";

/// How `why` comes into the AWS CLI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The Python plug-in.
    Plugin,
    /// Aliases that call the program.
    Alias,
}

/// What was written down. The Python module reads `binary`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The version that installed it.
    pub ecs_why: String,
    /// Where the program was.
    pub binary: PathBuf,
    /// The way that was taken.
    pub way: Way,
    /// Files of somebody else with what was put into them.
    pub files: Vec<Edited>,
    /// Files of our own.
    pub modules: Vec<Module>,
    /// Folders that were made, the outermost first.
    pub folders: Vec<PathBuf>,
}

/// What was put into a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edited {
    /// Which file.
    pub path: PathBuf,
    /// It was not there before.
    pub made: bool,
    /// What was put in.
    pub insertions: Vec<Insertion>,
    /// The file with it.
    pub after: Digest,
    /// The sections that were made for it.
    pub sections: Vec<String>,
    /// The folder that was added to those of v2.
    pub plugin_path: Option<String>,
}

/// A file of our own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Which file.
    pub path: PathBuf,
    /// What it held.
    pub text: Digest,
}

/// Enough of a text to see that it was changed: its length and a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest(usize, u64);

impl Digest {
    /// FNV-1a: nobody attacks this, it only notices edits. <http://www.isthe.com/chongo/tech/comp/fnv/>
    pub fn of(text: &str) -> Digest {
        let sum = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Digest(text.len(), sum)
    }
}

impl Receipt {
    /// The one of this person; none if nothing is installed.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(path: &Path) -> Result<Option<Receipt>, PluginError> {
        let Some(text) = files::read(path)? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|_| PluginError::Receipt(path.to_owned()))
    }

    /// As it is written.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// What was put into a file.
    pub fn of(&self, path: &Path) -> Option<&Edited> {
        self.files.iter().find(|edited| edited.path == path)
    }
}

/// A file without what was put into it.
#[derive(Debug, PartialEq, Eq)]
pub struct Undone {
    /// Its text; none if there is no such file any more.
    pub text: Option<String>,
    /// Somebody changed it since: only our own lines were taken out.
    pub changed: bool,
}

impl Edited {
    /// Takes out what was put in: byte for byte if nobody changed the file since, else our own lines wherever they are now.
    ///
    /// # Errors
    /// When the file cannot be read any more.
    pub fn undo(&self, now: Option<&str>) -> Result<Undone, PluginError> {
        let Some(now) = now else { return Ok(Undone { text: None, changed: true }) };
        if let Some(before) = ini::take_out(now, &self.insertions) {
            let gone = self.made && before.is_empty();
            return Ok(Undone { text: (!gone).then_some(before), changed: Digest::of(now) != self.after });
        }
        let text = ours_taken_out(now, self).map_err(|wrong| wrong.of(&self.path))?;
        let gone = self.made && text.trim().is_empty();
        Ok(Undone { text: (!gone).then_some(text), changed: true })
    }
}

/// Our lines, found by what they say.
fn ours_taken_out(now: &str, edited: &Edited) -> Result<String, ini::Wrong> {
    let mut text = now.to_owned();
    let made = |section: &str| edited.sections.iter().any(|made| made == section);
    for section in ["toplevel", "command ecs"] {
        let ini = Ini::parse(&text)?;
        if ini.value(section, "why").is_some_and(|value| value.contains(MARKER)) {
            text = ini.without(section, "why", made(section));
        }
    }
    if let Some(folder) = &edited.plugin_path {
        let ini = Ini::parse(&text)?;
        let value = ini.value("plugins", PATHS).unwrap_or_default();
        if paths(value).any(|path| path == folder) {
            let left: Vec<&str> = paths(value).filter(|path| path != folder).collect();
            text = match left.as_slice() {
                [] => ini.without("plugins", PATHS, made("plugins")),
                left => ini.with("plugins", PATHS, &left.join(SEPARATOR)),
            };
        }
    }
    let ini = Ini::parse(&text)?;
    if ini.value("plugins", PLUGIN) == Some(MODULE) {
        text = ini.without("plugins", PLUGIN, made("plugins"));
    }
    Ok(text)
}

/// What stands between the folders of [`PATHS`], as in PATH.
pub const SEPARATOR: &str = if cfg!(windows) { ";" } else { ":" };

/// The folders of [`PATHS`].
pub fn paths(value: &str) -> impl Iterator<Item = &str> {
    value.split(SEPARATOR).filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(text: &str, made: bool) -> (Edited, String) {
        let options = [(PLUGIN, MODULE), (PATHS, "/ours")];
        let insertions = Ini::parse(text).expect("well formed").adding("plugins", &options).expect("it goes in");
        let after = ini::insert(text, &insertions);
        let sections = vec!["plugins".to_owned()];
        let plugin_path = Some("/ours".to_owned());
        let digest = Digest::of(&after);
        (Edited { path: "config".into(), made, insertions, after: digest, sections, plugin_path }, after)
    }

    #[test]
    fn what_nobody_touched_is_undone_byte_for_byte() {
        let (edit, after) = edited("[a]\r\nb = c", false);
        let undone = edit.undo(Some(&after)).expect("it is readable");
        assert_eq!(undone, Undone { text: Some("[a]\r\nb = c".to_owned()), changed: false });
        let (edit, after) = edited("", true);
        assert_eq!(edit.undo(Some(&after)).expect("it is readable").text, None);
        let (edit, after) = edited("", false);
        assert_eq!(edit.undo(Some(&after)).expect("it is readable").text.as_deref(), Some(""));
    }

    #[test]
    fn what_was_written_behind_our_lines_stays_and_is_told() {
        let (edit, after) = edited("[a]\nb = c\n", false);
        let undone = edit.undo(Some(&(after + "[new]\nx = y\n"))).expect("it is readable");
        assert_eq!(undone, Undone { text: Some("[a]\nb = c\n[new]\nx = y\n".to_owned()), changed: true });
    }

    #[test]
    fn what_somebody_touched_loses_our_lines_only() {
        let (edit, after) = edited("[a]\nb = c\n", false);
        let now = after.replace("b = c", "b = changed").replace("/ours", "/theirs:/ours");
        let undone = edit.undo(Some(&now)).expect("it is readable");
        let left = "[a]\nb = changed\n\n[plugins]\ncli_legacy_plugin_path = /theirs\n";
        assert_eq!(undone, Undone { text: Some(left.to_owned()), changed: true });
        let now = format!("# new\n{after}");
        let undone = edit.undo(Some(&now)).expect("it is readable");
        assert_eq!(undone.text.as_deref(), Some("# new\n[a]\nb = c\n\n"));
        assert_eq!(edit.undo(None).expect("nothing to read"), Undone { text: None, changed: true });
        assert!(edit.undo(Some("region = x")).is_err());
    }

    #[test]
    fn a_receipt_is_read_as_it_was_written() {
        let (edit, _) = edited("", true);
        let receipt = Receipt {
            ecs_why: "1".into(),
            binary: "/b".into(),
            way: Way::Plugin,
            files: vec![edit],
            modules: vec![Module { path: "/m".into(), text: Digest::of("x") }],
            folders: vec!["/f".into()],
        };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("receipt.json");
        assert_eq!(Receipt::read(&path).expect("none is no error"), None);
        std::fs::write(&path, receipt.text()).expect("it is writable");
        assert_eq!(Receipt::read(&path).expect("it is readable"), Some(receipt));
        std::fs::write(&path, "{").expect("it is writable");
        assert!(matches!(Receipt::read(&path), Err(PluginError::Receipt(_))));
    }
}
