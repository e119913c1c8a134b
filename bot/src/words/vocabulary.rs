//! The words of `bot/words/vocabulary.toml`, and what each does in a question.

use indexmap::IndexMap;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a word may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the data file says it of each")]
pub enum Sense {
    Why,
    What,
    Happen,
    Fail,
    Work,
    Neg,
    Ask,
    Except,
    Done,
    Chat,
    Thanks,
    Polite,
    Order,
    Doing,
    Other,
    How,
    Help,
    Use,
    Status,
    Any,
    Many,
    Task,
    Service,
    Cluster,
    Account,
    Region,
    Pronoun,
    Speaker,
    You,
    Aux,
    Article,
    In,
    Of,
    And,
    Commit,
    Glue,
}

/// All that one word may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Senses(u64);

impl Senses {
    /// Whether it may do this.
    pub const fn has(self, sense: Sense) -> bool {
        self.0 & (1 << sense as u64) != 0
    }

    /// Whether it may do one of these.
    pub fn any(self, senses: &[Sense]) -> bool {
        senses.iter().any(|one| self.has(*one))
    }

    /// The word is not known.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    const fn and(self, sense: Sense) -> Senses {
        Senses(self.0 | 1 << sense as u64)
    }
}

/// Shorter words are not looked for with typing errors: too many others are near.
const SHORTEST_WITH_ERROR: usize = 4;

struct Vocabulary {
    words: IndexMap<String, Senses>,
    /// The words that may be meant with an error, by their first letter.
    by_letter: BTreeMap<char, Vec<(String, Senses)>>,
}

static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let document: IndexMap<Sense, String> =
        toml::from_str(include_str!("../../words/vocabulary.toml")).expect("vocabulary.toml is embedded and tested");
    let mut words: IndexMap<String, Senses> = IndexMap::new();
    for (sense, all) in &document {
        for word in all.split_whitespace() {
            let known = words.entry(word.to_owned()).or_default();
            *known = known.and(*sense);
        }
    }
    let mut by_letter: BTreeMap<char, Vec<(String, Senses)>> = BTreeMap::new();
    for (word, senses) in words.iter().filter(|(word, _)| word.len() >= SHORTEST_WITH_ERROR) {
        if let Some(first) = word.chars().next() {
            by_letter.entry(first).or_default().push((word.clone(), *senses));
        }
    }
    Vocabulary { words, by_letter }
});

/// What a word in lower case may do; nothing if it is not known.
pub fn senses(word: &str) -> Senses {
    VOCABULARY.words.get(word).copied().unwrap_or_default()
}

/// What the nearest word does that a word may be with a typing error.
pub fn nearly(word: &str) -> Senses {
    let length = word.len();
    if !(SHORTEST_WITH_ERROR..=24).contains(&length) || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Senses::default();
    }
    let most = if length >= 8 { 2 } else { 1 };
    let letters = |word: &str| {
        let mut letters: Vec<u8> = word.bytes().collect();
        letters.sort_unstable();
        letters
    };
    let own = letters(word);
    let near = |known: &str| {
        let close = known.len().abs_diff(length) <= most;
        let distance = Some(()).filter(|()| close).map(|()| strsim::osa_distance(word, known))?;
        // Letters that changed places are a likelier error than another letter.
        (distance <= most).then(|| (distance, letters(known) != own))
    };
    // The first two letters may have changed places.
    let found = word.chars().take(2).filter_map(|letter| VOCABULARY.by_letter.get(&letter)).flatten();
    let found = found.filter_map(|(known, senses)| near(known).map(|rank| (rank, *senses)));
    found.min_by_key(|(rank, _)| *rank).map_or(Senses::default(), |(_, senses)| senses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_with_their_usual_errors() {
        for (typed, sense) in [
            ("craching", Sense::Fail),
            ("stpo", Sense::Fail),
            ("donw", Sense::Fail),
            ("taks", Sense::Task),
            ("anythin", Sense::Any),
            ("hapened", Sense::Happen),
            ("hlep", Sense::Help),
        ] {
            let found = if senses(typed).is_empty() { nearly(typed) } else { senses(typed) };
            assert!(found.has(sense), "{typed}: {found:?}");
        }
    }

    #[test]
    fn other_words_are_not() {
        for typed in ["ledger", "kafka", "payments", "checkout", "fraud", "dnw", "x", "", "naïve"] {
            assert!(senses(typed).is_empty() && nearly(typed).is_empty(), "{typed}");
        }
    }

    #[test]
    fn the_words_are_in_lower_case_and_without_apostrophes() {
        for word in VOCABULARY.words.keys() {
            let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || matches!(char, '-' | '&');
            assert!(word.chars().all(plain), "{word}");
        }
    }
}
