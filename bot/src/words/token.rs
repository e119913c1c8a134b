//! A text as words: where one ends, what each is by its shape, and where a clause ends.

use super::vocabulary;

/// One word, or what is written like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As typed, without quotes around it and without an apostrophe and what follows it.
    pub text: String,
    /// In lower case, without apostrophes.
    pub low: String,
    /// A clause ends before it.
    pub breaks: bool,
    /// It stands in backticks or quotes.
    pub quoted: bool,
    /// An address, a time, a version: nothing that names what is asked about.
    pub noise: bool,
}

/// A text in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    /// Its words.
    pub tokens: Vec<Token>,
    /// It has a question mark.
    pub asks: bool,
}

/// Takes a plain text apart.
pub fn sentence(text: &str) -> Sentence {
    let mut out = Sentence::default();
    let (mut chunk, mut breaks, mut quoted) = (String::new(), false, false);
    let flush = |chunk: &mut String, breaks: &mut bool, quoted: bool, out: &mut Sentence| {
        if !chunk.is_empty() {
            *breaks = push(chunk, *breaks, quoted, &mut out.tokens);
            chunk.clear();
        }
    };
    for char in text.chars() {
        if char.is_alphanumeric() || "-_/.:@'#%=$".contains(char) {
            chunk.push(char);
            continue;
        }
        flush(&mut chunk, &mut breaks, quoted, &mut out);
        match char {
            '`' | '"' => quoted = !quoted,
            '?' => (out.asks, breaks) = (true, true),
            ',' | ';' | '!' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '>' | '<' | '&' | '+' | '\n' => breaks = true,
            _ => {}
        }
    }
    flush(&mut chunk, &mut breaks, quoted, &mut out);
    out
}

/// Adds the words of a run without spaces; whether a clause ends after it.
fn push(chunk: &str, breaks: bool, quoted: bool, tokens: &mut Vec<Token>) -> bool {
    let edge = |char: char| !char.is_alphanumeric();
    let inner = chunk.trim_matches(edge);
    if inner.is_empty() {
        return breaks || chunk.contains('-') || chunk.contains('.') || chunk.contains(':') || chunk.contains('/');
    }
    // A person, a group, a channel, an emoji.
    if chunk.starts_with(['@', '#']) || chunk.starts_with(':') && chunk.ends_with(':') {
        return breaks;
    }
    let ends = chunk.trim_end_matches(['\'', '_', '-']).ends_with(['.', ':', '/']);
    // Only a file or a log group begins so; a slash command that was typed as words is none.
    let path = chunk.starts_with('/') && inner.contains('/');
    let address = chunk.contains("://") || inner.contains('@') && inner.contains('.');
    if path || address {
        tokens.push(Token { noise: true, ..token(inner, breaks, quoted) });
        return ends;
    }
    let mut breaks = breaks;
    for part in parts(inner) {
        let token = token(part, breaks, quoted);
        if !token.low.is_empty() {
            tokens.push(token);
            breaks = false;
        }
    }
    ends
}

/// `cluster=prod`, `service:payments`, `payments@prod`, `down.why` are two words; `payments:42` and `03:10` are one.
fn parts(inner: &str) -> Vec<&str> {
    let words =
        |part: &str| !part.is_empty() && part.chars().all(|char| char.is_ascii_alphanumeric() || "-_".contains(char));
    let number = |part: &str| part.chars().all(|char| char.is_ascii_digit());
    if let Some((left, right)) = inner.split_once(':')
        && (!words(left) || number(left) || number(right))
    {
        return vec![inner];
    }
    if inner.contains(['=', '@', ':']) {
        return inner.split(['=', '@', ':']).collect();
    }
    match inner.split_once('.') {
        Some((left, right)) if words(left) && !vocabulary::senses(&right.to_ascii_lowercase()).is_empty() => {
            vec![left, right]
        }
        _ => vec![inner],
    }
}

fn token(text: &str, breaks: bool, quoted: bool) -> Token {
    let text = text.trim_matches(|char: char| !char.is_alphanumeric());
    let low: String = text.to_lowercase().chars().filter(|char| *char != '\'').collect();
    let text = text.split('\'').next().unwrap_or_default().to_owned();
    let noise = is_noise(&text);
    Token { text, low, breaks, quoted, noise }
}

