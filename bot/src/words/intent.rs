//! What somebody wants of what is named: to know why, to know what fails, help, or nothing that can be answered.

use super::atom::{Atom, Form};
use super::meant::Meant;
use super::role::Role;
use super::vocabulary::{Sense, Senses};
use super::{Question, Reading, Scope};

/// The words of a sentence that are no names.
#[derive(Debug)]
pub struct Intent<'a> {
    pub(super) atoms: &'a [Atom],
    /// The senses of each word; none where a name stands.
    pub(super) words: Vec<Senses>,
    pub(super) roles: &'a [Role],
    pub(super) asks: bool,
}

impl<'a> Intent<'a> {
    /// Of these words.
    pub fn of(atoms: &'a [Atom], roles: &'a [Role], asks: bool) -> Intent<'a> {
        let senses = |(atom, role): (&Atom, &Role)| match role {
            Role::Word | Role::Doubtful => atom.senses,
            _ => Senses::default(),
        };
        Intent { atoms, words: atoms.iter().zip(roles).map(senses).collect(), roles, asks }
    }

    pub(super) fn has(&self, sense: Sense) -> bool {
        self.words.iter().any(|one| one.has(sense))
    }

    /// The text of a word in lower case.
    pub(super) fn low(&self, at: usize) -> String {
        self.atoms.get(at).map(|one| one.text.to_ascii_lowercase()).unwrap_or_default()
    }

    /// The places of the words that do not only greet.
    pub(super) fn content(&self) -> impl Iterator<Item = usize> {
        let empty = [Sense::Polite, Sense::Thanks];
        (0..self.words.len()).filter(move |at| !self.words[*at].any(&empty) || self.words[*at].has(Sense::Work))
    }

    /// Asks for a reason, or for what happened.
    pub fn asks_why(&self) -> bool {
        self.has(Sense::Why)
            || (self.has(Sense::What) || self.has(Sense::How)) && (self.has(Sense::Happen) || self.fails())
    }

    /// It is put as a question.
    pub(super) fn is_question(&self) -> bool {
        let first = self.content().next().map(|at| self.words[at]);
        self.asks
            || self.asks_why()
            || first.is_some_and(|one| one.any(&[Sense::Aux, Sense::What]) && !one.has(Sense::Speaker))
    }

    /// Something fails: a word for it that is not denied, or one for health that is.
    pub(super) fn fails(&self) -> bool {
        let sense = |at: Option<usize>, sense| at.and_then(|at| self.words.get(at)).is_some_and(|one| one.has(sense));
        // `will not stop crashing`: what is denied is the end of it.
        let denied = |at: usize| {
            let by = |back: usize| at.checked_sub(back).filter(|at| sense(Some(*at), Sense::Neg));
            by(1).is_some() || by(2).is_some() && !sense(at.checked_sub(1), Sense::Fail)
        };
        let stops = |at: usize| self.low(at).starts_with("stop") && at > 0 && denied(at);
        let failing = (0..self.words.len()).any(|at| self.words[at].has(Sense::Fail) && (!denied(at) || stops(at)));
        let not_working = (0..self.words.len())
            .any(|at| self.words[at].has(Sense::Neg) && (at + 1..=at + 3).any(|next| sense(Some(next), Sense::Work)));
        failing || not_working && !self.low(0).starts_with("no problem")
    }

    /// Somebody wants it to be looked at.
    fn wants_a_look(&self, meant: &Meant) -> bool {
        let asks = |at: usize| {
            let spoken = at.checked_sub(1).is_some_and(|before| self.words[before].has(Sense::Speaker));
            self.words[at].has(Sense::Ask) && (self.asks || !spoken)
        };
        (0..self.words.len()).any(asks) && meant.strays.is_empty()
    }

    /// Nothing but names, and words that join them.
    fn is_bare(&self, meant: &Meant) -> bool {
        const JOINING: [Sense; 11] = [
            Sense::In,
            Sense::Of,
            Sense::Article,
            Sense::Polite,
            Sense::And,
            Sense::Task,
            Sense::Service,
            Sense::Cluster,
            Sense::Account,
            Sense::Region,
            Sense::What,
        ];
        let joins = |(senses, role): (&Senses, &Role)| match role {
            Role::Word => senses.any(&JOINING) || senses.has(Sense::How),
            Role::Doubtful | Role::Stray => false,
            _ => true,
        };
        meant.strays.is_empty() && self.words.iter().zip(self.roles).all(joins)
    }

    /// What is meant by it all.
    pub fn reading(&self, meant: &Meant) -> Reading {
        if self.wants_help(meant) {
            return Reading::Clear(Question::Help);
        }
        if self.refuses() {
            return Reading::Unread;
        }
        if self.excludes() && (meant.has_scope() || matches!(choice(meant.why()), Reading::Clear(_))) {
            return Reading::Unread;
        }
        if meant.has_target() {
            return if self.asks_about(meant) { choice(meant.why()) } else { Reading::Unread };
        }
        let as_words = self.failing(meant);
        let told = [Sense::Fail, Sense::Happen, Sense::Work];
        let sure = || self.words.iter().zip(self.roles).filter(|(_, role)| **role == Role::Word).map(|(one, _)| one);
        let told = sure().any(|one| one.any(&told)) || self.has(Sense::Why) && sure().all(|one| one.has(Sense::Why));
        if meant.doubtful.is_empty() || !told {
            return as_words;
        }
        // A word that resembles one, where a name would stand: `why is shop down`.
        let stands_for_it =
            [Sense::Pronoun, Sense::Task, Sense::Service, Sense::Speaker, Sense::You, Sense::Article, Sense::Aux];
        let may_be_a_name = |atom: &&Atom| !atom.senses.any(&stands_for_it);
        let doubtful =
            self.atoms.iter().zip(self.roles).filter(|(_, role)| **role == Role::Doubtful).map(|(atom, _)| atom);
        let typed: Vec<Question> = doubtful.filter(may_be_a_name).flat_map(|one| meant.why_typed(&one.text)).collect();
        let questions = match as_words {
            Reading::Clear(one) => vec![one],
            Reading::Unclear(all) => all,
            Reading::Unread => vec![],
        };
        choice([questions, typed].concat())
    }

    /// It asks about all of something, or about a place.
    pub fn quantifies(&self, meant: &Meant) -> bool {
        self.has(Sense::Any) || self.has(Sense::Many) || meant.has_scope()
    }

    fn asks_about(&self, meant: &Meant) -> bool {
        if meant.only_perhaps() {
            return self.asks_why() || self.fails();
        }
        let state = self.is_question() && (self.has(Sense::Work) || self.over())
            || self.has(Sense::How) && meant.strays.is_empty();
        self.asks_why()
            || self.fails()
            || state
            || self.has(Sense::Status)
            || self.wants_a_look(meant)
            || self.is_bare(meant)
    }

    fn wants_help(&self, meant: &Meant) -> bool {
        let named = meant.has_target() || meant.has_scope() || meant.has_either();
        if named || self.has(Sense::Why) || !meant.strays.is_empty() {
            return false;
        }
        let all = |allowed: &[Sense]| self.words.iter().all(|one| one.any(allowed));
        let quantified = self.has(Sense::Any) && self.fails();
        let asked = self.has(Sense::Help) && !quantified && !self.has(Sense::Thanks) && !self.orders();
        let usable = self.has(Sense::How) && self.has(Sense::Use) && !self.fails() && !self.orders_after_how();
        let about_us = self.has(Sense::What) && self.has(Sense::You);
        asked
            || usable
            || about_us && all(&[Sense::What, Sense::You, Sense::Aux, Sense::Polite, Sense::Use, Sense::Any])
    }

    /// `how do I restart`.
    fn orders_after_how(&self) -> bool {
        self.words.iter().any(|one| one.has(Sense::Order))
    }

    /// What fails, where nothing is named that could have failed.
    fn failing(&self, meant: &Meant) -> Reading {
        let scoped = meant.has_scope() || meant.has_either();
        let state = self.is_question() && self.has(Sense::Work);
        let asked = self.asks_why() || self.fails() || state;
        if self.points_away(scoped) || meant.strays.len() > 2 {
            return Reading::Unread;
        }
        let quantified = self.has(Sense::What) || self.has(Sense::Any) || self.has(Sense::Many);
        let only = |allowed: &[Sense]| !self.words.is_empty() && self.words.iter().all(|one| one.any(allowed));
        let status_words = [
            Sense::Status,
            Sense::Polite,
            Sense::What,
            Sense::Aux,
            Sense::Article,
            Sense::Ask,
            Sense::Any,
            Sense::Glue,
        ];
        let status = self.has(Sense::Status) && only(&status_words);
        let why_alone = self.has(Sense::Why) && only(&[Sense::Why, Sense::Polite]);
        let happens = self.has(Sense::Happen) && self.asks_why();
        let whole = quantified && asked || happens || status || why_alone;
        let wanted = if scoped {
            asked || self.has(Sense::Status) || self.wants_a_look(meant) || self.is_bare(meant)
        } else {
            whole && !self.speaks()
        };
        if !wanted {
            return Reading::Unread;
        }
        let mut questions = if scoped { meant.failing() } else { vec![Question::Failing(Scope::default())] };
        questions.extend(meant.either());
        if status {
            let services = self.atoms.iter().filter(|one| one.roles.service && one.senses.has(Sense::Status));
            questions.extend(services.flat_map(|one| meant.why_typed(&one.text)));
        }
        questions.extend(meant.strays.iter().flat_map(|one| meant.why_typed(one)));
        choice(questions)
    }

    /// `why did it stop`, `is the service down`: about something that was named elsewhere.
    fn points_away(&self, scoped: bool) -> bool {
        if self.has(Sense::Any) {
            return false;
        }
        let after = |at: usize| self.words.get(at + 1).copied().unwrap_or_default();
        let pronoun = (0..self.words.len()).any(|at| {
            let demonstrative = matches!(self.low(at).as_str(), "this" | "that" | "these" | "those" | "one");
            let with_noun = after(at).any(&[Sense::Glue, Sense::Task, Sense::Service, Sense::Cluster])
                && !after(at).has(Sense::Aux);
            self.words[at].has(Sense::Pronoun) && !self.words[at].has(Sense::Any) && !(demonstrative && with_noun)
        });
        let one_thing = self.words.iter().any(|one| one.any(&[Sense::Task, Sense::Service]) && !one.has(Sense::Many));
        let is_subject = |at: usize| {
            let verb = |one: &Senses| one.any(&[Sense::Aux, Sense::Fail, Sense::Neg]);
            let before = at.checked_sub(1).and_then(|before| self.words.get(before));
            matches!(self.roles[at], Role::Cluster(_))
                && (verb(&after(at)) || before.is_some_and(|one| one.has(Sense::Aux)))
        };
        let scope_is_subject = (0..self.roles.len()).any(is_subject);
        pronoun && !scope_is_subject || one_thing && !scoped && !self.has(Sense::What)
    }

    /// `I broke something`.
    fn speaks(&self) -> bool {
        let first = self.content().next();
        first.is_some_and(|at| self.words[at].has(Sense::Speaker) && self.atoms[at].form == Form::Word)
            && !self.is_question()
    }
}

/// One is the question; of several, nobody but who asked knows which.
pub fn choice(mut questions: Vec<Question>) -> Reading {
    let mut seen = vec![];
    questions.retain(|one| {
        !seen.contains(one) && {
            seen.push(one.clone());
            true
        }
    });
    questions.truncate(5);
    match questions.len() {
        0 => Reading::Unread,
        1 => questions.pop().map_or(Reading::Unread, Reading::Clear),
        _ => Reading::Unclear(questions),
    }
}
