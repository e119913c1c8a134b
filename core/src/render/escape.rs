//! Foreign text made fit for a medium. Nothing of a report reaches an output but through here.
//!
//! Stop reasons, log lines, tags and names come from elsewhere and may hold anything: terminal sequences, carriage
//! returns that overwrite a line, bidirectional overrides that turn it round, Markdown. What only looks is dropped;
//! what a reader should know of is shown as `<U+202E>`.

mod discord;
mod slack;

pub use discord::{discord, discord_commands, discord_lines, discord_name, discord_sentence};
pub use slack::{slack_plain, slack_text};

use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// What a character may do to a medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It stands for itself.
    Plain,
    /// It is one of many spaces.
    Space,
    /// It ends a line.
    Break,
    /// It says nothing.
    Nothing,
    /// It acts without being seen: it is shown by its number.
    Hidden,
}

fn kind(c: char) -> Kind {
    match c {
        ' '..='~' => Kind::Plain,
        '\t' => Kind::Space,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Kind::Break,
        c if c.is_control() => Kind::Hidden,
        // Soft hyphen, byte order mark, variation selectors.
        '\u{ad}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => Kind::Nothing,
        // Joiners, fillers, marks and overrides of direction, invisible operators, annotations, tags.
        '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e00ff}'
        | '\u{e01f0}'..='\u{e0fff}' => Kind::Hidden,
        c if c.is_whitespace() => Kind::Space,
        // Noncharacters.
        '\u{fdd0}'..='\u{fdef}' => Kind::Hidden,
        c if u32::from(c) & 0xfffe == 0xfffe => Kind::Hidden,
        _ => Kind::Plain,
    }
}

/// How many columns a character takes.
fn columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// How many columns a text takes that went through here.
pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// The length of a control sequence (colours, cursor) that `text`, which follows an ESC, begins with.
///
/// Only this kind is dropped whole, since programs colour their logs with it; of any other kind just the ESC is taken
/// away, so that nothing can hide text by calling it a sequence.
fn control_sequence(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix('[')?;
    let length = parameters.bytes().take(32).take_while(|byte| (0x20..0x40).contains(byte)).count();
    let end = *parameters.as_bytes().get(length)?;
    (0x40..0x7f).contains(&end).then_some(length + 2)
}

/// What ASCII has instead.
fn ascii(c: char) -> Option<&'static str> {
    Some(match c {
        '…' => "...",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        '‐' | '‑' | '–' | '—' => "-",
        '→' => "->",
        '•' | '·' => "*",
        _ => return None,
    })
}

/// A text on its way to one line.
struct Line {
    text: String,
    unicode: bool,
    limit: usize,
    width: usize,
    /// Up to here there is room for an ellipsis.
    fits: usize,
    full: bool,
    /// Marks that follow each other on one letter.
    marks: usize,
}

impl Line {
    fn new(unicode: bool, limit: usize) -> Self {
        Line { text: String::new(), unicode, limit, width: 0, fits: 0, full: false, marks: 0 }
    }

    fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    fn push(&mut self, c: char) {
        if self.full {
            return;
        }
        let wide = columns(c);
        self.marks = if wide == 0 { self.marks + 1 } else { 0 };
        // A tower of marks climbs over the lines above it.
        if self.marks > 3 {
            return;
        }
        if self.width + wide > self.limit {
            self.full = true;
            return;
        }
        self.text.push(c);
        self.width += wide;
        if self.width + width(self.ellipsis()) <= self.limit {
            self.fits = self.text.len();
        }
    }

    fn push_str(&mut self, text: &str) {
        text.chars().for_each(|c| self.push(c));
    }

    fn number(&mut self, c: char) {
        self.push_str(&format!("<U+{:04X}>", u32::from(c)));
    }

    fn take(&mut self, c: char) {
        match kind(c) {
            Kind::Plain if c.is_ascii() || self.unicode => self.push(c),
            Kind::Plain => match ascii(c) {
                Some(instead) => self.push_str(instead),
                None => self.number(c),
            },
            Kind::Space | Kind::Break => self.push(' '),
            Kind::Nothing => {}
            Kind::Hidden => self.number(c),
        }
    }

    fn end(mut self) -> String {
        if self.full {
            self.text.truncate(self.fits);
            let ellipsis = self.ellipsis();
            self.text.push_str(ellipsis);
        }
        self.text
    }
}

/// One line for a terminal, whatever the text holds.
pub fn line(text: &str, unicode: bool) -> String {
    cut(text, usize::MAX, unicode)
}

/// One line for a terminal of at most so many columns; what is longer ends in an ellipsis.
pub fn cut(text: &str, limit: usize, unicode: bool) -> String {
    let mut out = Line::new(unicode, limit);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if out.full {
            break;
        }
        if c == '\u{1b}'
            && let Some(length) = control_sequence(rest)
        {
            rest = &rest[length..];
        } else if c == '\r' && rest.starts_with('\n') {
            // One line break, one space.
        } else {
            out.take(c);
        }
    }
    out.end()
}

