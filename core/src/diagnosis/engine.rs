//! The walk-and-ask loop: walk, ask what is missing, walk again as answers come, until a walk asks nothing new.

use super::Wish;
use super::assemble::{Assembled, assemble};
use super::forgotten;
use super::resolve::{Halt, resolve};
use crate::account::{Account, AccountError, EVIDENCE_VERSION, Entry, EvidenceFile};
use crate::error::Error;
use crate::evidence::{Answer, Evidence, Facts, Gap, GapReason, Kept, Known, Question};
use crate::model::Moment;
use crate::report::Report;
use crate::target::{GIVEN, Target};
use futures_util::future::{self, Either};
use futures_util::stream::{FuturesUnordered, StreamExt};
use indexmap::IndexMap;
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

/// Told while questions are out, for a status line.
pub trait Progress: Send + Sync {
    /// How many questions were asked, how many of them are answered, and what is being read.
    fn asked(&self, asked: usize, answered: usize, reading: &str);
}

/// Nobody watches.
pub struct Silent;

impl Progress for Silent {
    fn asked(&self, _asked: usize, _answered: usize, _reading: &str) {}
}

/// A report with the evidence that it was made from.
pub struct Diagnosis {
    /// The report.
    pub report: Report,
    /// The evidence, ready to be saved.
    pub evidence: EvidenceFile,
    /// Every question was answered: nothing was given up because the time was over.
    pub complete: bool,
}

/// Answers why, over one account in one region.
pub struct Engine {
    pub(crate) account: Arc<dyn Account>,
    pub(crate) region: String,
}

/// One walk over what is known so far.
pub(crate) struct Walked {
    /// What has no answer yet.
    pub missing: Vec<Question>,
    /// The causes are judged: only fixes and proofs may still want to know something.
    pub judged: bool,
    /// Fixes that do not remove their cause in the walk.
    pub useless: Vec<String>,
    /// The report that counts once nothing is missing.
    pub outcome: Result<Report, Error>,
}

/// Walks once: pure, and the same for the same evidence.
pub(crate) fn walk_once(wish: &Wish, region: &str, now: Moment, evidence: &Evidence) -> Walked {
    let facts = Facts::new(evidence);
    match resolve(wish, region, now, &facts) {
        Ok(case) => {
            let facts = facts.at(case.moment());
            let assembled = assemble(&case, &facts, evidence, wish);
            let Assembled { report, missing, judged, useless } = assembled;
            Walked { missing, judged, useless, outcome: Ok(report) }
        }
        Err(Halt::Forgotten(gone)) => {
            let report = forgotten::report(&gone, &facts, evidence);
            Walked { missing: vec![], judged: true, useless: vec![], outcome: Ok(report) }
        }
        Err(Halt::Error(error)) => Walked { missing: vec![], judged: true, useless: vec![], outcome: Err(error) },
        Err(Halt::Unknown) => {
            let error = nothing_to_say(&facts, evidence);
            Walked { missing: facts.missing(), judged: false, useless: vec![], outcome: Err(error) }
        }
    }
}

/// What everything depends on could not be read.
fn nothing_to_say(facts: &Facts<'_>, evidence: &Evidence) -> Error {
    let read = facts.reading();
    let needed = read.questions.iter().filter(|question| !question.source().looks_for_a_record());
    let gap = needed.into_iter().find_map(|question| match evidence.get(question).map(|kept| &kept.answer) {
        Some(Answer::Gap(gap)) => Some((question.source().action().to_owned(), gap)),
        _ => None,
    });
    match gap {
        Some((action, Gap { reason: GapReason::Denied, detail })) => Error::Denied { action, detail: detail.clone() },
        Some((action, gap)) => Error::NoAnswer { action, detail: gap.detail.clone() },
        None => Error::NoAnswer { action: "sts:GetCallerIdentity".to_owned(), detail: "no answer was kept".to_owned() },
    }
}

impl Engine {
    /// An engine over an account.
    pub fn new(account: Arc<dyn Account>, region: impl Into<String>) -> Self {
        Engine { account, region: region.into() }
    }

