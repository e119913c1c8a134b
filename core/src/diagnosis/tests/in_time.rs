//! A diagnosis within a time: what is still out when it is over is a gap, and nothing that was not read is claimed.

use crate::account::{Account, AccountError, EvidenceFile, Recorded};
use crate::diagnosis::{Diagnosis, Engine, Silent, Wish, replay};
use crate::error::Error;
use crate::evidence::{Answer, GapReason, Question};
use crate::model::Moment;
use crate::report::Status;
use async_trait::async_trait;
use futures_util::FutureExt as _;
use std::future::{pending, ready};
use std::path::Path;
use std::sync::Arc;

/// An account that never answers what is asked of some services.
struct Slow {
    recorded: Recorded,
    silent: &'static [&'static str],
}

#[async_trait]
impl Account for Slow {
    async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(Question, Answer)>, AccountError> {
        let is_silent = |one: &Question| self.silent.iter().any(|service| one.source().action().starts_with(service));
        if questions.iter().any(is_silent) {
            return pending().await;
        }
        self.recorded.ask(questions).await
    }

    fn now(&self) -> Moment {
        self.recorded.now()
    }

    fn calls(&self) -> u64 {
        0
    }
}

fn recorded() -> EvidenceFile {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
    let text = std::fs::read_to_string(root.join("image-tag-not-found/image-tag-missing/account.json"));
    EvidenceFile::parse(&text.expect("it is there")).expect("it was recorded")
}

fn told(silent: &'static [&'static str]) -> Result<Diagnosis, Error> {
    let file = recorded();
    let account = Slow { recorded: Recorded::new(&file), silent };
    let engine = Engine::new(Arc::new(account), file.region.clone());
    let wish = Wish::of_file(&file);
    engine.diagnose_until(&wish, &Silent, ready(())).now_or_never().expect("it ends with its time")
}

#[test]
fn what_is_still_out_is_a_gap_and_nothing_is_confirmed_by_it() {
    let told = told(&["ecr:"]).expect("the task was read");
    assert!(!told.complete);
    let gap = told.report.gaps.iter().find(|gap| gap.action.starts_with("ecr:")).expect("it is a gap");
    assert_eq!(gap.reason, GapReason::Unreachable);
    let first = told.report.causes.first().expect("the stop tells something");
    assert_ne!(first.status, Status::RuledOut);
    // The same evidence gives the same report: what was given up is part of it.
    let again = replay(&told.evidence).expect("it gave one");
    assert_eq!(again.causes, told.report.causes);
}

#[test]
fn who_is_in_time_gets_the_whole_answer() {
    let told = told(&[]).expect("all was read");
    assert!(told.complete);
    assert_eq!(told.report.causes, replay(&recorded()).expect("it gave one").causes);
}

#[test]
fn without_the_task_there_is_nothing_to_say() {
    let error = told(&["ecs:DescribeTasks"]).err().expect("nothing is known");
    assert!(matches!(error, Error::NoAnswer { .. }), "{error}");
}
