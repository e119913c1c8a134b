//! What the commands say: one shape, as text and as JSON.

use super::clis::Cli;
use super::plan::Change;
use super::proof::Proof;
use super::receipt::Way;
use crate::view::{Output, View};
use ecs_why_core::render;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;

/// The answer of `install`, `uninstall` and `status`.
#[derive(Debug, Serialize)]
pub struct Told {
    /// What came of it, in a sentence.
    pub said: String,
    /// `aws ecs why` works: for `status` and `install`.
    pub works: bool,
    /// The way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
    /// Every `aws` on PATH.
    pub found: Vec<String>,
    /// Files that were, or would be, changed.
    pub changes: Vec<Changed>,
    /// What the real CLIs said.
    pub proofs: Vec<Proof>,
    /// What else a person should know.
    pub notes: Vec<String>,
}

/// A file with the lines that came and went.
#[derive(Debug, Serialize)]
pub struct Changed {
    /// Which file.
    pub path: PathBuf,
    /// In a word.
    pub what: &'static str,
    /// Lines with `+` or `-`; none for files of our own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

impl Changed {
    /// Of a file of somebody else: the lines too.
    pub fn lines(change: &Change) -> Changed {
        Changed { lines: difference(change), ..Changed::whole(change) }
    }

    /// Of a file of our own.
    pub fn whole(change: &Change) -> Changed {
        let what = match (&change.before, &change.after) {
            (None, _) => "new",
            (_, None) => "removed",
            _ => "changed",
        };
        Changed { path: change.path.clone(), what, lines: vec![] }
    }
}

/// The lines between the beginning and the end that both have in common; our edits are of one place, or two.
fn difference(change: &Change) -> Vec<String> {
    let (before, after) = (change.before.as_deref().unwrap_or_default(), change.after.as_deref().unwrap_or_default());
    let (mut before, mut after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    while !before.is_empty() && before.first() == after.first() {
        before.remove(0);
        after.remove(0);
    }
    while !before.is_empty() && before.last() == after.last() {
        before.pop();
        after.pop();
    }
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(new).filter(|line| line.len() > 2).map(shortened).collect()
}

/// An alias is long, and how it begins tells which one it is.
fn shortened(line: String) -> String {
    match line.char_indices().nth(76) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

impl Told {
    /// Nothing but a sentence.
    pub fn new(said: impl Into<String>, clis: &[Cli]) -> Told {
        Told {
            said: said.into(),
            works: false,
            way: None,
            found: clis.iter().map(Cli::shown).collect(),
            changes: vec![],
            proofs: vec![],
            notes: vec![],
        }
    }

    /// Writes it.
    pub fn write(&self, view: &View, out: &mut impl Write) -> std::io::Result<()> {
        if view.output == Output::Json {
            return writeln!(out, "{}", render::value(self));
        }
        writeln!(out, "{}", self.said)?;
        for found in &self.found {
            writeln!(out, "  found    {found}")?;
        }
        for change in &self.changes {
            writeln!(out, "  {:8} {}", change.what, change.path.display())?;
            for line in &change.lines {
                writeln!(out, "             {line}")?;
            }
        }
        for proof in &self.proofs {
            let (word, link) = if proof.works { ("works", "runs") } else { ("fails", "says:") };
            writeln!(out, "  {word:8} `{}` of {} {link} {}", proof.command, proof.aws.display(), proof.says)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(out, "  note     {note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_came_or_went_are_shown() {
        let change = |before: &str, after: &str| Change {
            path: "config".into(),
            before: Some(before.into()),
            after: Some(after.into()),
        };
        let lines = difference(&change("[a]\nb = c\n[p]\nx = /a\n[d]\n", "[a]\nb = c\n[p]\nx = /a:/b\nw = m\n[d]\n"));
        assert_eq!(lines, ["- x = /a", "+ x = /a:/b", "+ w = m"]);
        assert_eq!(difference(&change("a\n", "a\n")), Vec::<String>::new());
    }
}