    /// Why the target failed, or (for a check) whether it would start.
    ///
    /// # Errors
    /// When no report is possible; what could merely not be read is a gap in the report.
    pub async fn diagnose(&self, wish: &Wish, progress: &dyn Progress) -> Result<Diagnosis, Error> {
        self.diagnose_until(wish, progress, std::future::pending()).await
    }

    /// The same within a time: when `enough` ends before all is answered, what is still out is a gap of the report.
    ///
    /// # Errors
    /// As [`Engine::diagnose`]; also when what everything depends on is still out by then.
    pub async fn diagnose_until(
        &self,
        wish: &Wish,
        progress: &dyn Progress,
        enough: impl Future<Output = ()>,
    ) -> Result<Diagnosis, Error> {
        let mut enough = Box::pin(enough);
        let mut complete = true;
        let now = self.account.now();
        let mut evidence = given(wish, now);
        let mut asked: HashSet<Question> = HashSet::new();
        let mut out = FuturesUnordered::new();
        let outcome = loop {
            let walked = walk_once(wish, &self.region, now, &evidence);
            let new: Vec<Question> = walked.missing.into_iter().filter(|one| asked.insert(one.clone())).collect();
            if let Some(first) = new.first() {
                progress.asked(asked.len(), evidence.len(), first.source().action());
            }
            for batch in batches(new) {
                let account = Arc::clone(&self.account);
                out.push(async move { account.ask(batch).await });
            }
            // Whatever is wrong with the target, nobody has to wait for the rest.
            let hopeless = matches!(walked.outcome, Err(ref error) if is_final(error));
            if hopeless || out.is_empty() {
                break walked.outcome;
            }
            // Answers that are there already are taken together: a walk for each would ask the same in smaller batches.
            let answers = match future::select(out.next(), &mut enough).await {
                Either::Left((Some(answers), _)) => answers,
                Either::Left((None, _)) => continue,
                Either::Right(_) => {
                    complete = false;
                    break self.given_up(wish, now, &mut evidence);
                }
            };
            self.keep(&mut evidence, answers?);
            while let Some(Some(answers)) = futures_util::FutureExt::now_or_never(out.next()) {
                self.keep(&mut evidence, answers?);
            }
            progress.asked(asked.len(), evidence.len(), "");
        };
        let end = self.account.now();
        let file = EvidenceFile {
            ecs_why_evidence: EVIDENCE_VERSION,
            target: wish.target.clone(),
            check: wish.check,
            logs: wish.logs,
            rules: wish.rules.clone(),
            region: self.region.clone(),
            now,
            calls: self.account.calls(),
            elapsed_ms: u64::try_from(end.as_millisecond() - now.as_millisecond()).unwrap_or_default(),
            answers: Entry::all(&evidence),
        };
        let report = priced(outcome?, &file, wish);
        Ok(Diagnosis { report, evidence: file, complete })
    }

    /// What can be said without what is still out.
    fn given_up(&self, wish: &Wish, now: Moment, evidence: &mut Evidence) -> Result<Report, Error> {
        let at = self.account.now();
        loop {
            let walked = walk_once(wish, &self.region, now, evidence);
            if walked.missing.is_empty() {
                return walked.outcome;
            }
            for question in walked.missing {
                let detail = "there was no answer in the time that was given".to_owned();
                evidence
                    .keep(question, Kept { answer: Answer::Gap(Gap { reason: GapReason::Unreachable, detail }), at });
            }
        }
    }

    fn keep(&self, evidence: &mut Evidence, answers: Vec<(Question, Answer)>) {
        let at = self.account.now();
        for (question, answer) in answers {
            evidence.keep(question, Kept { answer, at });
        }
    }
}

/// What is known before anything is asked: a task definition that was given.
fn given(wish: &Wish, now: Moment) -> Evidence {
    let mut evidence = Evidence::new();
    if let (Some(given), Target::Definition { definition, .. }) = (&wish.given, &wish.target) {
        let question = Question::TaskDefinition { definition: definition.clone() };
        evidence.keep(question, Kept { answer: Answer::Known(Known::TaskDefinition(given.clone())), at: now });
    }
    evidence
}

