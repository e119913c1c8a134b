//! An account that answers from recorded evidence in an order of its own choice, and notes what it was asked.

use async_trait::async_trait;
use ecs_why_core::account::{Account, AccountError, EvidenceFile};
use ecs_why_core::evidence::{Answer, Evidence, Gap, GapReason, Question};
use ecs_why_core::model::Moment;
use std::future::Future;
use std::sync::Mutex;

/// See the module.
pub struct StandIn {
    evidence: Evidence,
    now: Moment,
    calls: u64,
    /// The state of a small generator; each request waits as many turns as it says.
    dice: Mutex<u64>,
    asked: Mutex<Vec<Question>>,
}

impl StandIn {
    /// Answers as a file does; `seed` chooses the order.
    pub fn new(file: &EvidenceFile, seed: u64) -> Self {
        StandIn {
            evidence: file.evidence(),
            now: file.now,
            calls: file.calls,
            dice: Mutex::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            asked: Mutex::default(),
        }
    }

    /// Everything that was asked, in order.
    pub fn asked(&self) -> Vec<Question> {
        self.asked.lock().expect("nobody panics with it").clone()
    }

    fn roll(&self, sides: u64) -> u64 {
        let mut dice = self.dice.lock().expect("nobody panics with it");
        // xorshift64
        *dice ^= *dice << 13;
        *dice ^= *dice >> 7;
        *dice ^= *dice << 17;
        *dice % sides
    }
}

#[async_trait]
impl Account for StandIn {
    async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(Question, Answer)>, AccountError> {
        self.asked.lock().expect("nobody panics with it").extend(questions.iter().cloned());
        for _ in 0..self.roll(40) {
            tokio::task::yield_now().await;
        }
        let mut answers: Vec<(Question, Answer)> = questions
            .into_iter()
            .map(|question| {
                let kept = self.evidence.get(&question).map(|kept| kept.answer.clone());
                let detail = "the evidence file does not hold it".to_owned();
                let answer = kept.unwrap_or(Answer::Gap(Gap { reason: GapReason::NotAsked, detail }));
                (question, answer)
            })
            .collect();
        for last in (1..answers.len()).rev() {
            let other = usize::try_from(self.roll(last as u64 + 1)).expect("it is below a length");
            answers.swap(last, other);
        }
        Ok(answers)
    }

    fn now(&self) -> Moment {
        self.now
    }

    fn calls(&self) -> u64 {
        self.calls
    }
}

/// Runs a future to its end on this thread.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(future)
}
