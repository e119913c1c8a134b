//! An INI file of the AWS CLI as text: what stands where, and what can be added without moving anything.
//!
//! It is read as Python's `RawConfigParser` reads it, since that is what the AWS CLI does with it: an indented line goes on with the
//! value above it, and a section or key that stands there twice is an error.

use super::error::PluginError;
use std::collections::BTreeSet;
use std::path::Path;

/// The file's text, and what it means.
#[derive(Debug)]
pub struct Ini<'t> {
    text: &'t str,
    sections: Vec<Section>,
}

/// A section with its options.
#[derive(Debug)]
struct Section {
    name: String,
    /// Where its header begins, and where the line behind the header begins.
    header: (usize, usize),
    indent: usize,
    options: Vec<Opt>,
}

/// An option: where its line begins and where the line behind its last one does; where the value of the first line stands.
#[derive(Debug)]
struct Opt {
    key: String,
    start: usize,
    end: usize,
    indent: usize,
    value: (usize, usize),
    /// The value goes on in further lines.
    goes_on: bool,
}

/// A piece of text that is put in, by its place in the text before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Insertion {
    /// The offset in bytes.
    pub at: usize,
    /// What is put there.
    pub text: String,
}

/// What is wrong with a file, and in which line.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    line: usize,
    why: &'static str,
}

impl Wrong {
    /// With the file's name.
    pub fn of(self, path: &Path) -> PluginError {
        PluginError::Ini { path: path.to_owned(), line: self.line, why: self.why }
    }
}

