//! What is said and is no question to this program: orders, news, what is over, questions of other kinds, and what is not meant.

use super::intent::Intent;
use super::role::Role;
use super::vocabulary::Sense;

impl Intent<'_> {
    /// What is said is no question to this program: an order, what somebody does, what is over, a question of another kind.
    pub fn refuses(&self) -> bool {
        let why = self.asks_why();
        let other = self.has(Sense::Other) && !self.has(Sense::Why) && !self.fails();
        other
            || !self.has(Sense::Why) && self.orders()
            || !self.is_question() && self.does()
            || self.over() && !why && !self.asks
    }

    /// `restart x`, `can you stop x`.
    pub(super) fn orders(&self) -> bool {
        let before =
            [Sense::Polite, Sense::You, Sense::Thanks, Sense::Aux, Sense::Speaker, Sense::Glue, Sense::Of, Sense::And];
        let first = (0..self.words.len()).find(|at| self.words[*at].has(Sense::Order) || !self.words[*at].any(&before));
        let Some(at) = first.filter(|at| self.words[*at].has(Sense::Order)) else { return false };
        let next = self.words.get(at + 1).copied().unwrap_or_default();
        // `restart loop in x`, `deploy failed`.
        let names_it = next.any(&[Sense::Fail, Sense::Neg, Sense::Aux, Sense::Happen]) && self.low(at + 1) != "up";
        !names_it && self.words.len() > 1
            || !names_it && self.atoms[at].senses.has(Sense::Order) && self.low(at) != "stop"
    }

    /// `deploying x now`, `we are restarting x`.
    fn does(&self) -> bool {
        let before = [Sense::Polite, Sense::Thanks, Sense::Speaker, Sense::Aux, Sense::Glue, Sense::And];
        let first = (0..self.words.len()).find(|at| self.words[*at].has(Sense::Doing) || !self.words[*at].any(&before));
        first.is_some_and(|at| {
            let spoken = self.words.iter().take(at).any(|one| one.has(Sense::Speaker));
            self.words[at].has(Sense::Doing) && (spoken || self.content().next() == Some(at))
        })
    }

    /// It is fixed, or back.
    pub(super) fn over(&self) -> bool {
        let back = |at: usize| {
            let after = self.words.get(at + 1).copied().unwrap_or_default();
            let ends = self.atoms.get(at + 1).is_none_or(|one| one.breaks);
            self.low(at) == "back" && (ends || after.has(Sense::Work))
        };
        self.has(Sense::Done) || (0..self.words.len()).any(back)
    }

    /// `all but x`, `not in x`: what is named is not meant.
    pub(super) fn excludes(&self) -> bool {
        let joining = [Sense::In, Sense::Of, Sense::Article, Sense::And];
        (0..self.words.len()).any(|at| {
            let mut next = (at + 1..self.words.len()).skip_while(|next| self.words[*next].any(&joining));
            let name =
                next.next().is_some_and(|next| !matches!(self.roles[next], Role::Word | Role::Noise | Role::Stray));
            let all_but = self.low(at) == "but" && self.has(Sense::Any) && !self.has(Sense::Neg);
            name && (self.words[at].has(Sense::Except) || matches!(self.low(at).as_str(), "not" | "than") || all_but)
        })
    }
}
