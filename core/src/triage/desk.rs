//! Many diagnoses over one account: every question is asked once, and only who got its answers walks again.

use crate::account::{Account, AccountError};
use crate::diagnosis::{Wish, batches, is_final, thrifty_batches, walk_once};
use crate::error::Error;
use crate::evidence::{Answer, Evidence, Gap, GapReason, Kept, Question};
use crate::model::Moment;
use crate::report::Report;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use indexmap::IndexSet;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::future::Future;
use std::sync::Arc;

type Answers = Result<Vec<(Question, Answer)>, AccountError>;

/// See the module.
pub struct Desk {
    account: Arc<dyn Account>,
    region: String,
    now: Moment,
    began: u64,
    known: HashMap<Question, Arc<Kept>>,
    asked: HashSet<Question>,
    waiting: HashMap<Question, Vec<usize>>,
    cases: Vec<Open>,
    out: FuturesUnordered<BoxFuture<'static, Answers>>,
}

/// Told when a diagnosis is done.
pub struct Done<'d> {
    /// Its number.
    pub index: usize,
    /// Its report, if there is one.
    pub report: Option<&'d Report>,
    /// How many are done.
    pub finished: usize,
    /// Of how many.
    pub all: usize,
}

/// A diagnosis that is on its way, or done.
struct Open {
    wish: Wish,
    /// What it has read so far; given back when it is done.
    evidence: Evidence,
    /// How many answers it waits for. It walks again with all of them: one diagnosis alone would not wait for the slowest, but
    /// of many, others use the time.
    waits: usize,
    rounds: u64,
    done: Option<Result<Report, Error>>,
}

impl Desk {
    /// A desk at which nothing is asked yet.
    pub fn new(account: Arc<dyn Account>, region: &str) -> Self {
        let (now, began) = (account.now(), account.calls());
        Desk {
            account,
            region: region.to_owned(),
            now,
            began,
            known: HashMap::new(),
            asked: HashSet::new(),
            waiting: HashMap::new(),
            cases: vec![],
            out: FuturesUnordered::new(),
        }
    }

    /// How many requests were made since.
    pub fn calls(&self) -> u64 {
        self.account.calls().saturating_sub(self.began)
    }

