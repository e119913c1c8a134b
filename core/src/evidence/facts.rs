//! The view through which causes read the evidence: it notes what was read, and what has not been asked yet.

use super::kept::{Answer, Evidence, Gap, GapReason, Kept};
use super::question::{Known, Question};
use crate::model::{Moment, Unknown};
use indexmap::IndexSet;
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Known, known to be absent, or not known.
pub type Read<'e, T> = Result<Option<&'e T>, Unknown>;

/// The evidence, as causes see it.
pub struct Facts<'e> {
    evidence: &'e Evidence,
    moment: Option<Moment>,
    missing: RefCell<IndexSet<Question>>,
    read: RefCell<IndexSet<Question>>,
    lacks: RefCell<IndexSet<Lack>>,
    doubts: RefCell<IndexSet<Question>>,
    made: RefCell<HashMap<String, Made>>,
}

/// Something that was made from the evidence once, and what was read for it.
type Made = (Rc<dyn Any>, Reading);

/// Something that no question can ask for, and that a judgement needed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lack {
    /// The action that would have told, had it been asked in time.
    pub action: &'static str,
    /// Why it does not tell any more.
    pub reason: GapReason,
    /// In words.
    pub detail: String,
}

/// What was read within a scope.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Questions that were looked up, in order.
    pub questions: IndexSet<Question>,
    /// What nothing can tell.
    pub lacks: IndexSet<Lack>,
    /// Questions by which another witness could confirm or contradict what was judged; nobody has asked them yet.
    pub doubts: IndexSet<Question>,
}

impl<'e> Facts<'e> {
    /// A view of evidence.
    pub fn new(evidence: &'e Evidence) -> Self {
        Facts {
            evidence,
            moment: None,
            missing: RefCell::default(),
            read: RefCell::default(),
            lacks: RefCell::default(),
            doubts: RefCell::default(),
            made: RefCell::default(),
        }
    }

    /// The moment that is judged: when the task died. None means today.
    pub fn moment(&self) -> Option<Moment> {
        self.moment
    }

    /// Sets the moment that is judged.
    pub fn at(mut self, moment: Option<Moment>) -> Self {
        self.moment = moment;
        self
    }

