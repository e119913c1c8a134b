//! The words of a sentence, each with all that it may be: a known name, an id, a region, a word with its senses.

use super::names::{Names, Roles};
use super::token::{self, Id, Token};
use super::vocabulary::{self, Sense, Senses};

/// More words than these that nothing knows, and it is no question.
const MOST_UNKNOWN: usize = 24;

/// One word, or several that make one name.
#[derive(Debug, Clone)]
pub struct Atom {
    /// As it is known, else as typed.
    pub text: String,
    /// A clause ends before it.
    pub breaks: bool,
    /// It stands in backticks or quotes.
    pub quoted: bool,
    /// What it may do as a word.
    pub senses: Senses,
    /// Those are the senses of a word that it resembles.
    pub guessed: bool,
    /// What it is by its form.
    pub form: Form,
    /// What the name stands for, if it is known.
    pub roles: Roles,
    /// Known names that it resembles.
    pub near: Vec<(String, Roles)>,
}

/// What a word is by its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A task's id, or how one begins.
    Id(Id),
    /// A region of AWS.
    Region,
    /// A revision of a task definition.
    Revision,
    /// `cluster/name`.
    Path(String, String),
    /// Can be a name and is hardly an English word.
    Name,
    /// Any other word that could be a name.
    Word,
    /// Nothing that names anything.
    Noise,
}

impl Atom {
    /// Whether it is a word of the vocabulary and nothing else.
    pub fn is_word(&self) -> bool {
        self.roles.none() && self.near.is_empty() && !self.senses.is_empty()
    }

    /// An error's name, `OutOfMemory`: no word of a person, and hardly a service.
    pub fn is_camel(&self) -> bool {
        let upper = |at: usize, char: char| at > 0 && char.is_ascii_uppercase();
        let mixed = self.text.char_indices().any(|(at, char)| upper(at, char))
            && self.text.chars().any(|char| char.is_ascii_lowercase());
        self.form == Form::Word && mixed
    }

    /// An English word that is not in the vocabulary, by its ending: what is done, or how.
    pub fn is_inflected(&self) -> bool {
        let low = self.text.to_ascii_lowercase();
        self.form == Form::Word && low.len() >= 5 && ["ing", "ed", "ly"].iter().any(|end| low.ends_with(end))
    }
}

/// What each word may be; none if it is no sentence of a person.
pub fn atoms(tokens: &[Token], names: &Names) -> Option<Vec<Atom>> {
    let mut out: Vec<Atom> = Vec::new();
    let mut at = 0;
    let mut unknown = 0;
    while let Some(token) = tokens.get(at) {
        if let Some((atom, length)) = joined(tokens, at, names) {
            out.push(atom);
            at += length;
            continue;
        }
        at += 1;
        if token.text.contains('/') && !token.noise {
            path(token, names, &mut out);
            continue;
        }
        let atom = atom(token, names, &mut unknown);
        if unknown > MOST_UNKNOWN {
            return None;
        }
        out.push(atom);
    }
    Some(out)
}

/// Two or three words that make a known name: `nightly report`, `prod eu`.
fn joined(tokens: &[Token], at: usize, names: &Names) -> Option<(Atom, usize)> {
    let found = [3, 2].into_iter().find_map(|length| {
        let words = tokens.get(at..at + length)?;
        let together = words.iter().skip(1).all(|one| !one.breaks) && words.iter().all(|one| token::is_name(&one.text));
        let texts: Vec<&str> = words.iter().map(|one| one.text.as_str()).collect();
        let (name, roles) = names.joined(&texts).filter(|_| together)?;
        let known = |one: &Token| names.exact(&one.text).is_some();
        let word = |one: &Token| !vocabulary::senses(&one.low).is_empty();
        // Two names beside each other are two names, and words of every day are those words, unless they are called a service.
        let called = |place: Option<&Token>| {
            place.is_some_and(|one| vocabulary::senses(&one.low).any(&[Sense::Service, Sense::Task, Sense::Cluster]))
        };
        let sure = called(tokens.get(at + length)) || called(at.checked_sub(1).and_then(|before| tokens.get(before)));
        let separated = name.contains(['-', '_']);
        let after_article = at.checked_sub(1).and_then(|before| tokens.get(before));
        let after_article = after_article.is_some_and(|one| vocabulary::senses(&one.low).has(Sense::Article));
        let worded = words.iter().all(word) && !(separated && (sure || after_article));
        (!words.iter().all(known) && !worded).then(|| (name.to_owned(), roles, length))
    });
    let (name, roles, length) = found?;
    let first = tokens.get(at)?;
    let form = Form::Name;
    let (breaks, quoted) = (first.breaks, true);
    let senses = Senses::default();
    Some((Atom { text: name, breaks, quoted, senses, guessed: false, form, roles, near: vec![] }, length))
}

