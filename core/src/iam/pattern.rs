//! Wildcards, policy variables, and how ARNs are compared.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use std::collections::BTreeSet;

use super::context::{Context, Known};
use super::truth::Truth;

/// Whether a text matches a pattern as a whole: `*` is any run of characters, `?` any one. Case counts.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    matches(&pieces(pattern), &chars(text))
}

/// A character of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Literal(char),
    One,
    Many,
}

/// A pattern with its variables filled in.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pieces: Vec<Piece>,
    /// A variable has no value and no default: nothing matches.
    missing: bool,
    /// Variables whose value is not known; each stands as a `*`.
    unknown: BTreeSet<String>,
    /// Those of them that have no default: they may turn out to have no value.
    bare: BTreeSet<String>,
}

/// What the characters `*` and `?` mean in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    Meant,
    /// `StringEquals` and its like take them as they are.
    Literal,
}

impl Pattern {
    /// Reads a pattern; `variables` is the context they come from, or none where `${...}` is plain text.
    pub(super) fn new(text: &str, wildcards: Wildcards, variables: Option<&Context>) -> Self {
        let mut pattern = Pattern { pieces: vec![], missing: false, unknown: BTreeSet::new(), bare: BTreeSet::new() };
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let (Some(context), Some((variable, after))) = (variables, variable(rest)) {
                pattern.fill(variable, context);
                rest = after;
                continue;
            }
            pattern.pieces.push(match wildcards {
                Wildcards::Meant => piece(next),
                Wildcards::Literal => Piece::Literal(next),
            });
            rest = &rest[next.len_utf8()..];
        }
        pattern
    }

    fn fill(&mut self, variable: &str, context: &Context) {
        if let "*" | "?" | "$" = variable {
            return self.literal(variable);
        }
        let (key, default) = match variable.split_once(',') {
            Some((key, default)) => (key.trim(), unquoted(default.trim())),
            None => (variable.trim(), None),
        };
        match (context.get(key), default) {
            // A value's own `*` is no wildcard.
            (Known::Values([value]), _) => self.literal(value),
            (Known::Absent, Some(default)) => self.literal(default),
            (Known::Absent, None) => self.missing = true,
            // Only keys with one value can be variables; what AWS makes of others it does not say.
            (Known::Values(_) | Known::Unknown, default) => {
                if default.is_none() {
                    self.bare.insert(key.to_owned());
                }
                self.unknown.insert(key.to_owned());
                self.pieces.push(Piece::Many);
            }
        }
    }

    fn literal(&mut self, text: &str) {
        self.pieces.extend(text.chars().map(Piece::Literal));
    }

    /// The whole text against the whole pattern.
    pub(super) fn text(&self, text: &str) -> Truth {
        self.decided(matches(&self.pieces, &chars(text)))
    }

    /// The same without regard to case.
    pub(super) fn text_in_any_case(&self, text: &str) -> Truth {
        let pieces: Vec<Piece> = self.pieces.iter().flat_map(|piece| lower(*piece)).collect();
        let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
        self.decided(matches(&pieces, &text))
    }

    /// The six parts of an ARN, each against its own part of the pattern (`ArnLike`).
    pub(super) fn arn(&self, text: &str) -> Truth {
        // A variable may stand for several parts, so while one is not known only the whole can be compared. What
        // does not match as a whole matches in no parts either.
        let whole = self.decided(matches(&self.pieces, &chars(text)));
        if whole != Truth::Yes {
            return whole;
        }
        let parts: Vec<&[Piece]> = self.pieces.splitn(6, |piece| *piece == Piece::Literal(':')).collect();
        if parts.len() < 6 {
            let shown: String = self.pieces.iter().map(shown).collect();
            return Truth::unknown(format!("`{shown}`, which lacks parts of an ARN"));
        }
        let text: Vec<&str> = text.splitn(6, ':').collect();
        Truth::of(text.len() == 6 && parts.iter().zip(text).all(|(part, text)| matches(part, &chars(text))))
    }

    /// Variables that are not known stand as `*`: what does not match so can never match.
    fn decided(&self, matches: bool) -> Truth {
        if self.missing || !matches {
            Truth::No
        } else if self.unknown.is_empty() {
            Truth::Yes
        } else {
            Truth::Unknown(self.unknown.clone())
        }
    }
}

/// Whether a `Resource` entry covers a resource: an ARN, or `*` for actions that know no resources.
///
/// Parts of the ARN are compared one by one; what an entry leaves out at its end counts as `*` (`arn:aws:s3` is
/// `arn:aws:s3:*:*:*`), and variables are filled in after the fifth colon only: before it, their own colon parts them.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
pub(super) fn resource(pattern: &str, resource: &str, variables: Option<&Context>) -> Truth {
    if !pattern.is_empty() && pattern.chars().all(|c| c == '*') {
        return Truth::Yes;
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    if parts.len() < 6 {
        return Truth::No; // `*`: only a statement on `*` grants an action that knows no resources
    }
    let patterns: Vec<&str> = pattern.splitn(6, ':').collect();
    let listed = patterns.iter().zip(parts);
    Truth::all(listed.map(|(pattern, part)| Pattern::new(pattern, Wildcards::Meant, variables).text(part)))
}

/// Whether an entry names a variable that has no value in this request, and no default.
pub(super) fn lacks_a_value(pattern: &str, variables: Option<&Context>) -> Truth {
    let pattern = Pattern::new(pattern, Wildcards::Meant, variables);
    match pattern.missing {
        true => Truth::Yes,
        false if pattern.bare.is_empty() => Truth::No,
        false => Truth::Unknown(pattern.bare),
    }
}

/// Whether an `Action` entry covers an action, in any case.
pub(super) fn action(pattern: &str, action: &str) -> bool {
    matches(&pieces(&pattern.to_ascii_lowercase()), &chars(&action.to_ascii_lowercase()))
}

/// Greedy, going back to the last `*` only: quadratic at worst, whatever a policy holds.
fn matches(pattern: &[Piece], text: &[char]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut last_many: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(Piece::Many) => {
                last_many = Some((at, read));
                at += 1;
            }
            Some(Piece::One) => (at, read) = (at + 1, read + 1),
            Some(Piece::Literal(c)) if *c == text[read] => (at, read) = (at + 1, read + 1),
            _ => match last_many {
                // Again from that `*`, which takes one character more.
                Some((many, from)) => (at, read) = (many, from + 1),
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|piece| *piece == Piece::Many)
}

/// `${inner}rest` as `inner` and `rest`.
fn variable(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("${")?.split_once('}').filter(|(inner, _)| !inner.is_empty())
}

fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'')
}

fn piece(c: char) -> Piece {
    match c {
        '*' => Piece::Many,
        '?' => Piece::One,
        other => Piece::Literal(other),
    }
}

fn shown(piece: &Piece) -> char {
    match piece {
        Piece::Many => '*',
        Piece::One => '?',
        Piece::Literal(c) => *c,
    }
}

fn pieces(pattern: &str) -> Vec<Piece> {
    pattern.chars().map(piece).collect()
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn lower(piece: Piece) -> Vec<Piece> {
    match piece {
        Piece::Literal(c) => c.to_lowercase().map(Piece::Literal).collect(),
        other => vec![other],
    }
}

#[cfg(test)]
mod tests;