/// A question about a definition that AWS does not know.
fn is_given(question: &Question) -> bool {
    matches!(question, Question::TaskDefinition { definition } if definition.starts_with(GIVEN))
}

/// An error that no further answer can take back.
pub(crate) fn is_final(error: &Error) -> bool {
    !matches!(error, Error::Denied { .. } | Error::NoAnswer { .. } | Error::Account(AccountError::Unreachable(_)))
}

/// Questions that go together in one request, in the order in which they were met.
pub(crate) fn batches(questions: Vec<Question>) -> Vec<Vec<Question>> {
    let mut groups: IndexMap<String, Vec<Question>> = IndexMap::new();
    let mut alone = vec![];
    for question in questions {
        match question.group() {
            Some(group) => groups.entry(group).or_default().push(question),
            None => alone.push(vec![question]),
        }
    }
    for group in groups.into_values() {
        let most = group.first().map_or(1, Question::most_together);
        alone.extend(group.chunks(most).map(<[Question]>::to_vec));
    }
    alone
}

/// The same, with what one list answers together, too.
pub(crate) fn thrifty_batches(questions: Vec<Question>) -> Vec<Vec<Question>> {
    let mut lists: IndexMap<String, Vec<Question>> = IndexMap::new();
    let mut others = vec![];
    for question in questions {
        match question.listing() {
            Some(list) => lists.entry(list).or_default().push(question),
            None => others.push(question),
        }
    }
    let mut all = batches(others);
    for list in lists.into_values() {
        let most = list.first().map_or(1, Question::most_together);
        all.extend(list.chunks(most).map(<[Question]>::to_vec));
    }
    all
}

/// The report with what it cost: the same from the account and from its evidence file.
fn priced(mut report: Report, file: &EvidenceFile, wish: &Wish) -> Report {
    report.cost.calls = file.calls;
    report.cost.elapsed_ms = file.elapsed_ms;
    report.cost.rounds = audited(file, wish).rounds;
    report
}

/// What a diagnosis was worth, for tests and figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// The longest chain of questions until every cause was judged.
    pub rounds_to_verdict: u64,
    /// The same until every fix was proved.
    pub rounds: u64,
    /// Fixes that do not remove their cause in the walk: each is a bug of ours.
    pub useless_fixes: Vec<String>,
}

/// How many rounds a diagnosis took, and whether its fixes are any.
pub fn audit(file: &EvidenceFile) -> Audit {
    audited(file, &Wish::of_file(file))
}

/// The longest chain of questions, found by asking the evidence as one would ask an account that answers all at once.
fn audited(file: &EvidenceFile, wish: &Wish) -> Audit {
    let whole = file.evidence();
    let mut known = Evidence::new();
    // What was given was never asked for.
    for (question, kept) in whole.iter().filter(|(question, _)| is_given(question)) {
        known.keep(question.clone(), kept.clone());
    }
    let mut audit = Audit::default();
    loop {
        let walked = walk_once(wish, &file.region, file.now, &known);
        let mut more = false;
        for question in walked.missing {
            if let Some(kept) = whole.get(&question).filter(|_| known.get(&question).is_none()) {
                known.keep(question, kept.clone());
                more = true;
            }
        }
        if !more {
            audit.useless_fixes = walked.useless;
            return audit;
        }
        audit.rounds += 1;
        if !walked.judged {
            audit.rounds_to_verdict += 1;
        }
    }
}

/// The report that an evidence file gives: the identical one.
///
/// # Errors
/// As the diagnosis that made the file.
pub fn replay(file: &EvidenceFile) -> Result<Report, Error> {
    let wish = Wish::of_file(file);
    let mut evidence = file.evidence();
    loop {
        let walked = walk_once(&wish, &file.region, file.now, &evidence);
        if walked.missing.is_empty() {
            return Ok(priced(walked.outcome?, file, &wish));
        }
        for question in walked.missing {
            let detail = "the evidence file does not hold it".to_owned();
            let answer = Answer::Gap(Gap { reason: GapReason::NotAsked, detail });
            evidence.keep(question, Kept { answer, at: file.now });
        }
    }
}
