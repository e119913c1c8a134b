//! The rows of `patterns.toml`, and which of them fits a text.

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;

use super::expression::Expression;
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
    /// `any`, `all` and `none`, with their words replaced.
    #[serde(skip)]
    pub expressions: [Vec<Expression>; 3],
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
    fn fits(&self, lower: &str, context: &Context<'_>) -> bool {
        let code = context.code.unwrap_or_default();
        let [any, all, none] = &self.expressions;
        (self.codes.is_empty() || self.codes.iter().any(|one| one == code))
            && (self.registry.is_none() || self.registry == context.registry)
            && (self.accounts.is_none() || context.accounts_differ)
            && (any.is_empty() || any.iter().any(|one| one.fits(lower)))
            && all.iter().all(|one| one.fits(lower))
            && !none.iter().any(|one| one.fits(lower))
    }
}

/// All rows and their expressions.
pub struct Patterns {
    pub rows: Vec<Row>,
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
        for row in &mut document.row {
            let sources = [&mut row.any, &mut row.all, &mut row.none];
            row.expressions =
                sources.map(|all| all.drain(..).map(|one| Expression::new(with_words(one, &document.words))).collect());
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
        Ok(Patterns { rows: document.row })
    }

    /// The first row that fits a text in lower case, and its place: the smaller, the more specific.
    pub fn first(&self, lower: &str, context: &Context<'_>) -> Option<(usize, &Row)> {
        self.rows.iter().enumerate().find(|(_, row)| row.fits(lower, context))
    }
}

fn with_words(mut expression: String, words: &IndexMap<String, String>) -> String {
    for (word, meaning) in words {
        expression = expression.replace(&format!("{{{word}}}"), meaning);
    }
    expression
}

fn cause(id: &str) -> Result<CauseId, String> {
    id.parse().map_err(|()| format!("no cause `{id}`"))
}