    /// Milliseconds since.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.account.now().as_millisecond() - self.now.as_millisecond()).unwrap_or_default()
    }

    /// Keeps an answer that was got elsewhere: nobody has to ask for it.
    pub fn know(&mut self, question: Question, answer: Answer) {
        let at = self.account.now();
        self.known.entry(question).or_insert_with(|| Arc::new(Kept { answer, at }));
    }

    /// Drops an answer that nobody will need again: there may be many of its kind.
    pub fn forget(&mut self, question: &Question) {
        self.known.remove(question);
    }

    /// An answer that is known.
    pub fn known(&self, question: &Question) -> Option<&Answer> {
        self.known.get(question).map(|kept| &kept.answer)
    }

    /// Asks, and waits for the answers, which are known from then on; those that are known already are not asked for.
    ///
    /// # Errors
    /// When nothing can be asked at all.
    pub async fn ask(&mut self, questions: Vec<Question>) -> Result<(), AccountError> {
        let new = questions.into_iter().filter(|one| !self.known.contains_key(one)).collect();
        let mut out: FuturesUnordered<_> = batches(new).into_iter().map(|batch| self.account.ask(batch)).collect();
        let mut told = vec![];
        while let Some(answers) = out.next().await {
            told.extend(answers?);
        }
        drop(out);
        told.into_iter().for_each(|(question, answer)| self.know(question, answer));
        Ok(())
    }

    /// Takes a diagnosis on; its number.
    pub fn open(&mut self, wish: Wish) -> usize {
        self.cases.push(Open { wish, evidence: Evidence::new(), waits: 0, rounds: 0, done: None });
        self.cases.len() - 1
    }

    /// Walks until every diagnosis is done, or until somebody has had enough: then what could not be read in time is a gap.
    ///
    /// # Errors
    /// When nothing can be asked any more; what is done by then stays done, and the rest has gaps.
    pub async fn settle<F>(&mut self, enough: &mut F, mut done: impl FnMut(Done<'_>)) -> Result<bool, AccountError>
    where
        F: Future<Output = ()> + Unpin,
    {
        let mut ready: BTreeSet<usize> = (0..self.cases.len()).collect();
        let (mut finished, all) = (0, ready.len());
        let mut held = vec![];
        let whole = loop {
            let mut new = vec![];
            for index in std::mem::take(&mut ready) {
                new.extend(self.walk(index));
                if let Some(outcome) = self.cases.get(index).and_then(|case| case.done.as_ref()) {
                    finished += 1;
                    done(Done { index, report: outcome.as_ref().ok(), finished, all });
                }
            }
            // What goes together is held back until nothing else is out: then it goes with more of its kind.
            let together = |question: &Question| question.group().is_some() || question.listing().is_some();
            let (hold, mut go): (Vec<_>, Vec<_>) = new.into_iter().partition(together);
            held.extend(hold);
            if self.out.is_empty() && go.is_empty() {
                go.append(&mut held);
            }
            for batch in thrifty_batches(go) {
                let account = Arc::clone(&self.account);
                self.out.push(async move { account.ask(batch).await }.boxed());
            }
            if self.out.is_empty() {
                break Ok(true);
            }
            let answers = match select(self.out.next(), &mut *enough).await {
                Either::Left((answers, _)) => answers,
                Either::Right(_) => break Ok(false),
            };
            let mut told = answers;
            let stopped = loop {
                match told {
                    Some(Ok(answers)) => self.answer(answers, &mut ready),
                    Some(Err(error)) => break Some(error),
                    None => break None,
                }
                match self.out.next().now_or_never() {
                    Some(more) => told = more,
                    None => break None,
                }
            };
            if let Some(error) = stopped {
                break Err(error);
            }
        };
        self.out = FuturesUnordered::new();
        self.close();
        whole
    }

    /// The reports, in the order in which the diagnoses were taken on. Those that are still open are none.
    pub fn reports(&mut self) -> Vec<Option<Result<Report, Error>>> {
        // What many share has no price for one.
        let priced = |mut report: Report, rounds: u64| {
            report.cost = crate::report::Cost { rounds, ..crate::report::Cost::default() };
            report
        };
        let cases = std::mem::take(&mut self.cases);
        cases.into_iter().map(|one| Some(one.done?.map(|report| priced(report, one.rounds)))).collect()
    }

    /// Walks with all that is known, and tells what nobody has asked yet.
    fn walk(&mut self, index: usize) -> Vec<Question> {
        let Some(case) = self.cases.get_mut(index).filter(|case| case.done.is_none()) else { return vec![] };
        loop {
            let walked = walk_once(&case.wish, &self.region, self.now, &case.evidence);
            let mut further = false;
            for question in &walked.missing {
                if let Some(kept) = self.known.get(question) {
                    case.evidence.keep(question.clone(), Arc::clone(kept));
                    further = true;
                }
            }
            if further {
                continue;
            }
            let hopeless = matches!(&walked.outcome, Err(error) if is_final(error));
            if walked.missing.is_empty() || hopeless {
                case.done = Some(walked.outcome);
                case.evidence = Evidence::new();
                return vec![];
            }
            case.rounds += 1;
            let missing: IndexSet<Question> = walked.missing.into_iter().collect();
            case.waits = missing.len();
            let mut new = vec![];
            for question in missing {
                self.waiting.entry(question.clone()).or_default().push(index);
                if self.asked.insert(question.clone()) {
                    new.push(question);
                }
            }
            return new;
        }
    }

    fn answer(&mut self, answers: Vec<(Question, Answer)>, ready: &mut BTreeSet<usize>) {
        for (question, answer) in answers {
            for index in self.waiting.remove(&question).unwrap_or_default() {
                let Some(case) = self.cases.get_mut(index) else { continue };
                case.waits = case.waits.saturating_sub(1);
                if case.waits == 0 {
                    ready.insert(index);
                }
            }
            self.know(question, answer);
        }
    }

    /// Ends what is still open with what is known.
    pub fn close(&mut self) {
        let not_asked = || Gap { reason: GapReason::NotAsked, detail: "it was interrupted before".to_owned() };
        for case in self.cases.iter_mut().filter(|case| case.done.is_none()) {
            loop {
                let walked = walk_once(&case.wish, &self.region, self.now, &case.evidence);
                if walked.missing.is_empty() {
                    case.done = Some(walked.outcome);
                    case.evidence = Evidence::new();
                    break;
                }
                for question in walked.missing {
                    let known = self.known.get(&question).map(Arc::clone);
                    let gap = || Arc::new(Kept { answer: Answer::Gap(not_asked()), at: self.now });
                    case.evidence.keep(question, known.unwrap_or_else(gap));
                }
            }
        }
    }
}
