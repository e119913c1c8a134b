//! Earlier reports, each under an id that cannot be guessed: of their caller alone, and only so many, so much and for so long.

use crate::caller::Caller;
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::report::Report;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many reports are kept of all callers.
const MOST: usize = 500;
/// How many of one caller, so that none pushes out the others'.
const MOST_OF_ONE: usize = 50;
/// How many bytes all of them have.
const BYTES: usize = 64 << 20;
/// For how long.
const AGE: Duration = Duration::from_secs(3600);

/// A report that was made.
#[derive(Debug)]
pub struct Kept {
    /// `r-` and 32 random hexadecimal digits.
    pub id: String,
    /// What it is the answer to.
    pub asked: String,
    /// The report.
    pub report: Report,
    /// What it was made from, where the account was asked.
    pub evidence: Option<EvidenceFile>,
    /// Everything was answered in time.
    pub complete: bool,
    caller: Caller,
    made: Instant,
    bytes: usize,
}

impl Kept {
    /// How old it is.
    pub fn age(&self) -> Duration {
        self.made.elapsed()
    }
}

/// What is to be kept.
pub struct New {
    /// What it is the answer to.
    pub asked: String,
    /// The report.
    pub report: Report,
    /// What it was made from.
    pub evidence: Option<EvidenceFile>,
    /// Everything was answered in time.
    pub complete: bool,
}

/// All that is kept, the oldest first.
#[derive(Debug, Default)]
pub struct Store(Mutex<VecDeque<Arc<Kept>>>);

impl Store {
    fn kept(&self) -> MutexGuard<'_, VecDeque<Arc<Kept>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a report for its caller.
    pub fn keep(&self, caller: &Caller, new: New) -> Arc<Kept> {
        let bytes = weight(&new.report) + new.evidence.as_ref().map_or(0, weight);
        let kept = Arc::new(Kept {
            id: format!("r-{}", uuid::Uuid::new_v4().simple()),
            asked: new.asked,
            report: new.report,
            evidence: new.evidence,
            complete: new.complete,
            caller: caller.clone(),
            made: Instant::now(),
            bytes,
        });
        let mut all = self.kept();
        all.push_back(Arc::clone(&kept));
        tidy(&mut all, caller);
        kept
    }

    /// A report of this caller. Of nobody's, the id is all that there is to show.
    pub fn get(&self, caller: &Caller, id: &str) -> Option<Arc<Kept>> {
        let mut all = self.kept();
        tidy(&mut all, caller);
        all.iter().find(|kept| kept.id == id && (kept.caller == *caller || kept.caller == Caller::Nobody)).cloned()
    }

    /// The caller's newest answer to this, if it is not older.
    pub fn newest(&self, caller: &Caller, asked: &str, age: Duration) -> Option<Arc<Kept>> {
        let all = self.kept();
        let found = all.iter().rev().find(|kept| kept.caller == *caller && kept.asked == asked);
        found.filter(|kept| *caller != Caller::Nobody && kept.complete && kept.age() <= age).cloned()
    }

    /// The caller's reports, the newest first.
    pub fn of(&self, caller: &Caller) -> Vec<Arc<Kept>> {
        if *caller == Caller::Nobody {
            return vec![];
        }
        let mut all = self.kept();
        tidy(&mut all, caller);
        all.iter().rev().filter(|kept| kept.caller == *caller).cloned().collect()
    }

    /// A session has ended: nobody can ask for its reports any more.
    pub fn forget(&self, caller: &Caller) {
        self.kept().retain(|kept| kept.caller != *caller);
    }
}

fn weight(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |bytes| bytes.len())
}

/// The oldest go first.
fn tidy(all: &mut VecDeque<Arc<Kept>>, caller: &Caller) {
    all.retain(|kept| kept.age() < AGE);
    let mut of_one = all.iter().filter(|kept| kept.caller == *caller).count();
    all.retain(|kept| {
        let one_too_many = kept.caller == *caller && *caller != Caller::Nobody && of_one > MOST_OF_ONE;
        of_one -= usize::from(one_too_many);
        !one_too_many
    });
    let mut bytes: usize = all.iter().map(|kept| kept.bytes).sum();
    while all.len() > MOST || bytes > BYTES {
        let Some(oldest) = all.pop_front() else { break };
        bytes -= oldest.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs_why_core::{diagnosis, symptom};

    fn new(asked: &str) -> New {
        let report = diagnosis::explain(&symptom::parse_pasted("OutOfMemoryError: Container killed").expect("a text"));
        New { asked: asked.to_owned(), report, evidence: None, complete: true }
    }

    fn somebody() -> Caller {
        Caller::Session(uuid::Uuid::new_v4())
    }

    #[test]
    fn a_report_is_its_callers_alone() {
        let (store, one, other) = (Store::default(), somebody(), somebody());
        let kept = store.keep(&one, new("a"));
        assert!(store.get(&one, &kept.id).is_some());
        assert!(store.get(&other, &kept.id).is_none() && store.get(&Caller::Nobody, &kept.id).is_none());
        assert_eq!((store.of(&one).len(), store.of(&other).len()), (1, 0));
        store.forget(&one);
        assert!(store.get(&one, &kept.id).is_none());
    }

    #[test]
    fn nobodys_report_is_for_who_knows_its_id_and_is_in_no_list() {
        let store = Store::default();
        let kept = store.keep(&Caller::Nobody, new("a"));
        assert!(store.get(&Caller::Nobody, &kept.id).is_some());
        assert!(store.of(&Caller::Nobody).is_empty());
        assert!(store.newest(&Caller::Nobody, "a", AGE).is_none());
    }

    #[test]
    fn ids_differ_and_are_long() {
        let (store, one) = (Store::default(), somebody());
        let (a, b) = (store.keep(&one, new("a")), store.keep(&one, new("a")));
        assert_ne!(a.id, b.id);
        assert_eq!(a.id.len(), 34);
    }

    #[test]
    fn the_oldest_of_one_caller_go_and_the_others_stay() {
        let (store, one, other) = (Store::default(), somebody(), somebody());
        let others = store.keep(&other, new("a"));
        let first = store.keep(&one, new("a"));
        for _ in 0..MOST_OF_ONE {
            store.keep(&one, new("a"));
        }
        assert_eq!(store.of(&one).len(), MOST_OF_ONE);
        assert!(store.get(&one, &first.id).is_none());
        assert!(store.get(&other, &others.id).is_some());
    }

    #[test]
    fn a_flood_of_requests_without_a_caller_is_bounded() {
        let store = Store::default();
        for _ in 0..MOST + 20 {
            store.keep(&Caller::Nobody, new("a"));
        }
        assert_eq!(store.kept().len(), MOST);
    }

    #[test]
    fn what_is_not_complete_is_not_taken_for_the_answer_again() {
        let (store, one) = (Store::default(), somebody());
        store.keep(&one, New { complete: false, ..new("a") });
        assert!(store.newest(&one, "a", AGE).is_none());
        let whole = store.keep(&one, new("a"));
        assert_eq!(store.newest(&one, "a", AGE).map(|kept| kept.id.clone()), Some(whole.id.clone()));
        assert!(store.newest(&one, "b", AGE).is_none());
        assert!(store.newest(&one, "a", Duration::ZERO).is_none());
    }
}