impl<'t> Ini<'t> {
    /// Reads it.
    ///
    /// # Errors
    /// Where the AWS CLI fails too, and at a carriage return that ends a line by itself.
    pub fn parse(text: &'t str) -> Result<Self, Wrong> {
        let mut sections: Vec<Section> = vec![];
        let mut names = BTreeSet::new();
        let mut offset = 0;
        // The indentation of the option whose value may go on.
        let mut open: Option<usize> = None;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let (start, end) = (offset, offset + line.len());
            offset = end;
            let wrong = |why| Wrong { line: number + 1, why };
            let content = line.trim_end_matches('\n');
            let content = content.strip_suffix('\r').unwrap_or(content);
            if content.contains('\r') {
                return Err(wrong("a carriage return stands within the line"));
            }
            let trimmed = content.trim();
            if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
                continue;
            }
            let indent = content.len() - content.trim_start().len();
            let last = sections.last_mut();
            if let (Some(of), Some(option)) = (open, last.and_then(|section| section.options.last_mut()))
                && indent > of
            {
                (option.end, option.goes_on) = (end, true);
                continue;
            }
            if let Some(name) = header(trimmed) {
                if !names.insert((name.to_owned(), None)) {
                    return Err(wrong("the section stands there twice"));
                }
                sections.push(Section { name: name.to_owned(), header: (start, end), indent, options: vec![] });
                open = None;
                continue;
            }
            let section = sections.last_mut().ok_or_else(|| wrong("it is in no section"))?;
            let Some((key, value)) = trimmed.split_once(['=', ':']) else {
                return Err(wrong("it is neither a section nor `key = value`"));
            };
            let key = key.trim().to_lowercase();
            if key.is_empty() {
                return Err(wrong("the key is missing"));
            }
            if !names.insert((section.name.clone(), Some(key.clone()))) {
                return Err(wrong("the key stands there twice"));
            }
            let value_end = start + indent + trimmed.len();
            let value = (value_end - value.trim().len(), value_end);
            section.options.push(Opt { key, start, end, indent, value, goes_on: false });
            open = Some(indent);
        }
        Ok(Ini { text, sections })
    }

    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    fn option(&self, section: &str, key: &str) -> Option<&Opt> {
        self.section(section)?.options.iter().find(|option| option.key == key)
    }

    /// The value of a key, without the lines that go on with it.
    pub fn value(&self, section: &str, key: &str) -> Option<&'t str> {
        self.option(section, key).map(|option| &self.text[option.value.0..option.value.1])
    }

    /// Whether a value goes on in further lines.
    pub fn goes_on(&self, section: &str, key: &str) -> bool {
        self.option(section, key).is_some_and(|option| option.goes_on)
    }

    /// Whether there is such a section.
    pub fn has(&self, section: &str) -> bool {
        self.section(section).is_some()
    }

    /// The keys of a section, in their order.
    pub fn keys(&self, section: &str) -> Vec<&str> {
        self.section(section).into_iter().flat_map(|section| &section.options).map(|option| &*option.key).collect()
    }

    /// Everything that the file says, for comparison.
    fn said(&self) -> BTreeSet<(&str, Option<(&str, &str)>)> {
        let mut said = BTreeSet::new();
        for section in &self.sections {
            said.insert((&*section.name, None));
            for option in &section.options {
                let whole = self.text[option.value.0..option.end].trim_end();
                said.insert((&*section.name, Some((&*option.key, whole))));
            }
        }
        said
    }

    fn line_end(&self) -> &'static str {
        if self.text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" }
    }

    /// How keys come into a section, which is made where it is missing. Every other byte stays; the file still says all that it said.
    ///
    /// # Errors
    /// When the new text would not mean that (a file whose indentation is of its own kind).
    pub fn adding(&self, section: &str, options: &[(&str, &str)]) -> Result<Vec<Insertion>, Wrong> {
        if options.is_empty() {
            return Ok(vec![]);
        }
        let end = self.line_end();
        let found = self.section(section);
        let (at, indent) = match found {
            Some(found) => {
                let last = found.options.last();
                last.map_or((found.header.1, found.indent), |option| (option.end, option.indent))
            }
            None => (self.text.len(), 0),
        };
        let mut text = String::new();
        if at > 0 && !self.text[..at].ends_with('\n') {
            text += end;
        }
        if found.is_none() {
            if !self.text.is_empty() {
                text += end;
            }
            text += &format!("[{section}]{end}");
        }
        let indent = " ".repeat(indent);
        for (key, value) in options {
            text += &format!("{indent}{key} = {value}{end}");
        }
        let insertion = Insertion { at, text };
        let after = insert(self.text, std::slice::from_ref(&insertion));
        let meant = Ini::parse(&after)?;
        let mut wanted = self.said();
        wanted.insert((section, None));
        wanted.extend(options.iter().map(|(key, value)| (section, Some((*key, *value)))));
        if meant.said() != wanted {
            let line = self.text[..at].lines().count() + 1;
            return Err(Wrong { line, why: "nothing can be put there without changing what stands below" });
        }
        Ok(vec![insertion])
    }

    /// How a value becomes longer at its end.
    pub fn longer(&self, section: &str, key: &str, more: &str) -> Option<Insertion> {
        self.option(section, key).map(|option| {
            let gap = if self.text[..option.value.1].ends_with(['=', ':']) { " " } else { "" };
            Insertion { at: option.value.1, text: format!("{gap}{more}") }
        })
    }

    /// The text without a key, and without its section too if that holds nothing else and `section_too`.
    pub fn without(&self, section: &str, key: &str, section_too: bool) -> String {
        let (Some(found), Some(option)) = (self.section(section), self.option(section, key)) else {
            return self.text.to_owned();
        };
        let (before, behind) = (&self.text[..option.start], &self.text[option.end..]);
        if section_too && found.options.len() == 1 {
            let between = &self.text[found.header.1..option.start];
            let next = self.sections.iter().map(|other| other.header.0).find(|start| *start > option.start);
            let rest = &self.text[option.end..next.unwrap_or(self.text.len())];
            if between.trim().is_empty() && rest.trim().is_empty() {
                return self.text[..found.header.0].to_owned() + behind;
            }
        }
        before.to_owned() + behind
    }

    /// The text with another value for a key.
    pub fn with(&self, section: &str, key: &str, value: &str) -> String {
        match self.option(section, key) {
            Some(option) => format!("{}{value}{}", &self.text[..option.value.0], &self.text[option.value.1..]),
            None => self.text.to_owned(),
        }
    }
}

/// Python takes all up to the *last* bracket, and does not look at what stands behind it.
fn header(trimmed: &str) -> Option<&str> {
    let name = &trimmed.strip_prefix('[')?;
    name.rfind(']').map(|end| &name[..end]).filter(|name| !name.is_empty())
}

/// Puts pieces into a text; they are sorted by their place.
pub fn insert(text: &str, pieces: &[Insertion]) -> String {
    let (mut made, mut done) = (String::with_capacity(text.len() + 200), 0);
    for piece in pieces {
        made += &text[done..piece.at];
        made += &piece.text;
        done = piece.at;
    }
    made + &text[done..]
}

/// Takes them out again; none if one of them is not where it was put.
pub fn take_out(text: &str, pieces: &[Insertion]) -> Option<String> {
    let (mut made, mut rest, mut done) = (String::with_capacity(text.len()), text, 0);
    for piece in pieces {
        let kept = rest.get(..piece.at.checked_sub(done)?)?;
        made += kept;
        rest = rest.get(kept.len()..)?.strip_prefix(&piece.text)?;
        done = piece.at;
    }
    Some(made + rest)
}

#[cfg(test)]
#[path = "ini_tests.rs"]
mod tests;