/// As [`cut`], but it is the middle that goes: a stop reason begins with its step and ends with its cause.
pub fn cut_middle(text: &str, limit: usize, unicode: bool) -> String {
    let whole = line(text, unicode);
    if width(&whole) <= limit {
        return whole;
    }
    let head = cut(&whole, limit / 2, unicode);
    let mut room = limit.saturating_sub(width(&head) + 1);
    let tail = whole.char_indices().rev().take_while(|(_, c)| {
        let fits = columns(*c) <= room;
        room = room.saturating_sub(columns(*c));
        fits
    });
    let from = tail.last().map_or(whole.len(), |(at, _)| at);
    format!("{head} {}", whole[from..].trim_start())
}

/// A command for people to copy: whole, on one line, and never with a character that acts unseen.
///
/// Such a character becomes U+FFFD, which means nothing to a shell, so that what is pasted fails instead of doing
/// something else; the JSON of a report has the exact command.
pub fn command(text: &str) -> String {
    text.chars().map(|c| if hides(c) { '\u{fffd}' } else { c }).collect()
}

/// Whether a command holds what [`command`] cannot show.
pub fn command_hides(text: &str) -> bool {
    text.chars().any(hides)
}

fn hides(c: char) -> bool {
    match kind(c) {
        Kind::Plain => false,
        // A tab makes an interactive shell complete words.
        Kind::Space => c == '\t',
        Kind::Break | Kind::Nothing | Kind::Hidden => true,
    }
}

/// Words in Markdown: no character of them forms a link, a list, a heading, HTML or a mention.
pub fn markdown(text: &str) -> String {
    let text = line(text, true);
    let mut out = String::new();
    let mut before = None;
    let mut rest = text.chars().peekable();
    let mut leading_number = true;
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Mentions are looked for after Markdown was read, so a backslash does not help.
            '@' if !before.is_some_and(char::is_alphanumeric) => out.push_str("@&#8203;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' | '$' => out.extend(['\\', c]),
            // Addresses become links by themselves.
            ':' if next == Some('/') => out.push_str("\\:"),
            '.' if before == Some('w') => out.push_str("\\."),
            // What begins a line may make it a list, a heading, a rule.
            '#' | '-' | '+' | '=' if before.is_none() => out.extend(['\\', c]),
            '.' | ')' if leading_number => out.extend(['\\', c]),
            c => out.push(c),
        }
        leading_number &= c.is_ascii_digit();
        before = Some(c).filter(|c| *c != ' ' || before.is_some());
    }
    out
}

/// A part of a sentence of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Words; they may quote foreign ones.
    Words(&'t str),
    /// What stands in backticks; not empty.
    Name(&'t str),
}

/// The parts of a sentence in which names stand in backticks; one whose backticks make no pairs is nothing but words.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|name| name.trim().is_empty()) {
        return vec![Piece::Words(text)];
    }
    let parts = parts.into_iter().enumerate();
    let told = parts.map(|(at, part)| if at % 2 == 0 { Piece::Words(part) } else { Piece::Name(part) });
    told.filter(|piece| *piece != Piece::Words("")).collect()
}

/// Our own sentences in Markdown, in which names stand in backticks.
pub fn markdown_sentence(text: &str) -> String {
    let told = pieces(text).into_iter().map(|piece| match piece {
        Piece::Words(words) => markdown(words),
        Piece::Name(name) => markdown_name(name),
    });
    told.collect()
}

/// An address that no markup ends early, and that leads where it seems to: of HTTPS, in plain characters, and to no other host than it names.
pub fn address(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("https://")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=%+!".contains(&byte);
    (!rest.is_empty() && rest.len() <= 2_000 && rest.bytes().all(plain)).then_some(text)
}

/// A name in Markdown, as code.
pub fn markdown_name(text: &str) -> String {
    let text = line(text, true);
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    if text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// Lines in Markdown, as a block of code; each is made fit first.
pub fn markdown_block(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let mut out = format!("{fence}{language}\n");
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    out + &fence + "\n"
}

/// What stands beside it is a word that needs no space: `repo@sha256`, `my_task`.
fn within(beside: Option<char>) -> bool {
    beside.is_some_and(|c| c.is_ascii_alphanumeric())
}

/// Whether what follows an `@` would call everybody.
fn calls_all(mut rest: impl Iterator<Item = char>) -> bool {
    let word: String = rest.by_ref().take("everyone".len()).flat_map(char::to_lowercase).collect();
    ["everyone", "channel", "here"].iter().any(|all| word.starts_with(all))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// JSON as it was written, in which what acts unseen stands by its number: the value is the same.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let plain = match kind(c) {
            Kind::Plain => true,
            Kind::Space => c != '\t',
            // Between its strings JSON has line breaks; inside of them they are escaped already.
            Kind::Break => c == '\n',
            Kind::Nothing | Kind::Hidden => false,
        };
        if plain {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
pub(super) mod tests;
