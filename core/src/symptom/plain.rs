//! Foreign text made plain: what terminals, consoles and chat programs did to it is undone before it is read.

use std::sync::LazyLock;

use regex::Regex;

/// More than this of one text is not read: reasons have 1,024 characters, a log excerpt some thousands.
const LONGEST: usize = 32 * 1024;

static QUOTED_LINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\r?\n[ \t]*>[ \t]?").expect("the expression is constant"));
/// A quoted image reference that a narrow terminal broke in two.
static BROKEN_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"((?:image|reference) "[A-Za-z0-9./:@_-]*)\s*\n\s*([A-Za-z0-9./:@_-]*")"#)
        .expect("the expression is constant")
});

/// The text with plain quotes and single spaces, without Markdown.
pub fn plain(text: &str) -> String {
    let text = text.get(..floor(text, LONGEST)).unwrap_or_default();
    let joined = QUOTED_LINE.replace_all(text, "\n");
    let joined = BROKEN_NAME.replace_all(&joined, "$1$2");
    let mut out = String::with_capacity(joined.len());
    let mut chars = joined.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' => out.push('\''),
            '\u{201c}' | '\u{201d}' | '\u{2033}' => out.push('"'),
            '\u{2026}' => out.push_str("..."),
            '\u{200b}'..='\u{200f}' | '\u{feff}' | '`' => {}
            '*' if chars.peek() == Some(&'*') => {
                // Bold in Markdown; a run of many stars stands for a name that somebody hid.
                let mut run = 1;
                while chars.next_if_eq(&'*').is_some() {
                    run += 1;
                }
                if run > 2 {
                    out.extend(std::iter::repeat_n('*', run));
                }
            }
            '\\' if chars.peek() == Some(&'"') => {}
            char if char.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            char => out.push(char),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The text in lower case and of the same length, so that places in one are places in the other.
pub fn lower(plain: &str) -> String {
    plain.to_ascii_lowercase()
}

/// Whether the text looks as if somebody or something cut it.
pub fn is_cut(plain: &str) -> bool {
    let ends = plain.ends_with("...") || plain.ends_with(':') || plain.ends_with(": ");
    let open_quote = plain.matches('"').count() % 2 == 1;
    let open_bracket = plain.matches('(').count() > plain.matches(')').count();
    ends || open_quote || open_bracket || plain.len() >= 1020 && !plain.ends_with(['.', '}', ')'])
}

/// The last place at or before `most` at which a character starts.
pub fn floor(text: &str, most: usize) -> usize {
    if most >= text.len() {
        return text.len();
    }
    (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
