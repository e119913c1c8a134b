//! The rows of `patterns.toml`, and which of them fits a text.

use std::sync::LazyLock;

use indexmap::IndexMap;
use regex::RegexSet;
use serde::Deserialize;

use crate::model::{CauseId, Stage, Step};

/// What a row's conditions are judged by, beside the text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The stop code, where it is known.
    pub code: Option<&'a str>,
    /// The registry that the text names.
    pub registry: Option<Registry>,
    /// The caller and the resource are in two accounts.
    pub accounts_differ: bool,
}

/// Whose registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registry {
    /// A private registry of Amazon ECR.
    Ecr,
    /// Any other that is named.
    Other,
}

/// One way in which a fault is worded; `patterns.toml` says what the keys mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub id: String,
    #[serde(default, rename = "why")]
    _why: String,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    all: Vec<String>,
    #[serde(default)]
    none: Vec<String>,
    #[serde(default)]
    pub codes: Vec<String>,
    registry: Option<Registry>,
    #[serde(default)]
    accounts: Option<Accounts>,
    pub stage: Stage,
    pub step: Option<Step>,
    #[serde(default)]
    pub endpoints: Vec<String>,
    causes: Vec<String>,
    #[serde(default)]
    pub settles: bool,
    #[serde(default)]
    pub empty: bool,
    #[serde(default)]
    pub open: bool,
    #[serde(default)]
    pub cut: bool,
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests read it"))]
    pub example: String,
    /// `causes` without groups; filled when the rows are loaded.
    #[serde(skip)]
    pub claims: Vec<Claimed>,
    /// The place of this row's first expression in the set.
    #[serde(skip)]
    at: usize,
}

/// What a row names: a cause, or all that can bar the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    Cause(CauseId),
    Path,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Accounts {
    Differ,
}

impl Row {
    fn fits(&self, found: &[bool], context: &Context<'_>) -> bool {
        let (any, rest) = (self.at, self.at + self.any.len());
        let none = rest + self.all.len();
        let code = context.code.unwrap_or_default();
        (self.any.is_empty() || found[any..rest].contains(&true))
            && !found[rest..none].contains(&false)
            && !found[none..none + self.none.len()].contains(&true)
            && (self.codes.is_empty() || self.codes.iter().any(|one| one == code))
            && (self.registry.is_none() || self.registry == context.registry)
            && (self.accounts.is_none() || context.accounts_differ)
    }

    fn expressions(&self) -> impl Iterator<Item = &String> {
        self.any.iter().chain(&self.all).chain(&self.none)
    }
}

/// All rows and their expressions.
pub struct Patterns {
    pub rows: Vec<Row>,
    set: RegexSet,
}

#[derive(Deserialize)]
struct Document {
    words: IndexMap<String, String>,
    groups: IndexMap<String, Vec<String>>,
    row: Vec<Row>,
}

/// The rows, loaded once.
pub static PATTERNS: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::load(include_str!("patterns.toml")).expect("patterns.toml is embedded and tested"));

impl Patterns {
    fn load(text: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let mut document: Document = toml::from_str(text)?;
        let mut expressions = Vec::new();
        for row in &mut document.row {
            row.at = expressions.len();
            for expression in row.expressions() {
                let mut whole = expression.clone();
                for (word, meaning) in &document.words {
                    whole = whole.replace(&format!("{{{word}}}"), meaning);
                }
                expressions.push(whole);
            }
            for name in &row.causes {
                match name.strip_prefix('@') {
                    Some("path") => row.claims.push(Claimed::Path),
                    Some(group) => {
                        let members = document.groups.get(group).ok_or_else(|| format!("no group `{group}`"))?;
                        for member in members {
                            row.claims.push(Claimed::Cause(cause(member)?));
                        }
                    }
                    None => row.claims.push(Claimed::Cause(cause(name)?)),
                }
            }
        }
        // `\b`, `\W` and `.` need no Unicode in text that is matched by ASCII words, but must not split a character.
        let set = regex::RegexSetBuilder::new(&expressions).size_limit(64 << 20).dfa_size_limit(32 << 20).build()?;
        Ok(Patterns { rows: document.row, set })
    }

    /// The first row that fits a text in lower case, and its place: the smaller, the more specific.
    pub fn first(&self, lower: &str, context: &Context<'_>) -> Option<(usize, &Row)> {
        let mut found = vec![false; self.set.len()];
        for index in self.set.matches(lower) {
            found[index] = true;
        }
        self.rows.iter().enumerate().find(|(_, row)| row.fits(&found, context))
    }
}

fn cause(id: &str) -> Result<CauseId, String> {
    id.parse().map_err(|()| format!("no cause `{id}`"))
}
