//! Text from elsewhere on its way out of the house: on one line, without what looks like a secret, cut.

use super::escape;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// More than that of one text is not even looked at: a log line may be a megabyte.
pub(crate) const LOOKED_AT: usize = 16 * 1024;

/// A text that is not too long to be looked at: its beginning and its end, cut where words end, so that no half of a secret is
/// left that nothing tells as one.
pub(crate) fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= LOOKED_AT {
        return Cow::Borrowed(text);
    }
    let (mut head, mut tail) = (LOOKED_AT / 2, text.len() - LOOKED_AT / 2);
    while !text.is_char_boundary(head) {
        head -= 1;
    }
    while !text.is_char_boundary(tail) {
        tail += 1;
    }
    let head = text[..head].rfind(char::is_whitespace).map_or("", |end| &text[..end]);
    let tail = text[tail..].find(char::is_whitespace).map_or("", |start| &text[tail + start..]);
    Cow::Owned(format!("{head} … {tail}"))
}

/// A sentence of ours, which may quote names: clean, and cut at its end.
pub fn sentence(text: &str, limit: usize) -> String {
    let whole = escape::line(&scrub(&bounded(text)), true);
    if whole.len() <= limit {
        return whole;
    }
    let mut end = limit.saturating_sub('…'.len_utf8());
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &whole[..end])
}

/// A text in at most so many bytes, of which the middle goes: a stop reason begins with its step and ends with its cause.
pub(crate) fn middle(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let room = limit.saturating_sub(" … ".len());
    let (mut head, mut tail) = (room / 2, text.len() - room.div_ceil(2));
    while !text.is_char_boundary(head) {
        head -= 1;
    }
    while !text.is_char_boundary(tail) {
        tail += 1;
    }
    format!("{} … {}", text[..head].trim_end(), text[tail..].trim_start())
}

/// What looks like a secret, and what stands for it. Queries of URLs carry signatures and tokens.
static SECRETS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(-----END [A-Z ]*PRIVATE KEY-----|$)", "[private key left out]"),
        (r#"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@"'<>]+@"#, "${1}[left out]@"),
        (r#"(?i)\b((?:https?|wss?)://[^\s?"'<>\\]+)\?[^\s"'<>\\]+"#, "${1}?[query left out]"),
        (r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", "[access key left out]"),
        (r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?", "[token left out]"),
        (r"\b(?:gh[pousr]_|github_pat_|xox[abeoprs]-|glpat-|sk_live_|rk_live_|sk-)[A-Za-z0-9_-]{12,}", "[token left out]"),
        (r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/-]{12,}=*", "${1} [left out]"),
        (
            r#"(?i)\b([a-z0-9_.-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|credential|signature)[a-z0-9_.-]*)(["']?\s*=\s*["']?)[^\s"'&;,]+"#,
            "${1}${2}[left out]",
        ),
        (
            r#"(?i)\b([a-z0-9_.-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|credential|signature)[a-z0-9_.-]*)(["']?\s*:\s*["'])[^"']+"#,
            "${1}${2}[left out]",
        ),
    ]
    .into_iter()
    .filter_map(|(pattern, instead)| Some((Regex::new(pattern).ok()?, instead)))
    .collect()
});

/// A text without what looks like a secret: signed URLs, keys, tokens, passwords.
pub fn scrub(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for (pattern, instead) in SECRETS.iter() {
        if let Cow::Owned(clean) = pattern.replace_all(&text, *instead) {
            text = Cow::Owned(clean);
        }
    }
    text
}