    pub(super) fn look_up(&self, question: Question) -> Result<Option<&'e Kept>, Unknown> {
        let kept = self.evidence.get(&question);
        match kept {
            None => {
                self.missing.borrow_mut().insert(question.clone());
                self.read.borrow_mut().insert(question);
                Err(Unknown::new())
            }
            Some(Kept { answer: Answer::Gap(_), .. }) => {
                self.read.borrow_mut().insert(question);
                Err(Unknown::new())
            }
            Some(kept) => {
                self.read.borrow_mut().insert(question);
                Ok(Some(kept))
            }
        }
    }

    /// Notes that something cannot be known by any question, and gives the lack of it.
    pub fn lacks(&self, action: &'static str, reason: GapReason, detail: impl Into<String>) -> Unknown {
        self.lacks.borrow_mut().insert(Lack { action, reason, detail: detail.into() });
        Unknown::new()
    }

    /// Notes a question that would be a second witness. It is not asked by that: who weighs the judgement decides.
    pub fn doubt(&self, question: Question) {
        self.doubts.borrow_mut().insert(question);
    }

    /// Runs something and tells what it read.
    pub fn within<T>(&self, judge: impl FnOnce() -> T) -> (T, Reading) {
        let (before, lacked, doubted) = (self.read.take(), self.lacks.take(), self.doubts.take());
        let outcome = judge();
        let reading = Reading { questions: self.read.take(), lacks: self.lacks.take(), doubts: self.doubts.take() };
        let mut read = before;
        read.extend(reading.questions.iter().cloned());
        self.read.replace(read);
        let mut lacks = lacked;
        lacks.extend(reading.lacks.iter().cloned());
        self.lacks.replace(lacks);
        let mut doubts = doubted;
        doubts.extend(reading.doubts.iter().cloned());
        self.doubts.replace(doubts);
        (outcome, reading)
    }

    /// Makes something from the evidence the first time that it is asked for by this name, and counts its reading each time.
    ///
    /// One walk asks a dozen causes about the same path and the same role: the evidence does not change within it.
    pub fn once<T: 'static>(&self, name: String, make: impl FnOnce() -> T) -> Rc<T> {
        let known = self.made.borrow().get(&name).cloned();
        if let Some((value, reading)) = known
            && let Ok(value) = value.downcast::<T>()
        {
            self.read.borrow_mut().extend(reading.questions);
            self.lacks.borrow_mut().extend(reading.lacks);
            self.doubts.borrow_mut().extend(reading.doubts);
            return value;
        }
        let (value, reading) = self.within(make);
        let value = Rc::new(value);
        self.made.borrow_mut().insert(name, (value.clone(), reading));
        value
    }

    /// Questions that were looked up and have no answer yet, in the order in which they were met.
    pub fn missing(&self) -> Vec<Question> {
        self.missing.borrow().iter().cloned().collect()
    }

    /// All that was read so far.
    pub fn reading(&self) -> Reading {
        Reading {
            questions: self.read.borrow().clone(),
            lacks: self.lacks.borrow().clone(),
            doubts: self.doubts.borrow().clone(),
        }
    }

    /// The answer to a question, for the report; it counts as read by nobody.
    pub fn kept(&self, question: &Question) -> Option<&'e Kept> {
        self.evidence.get(question)
    }

    /// The first of all known answers in which something is found, for the report; it counts as read by nobody.
    pub fn anywhere<T: Default>(&self, find: impl Fn(&Known) -> Option<T>) -> T {
        let known = self.evidence.iter().filter_map(|(_, kept)| match &kept.answer {
            Answer::Known(known) => Some(known),
            _ => None,
        });
        known.into_iter().find_map(find).unwrap_or_default()
    }

    /// The gap that answers a question, if one does.
    pub fn gap(&self, question: &Question) -> Option<&'e Gap> {
        match self.evidence.get(question).map(|kept| &kept.answer) {
            Some(Answer::Gap(gap)) => Some(gap),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ecs::Identity;

    fn evidence(answer: Answer) -> Evidence {
        let mut evidence = Evidence::new();
        evidence.keep(Question::Identity {}, Kept { answer, at: Moment::UNIX_EPOCH });
        evidence
    }

    #[test]
    fn what_was_not_asked_is_missing_and_unknown() {
        let evidence = Evidence::new();
        let facts = Facts::new(&evidence);
        assert!(facts.identity().is_err());
        assert_eq!(facts.missing(), [Question::Identity {}]);
    }

    #[test]
    fn a_gap_is_unknown_and_not_missing() {
        let evidence = evidence(Answer::Gap(Gap { reason: GapReason::Denied, detail: String::new() }));
        let facts = Facts::new(&evidence);
        assert!(facts.identity().is_err());
        assert_eq!(facts.missing(), []);
    }

    #[test]
    fn absent_is_an_answer() {
        let evidence = evidence(Answer::Absent);
        assert_eq!(Facts::new(&evidence).identity(), Ok(None));
    }

    #[test]
    fn a_second_witness_is_noted_within_a_scope_and_not_asked() {
        let evidence = Evidence::new();
        let facts = Facts::new(&evidence);
        let ((), reading) = facts.within(|| facts.doubt(Question::Identity {}));
        assert!(reading.doubts.contains(&Question::Identity {}) && reading.questions.is_empty());
        assert!(facts.reading().doubts.contains(&Question::Identity {}));
        assert_eq!(facts.missing(), []);
    }

    #[test]
    fn what_is_read_within_a_scope_is_told_and_not_lost() {
        let me = Identity { account: "1".into(), arn: "a".into() };
        let evidence = evidence(Answer::Known(Known::Identity(me.clone())));
        let facts = Facts::new(&evidence);
        let (found, reading) = facts.within(|| facts.identity());
        assert_eq!(found, Ok(Some(&me)));
        assert!(reading.questions.contains(&Question::Identity {}));
        assert!(facts.reading().questions.contains(&Question::Identity {}));
    }
}
