//! One expression over a text in lower case, compiled only when the text has the words that it needs.
//!
//! There are hundreds of them and a text fits a few: to compile all would take longer than a whole diagnosis.

use std::sync::OnceLock;

use regex::Regex;

/// An expression, and the longest run of characters that a text must have for it to fit.
#[derive(Debug)]
pub struct Expression {
    source: String,
    hint: String,
    /// The hint is the whole expression.
    literal: bool,
    compiled: OnceLock<Option<Regex>>,
}

impl Expression {
    pub fn new(source: String) -> Self {
        let hint = hint(&source);
        let literal = hint == source;
        Expression { source, hint, literal, compiled: OnceLock::new() }
    }

    /// Whether the expression is found in a text.
    pub fn fits(&self, lower: &str) -> bool {
        lower.contains(&self.hint) && (self.literal || self.regex().is_some_and(|regex| regex.is_match(lower)))
    }

    /// The compiled expression; `None` if it is none, which a test excludes.
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| Regex::new(&self.source).ok()).as_ref()
    }
}

/// The longest run of characters outside of groups and classes that every match has; empty where there is an alternative.
fn hint(source: &str) -> String {
    let (mut longest, mut run) = (String::new(), String::new());
    let mut depth = 0_usize;
    let mut chars = source.chars().peekable();
    while let Some(char) = chars.next() {
        let literal = match char {
            '|' if depth == 0 => return String::new(),
            '(' => {
                depth += 1;
                None
            }
            ')' => {
                depth = depth.saturating_sub(1);
                None
            }
            '[' => {
                chars.next_if_eq(&'^');
                let mut before = chars.next(); // a bracket that comes first is a character like others
                for inner in chars.by_ref() {
                    if inner == ']' && before != Some('\\') {
                        break;
                    }
                    before = Some(inner);
                }
                None
            }
            '\\' => chars.next().filter(|escaped| !escaped.is_alphanumeric()),
            '{' => {
                chars.by_ref().find(|inner| *inner == '}');
                None
            }
            '.' | '^' | '$' | '*' | '+' | '?' => None,
            plain => Some(plain),
        };
        let optional = matches!(chars.peek(), Some('?' | '*' | '{'));
        match literal {
            Some(plain) if depth == 0 && !optional => run.push(plain),
            _ => {
                if run.len() > longest.len() {
                    longest = std::mem::take(&mut run);
                }
                run.clear();
            }
        }
    }
    if run.len() > longest.len() { run } else { longest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_what_every_match_has() {
        for (source, expected) in [
            ("pull qps exceeded", "pull qps exceeded"),
            ("docker ?timeout ?error", "timeout"),
            ("a|b", ""),
            ("(?:a|b) found", " found"),
            (r"codes: ?\[[34][0-9]\]", "codes:"),
            (r"mount\.nfs4?: access", "mount.nfs"),
            ("invalid (?:ssm )?parameters: ", "parameters: "),
            ("[^]x]y", "y"),
        ] {
            assert_eq!(hint(source), expected, "{source}");
        }
    }
}