/// Numbers, times, versions, percentages, tickets, hosts.
fn is_noise(text: &str) -> bool {
    if text.contains(['.', '%', '$', '#', ':']) {
        return !is_revision(text);
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    let few_letters = digits > 0 && letters <= 2 && letters + digits == text.chars().count() && text.len() < 6;
    let ticket = text.split_once('-').is_some_and(|(left, right)| {
        let upper = left.chars().all(|char| char.is_ascii_uppercase()) || left.eq_ignore_ascii_case("inc");
        upper && left.len() >= 2 && !right.is_empty() && right.chars().all(|char| char.is_ascii_digit())
    });
    let date = digits == 8 && text.len() == 10 && text.split('-').count() == 3;
    few_letters || ticket || date || is_status_class(text)
}

/// `5xx`, `503s`.
fn is_status_class(text: &str) -> bool {
    let low = text.to_ascii_lowercase();
    matches!(low.as_str(), "2xx" | "3xx" | "4xx" | "5xx" | "4xxs" | "5xxs")
}

/// What ECS allows as a name.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text.chars().all(|char| char.is_ascii_alphanumeric() || "-_".contains(char))
}

/// `family:revision`.
pub fn is_revision(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.len() < 8 && text.chars().all(|char| char.is_ascii_digit());
    let family = |text: &str| is_name(text) && text.chars().any(|char| char.is_ascii_alphabetic());
    text.split_once(':').is_some_and(|(left, right)| family(left) && number(right))
}

/// `eu-west-1`, `us-gov-east-1`.
pub fn is_region(low: &str) -> bool {
    let parts: Vec<&str> = low.split('-').collect();
    let (area, direction, number) = match parts.as_slice() {
        [area, direction, number] | [area, "gov" | "iso" | "isob" | "isoe" | "isof", direction, number] => {
            (*area, *direction, *number)
        }
        _ => return false,
    };
    const DIRECTIONS: [&str; 9] =
        ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];
    area.len() == 2
        && area.bytes().all(|byte| byte.is_ascii_lowercase())
        && DIRECTIONS.contains(&direction)
        && number.len() == 1
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// How sure it is that a word is a task's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Id {
    /// Hexadecimal, but a word or a number as well: only where it is called a task.
    Maybe,
    /// Six or more hexadecimal digits, with a letter and a number among them.
    Short,
    /// Eight or more.
    Long,
    /// The whole id.
    Whole,
}

/// Whether a word may be a task's id, or how it begins.
pub fn id(low: &str) -> Option<Id> {
    let hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if low.len() == 36 && low.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && low.split('-').all(hex) {
        return Some(Id::Whole);
    }
    if !hex(low) || !(6..=32).contains(&low.len()) {
        return None;
    }
    let number = low.bytes().any(|byte| byte.is_ascii_digit());
    let letter = low.bytes().any(|byte| byte.is_ascii_lowercase());
    Some(match low.len() {
        32 => Id::Whole,
        _ if !number || !letter => Id::Maybe,
        6 | 7 => Id::Short,
        _ => Id::Long,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        sentence(text).tokens.into_iter().filter(|one| !one.noise).map(|one| one.low).collect()
    }

    #[test]
    fn words_end_where_a_reader_sees_it() {
        assert_eq!(words("what's up with payments@prod??"), ["whats", "up", "with", "payments", "prod"]);
        assert_eq!(words("cluster=prod service:web, :fire: @here /why"), ["cluster", "prod", "service", "web", "why"]);
        assert_eq!(words("(prod-eu) *web* _api_ prod/web."), ["prod-eu", "web", "api", "prod/web"]);
        assert_eq!(
            words("since 03:10 on 10.0.0.1 5xx 99% v2.3.1 INC-1234 2026-11-22 down.why"),
            ["since", "on", "down", "why"]
        );
        assert_eq!(words("/var/log/x https://example.com/y a@b.com payments:42"), ["payments:42"]);
    }

    #[test]
    fn ids_and_regions_are_known_by_their_shape() {
        assert_eq!(id("4f1c2a9b"), Some(Id::Long));
        assert_eq!(id("3f2a91c"), Some(Id::Short));
        assert_eq!(id("deadbeef"), Some(Id::Maybe));
        assert_eq!(id("123456789012"), Some(Id::Maybe));
        assert_eq!(id("4f1c2a9be07d4c7f9a3e5b6d8c1f2e3a"), Some(Id::Whole));
        assert_eq!(id("cafe"), None);
        assert!(is_region("eu-west-1") && is_region("us-gov-east-1") && is_region("ap-southeast-2"));
        assert!(!is_region("prod-west-1") && !is_region("eu-west-1a") && !is_region("eu-west"));
    }
}