fn atom(token: &Token, names: &Names, unknown: &mut usize) -> Atom {
    let mut senses = vocabulary::senses(&token.low);
    let mut out = Atom {
        text: token.text.clone(),
        breaks: token.breaks,
        quoted: token.quoted,
        senses,
        guessed: false,
        form: form(token),
        roles: Roles::default(),
        near: vec![],
    };
    if let Some((name, roles)) = names.exact(&token.text) {
        out.text = name.to_owned();
        out.roles = roles;
        out.form = Form::Name;
        return out;
    }
    if matches!(out.form, Form::Id(_)) {
        out.text = token.low.clone();
    }
    if !senses.is_empty() || !matches!(out.form, Form::Name | Form::Word) {
        return out;
    }
    *unknown += 1;
    if *unknown > MOST_UNKNOWN {
        return out;
    }
    out.near = names.near(&token.text, |_| true).into_iter().map(|(name, roles)| (name.to_owned(), roles)).collect();
    if let Some((name, roles)) = names.joined(&[&token.text]) {
        out.near.retain(|(one, _)| one != name);
        out.near.insert(0, (name.to_owned(), roles));
    }
    senses = if out.form == Form::Word { vocabulary::nearly(&token.low) } else { Senses::default() };
    out.senses = senses;
    out.guessed = !senses.is_empty();
    out
}

fn form(token: &Token) -> Form {
    if token.noise {
        return Form::Noise;
    }
    if token::is_region(&token.low) {
        return Form::Region;
    }
    if token::is_revision(&token.text) {
        return Form::Revision;
    }
    if let Some(id) = token::id(&token.low) {
        return Form::Id(id);
    }
    let letters = token.text.chars().any(|char| char.is_ascii_alphabetic());
    if !token::is_name(&token.text) || !letters || token.text.len() > 64 && !token.text.contains('-') {
        return Form::Noise;
    }
    let hardly_english = token.text.contains(['-', '_']) || token.text.chars().any(|char| char.is_ascii_digit());
    if hardly_english { Form::Name } else { Form::Word }
}

/// `prod/payments`, `prod/payments/0123abcd`, `service/payments`; and what only looks like it: `and/or`, `payments/checkout`.
fn path(token: &Token, names: &Names, out: &mut Vec<Atom>) {
    let parts: Vec<&str> = token.text.split('/').filter(|part| !part.is_empty()).collect();
    let one = |text: &str, breaks: bool| Token {
        text: text.to_owned(),
        low: text.to_ascii_lowercase(),
        breaks,
        quoted: token.quoted,
        noise: false,
    };
    let senses = |part: &str| vocabulary::senses(&part.to_ascii_lowercase());
    let roles = |part: &str| names.exact(part).map_or(Roles::default(), |(_, roles)| roles);
    let named = |part: &str| token::is_name(part) && (senses(part).is_empty() || !roles(part).none());
    let pair = match parts.as_slice() {
        [cluster, _service, id] if token::id(&id.to_ascii_lowercase()) >= Some(Id::Long) => Some((*cluster, *id)),
        [first, second] if !named(first) || !token::is_name(second) => None,
        [first, second] if roles(first).cluster && (names.has(first, second) || !roles(second).cluster) => {
            Some((*first, *second))
        }
        // `payments/checkout`, `prod/staging`: two of a kind; `payments/prod`: the wrong way round.
        [first, second] if !roles(first).none() && !roles(second).none() => None,
        [first, second] if named(second) => Some((*first, *second)),
        _ => None,
    };
    let Some((cluster, name)) = pair else {
        let mut unknown = 0;
        out.extend(
            parts.iter().enumerate().map(|(at, part)| atom(&one(part, token.breaks || at > 0), names, &mut unknown)),
        );
        return;
    };
    let known = |part: &str| names.exact(part).map_or_else(|| part.to_owned(), |(name, _)| name.to_owned());
    let low = name.to_ascii_lowercase();
    let is_id = token::id(&low).is_some_and(|id| id > Id::Maybe) && roles(name).none();
    let name = if is_id { low } else { known(name) };
    let mut path = atom(&one(cluster, token.breaks), names, &mut 0);
    path.senses = Senses::default();
    path.guessed = false;
    path.form = Form::Path(known(cluster), name);
    out.push(path);
}
