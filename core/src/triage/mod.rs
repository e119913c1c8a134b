//! Many tasks at once: what fails, grouped by cause, owner and guilty resource.

mod clusters;
mod desk;
mod group;
mod index;
mod kin;
mod reports;
mod services;
mod sorter;
mod survey;
#[cfg(test)]
pub(crate) mod tests;

pub use group::{Group, Severity};
pub use kin::{Owner, alike};

use crate::change::HouseRules;
use crate::diagnosis::Engine;
use crate::error::Error;
use crate::evidence::{Answer, GapReason, Known, Question};
use crate::model::Moment;
use crate::report::Report;
use crate::target::{Place, Target};
use clusters::clusters;
use desk::{Desk, Done};
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use group::{Key, Standing, standing};
use index::Index;
use kin::Kin;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use services::{Services, services};
use sorter::Sorter;
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use survey::{Survey, survey};

/// What is wanted of a triage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TriageWish {
    /// The clusters, by name; none means all of the region.
    pub clusters: Vec<String>,
    /// Leave out what stopped before.
    pub since: Option<Moment>,
    /// What fixes may do here.
    pub rules: HouseRules,
}

/// Told while a triage runs.
pub trait Watch: Send + Sync {
    /// How many tasks were read, of those that are listed so far.
    fn read(&self, read: u64, listed: u64);
    /// How many different failures are judged, of how many.
    fn judged(&self, judged: usize, all: usize);
    /// A group has its cause; more of its tasks may still be judged.
    fn found(&self, found: &Found<'_>);
}

/// The first of a group whose cause is known.
#[derive(Debug, Clone, Copy)]
pub struct Found<'f> {
    /// The cluster's name (foreign text, as all names are).
    pub cluster: &'f str,
    /// Whose tasks they are.
    pub owner: &'f Owner,
    /// The report on one of them.
    pub report: &'f Report,
    /// How many are like that one.
    pub count: u64,
}

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {
    fn read(&self, _read: u64, _listed: u64) {}
    fn judged(&self, _judged: usize, _all: usize) {}
    fn found(&self, _found: &Found<'_>) {}
}

/// What could not be read of an account's tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TriageGap {
    /// In which cluster, if it is about one.
    pub cluster: Option<String>,
    /// The permission that would close it.
    pub action: String,
    /// Why it could not be read.
    pub reason: GapReason,
    /// What AWS said of it.
    pub detail: String,
}

/// What fails, and why.
#[derive(Debug, Default)]
pub struct Triage {
    /// The worst first; what was deliberate at the end.
    pub groups: Vec<Group>,
    /// What could not be read.
    pub gaps: Vec<TriageGap>,
    /// It was neither interrupted nor cut off.
    pub complete: bool,
    /// Where it looked: account, region, clusters.
    pub places: Vec<Looked>,
    /// How many tasks have stopped, or are on their way.
    pub tasks: u64,
    /// Requests, retries not counted.
    pub calls: u64,
    /// The longest chain of requests behind one failure, its tasks' pages not counted.
    pub rounds: u64,
    /// Milliseconds.
    pub elapsed_ms: u64,
    parts: Vec<Part>,
}

/// A place that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Looked {
    /// Twelve digits.
    pub account: Option<String>,
    /// As in `us-east-1`.
    pub region: String,
    /// Names of clusters.
    pub clusters: Vec<String>,
}

/// The tasks of one account and region, with the group of each kin.
#[derive(Debug)]
struct Part {
    index: Index,
    groups: Vec<Option<String>>,
}

impl Triage {
    /// Every task that failed, hangs or was stopped on purpose, by ARN, with the id of its group.
    pub fn tasks(&self) -> impl Iterator<Item = (String, &str)> {
        self.parts.iter().flat_map(|part| {
            let group = |kin: usize| part.groups.get(kin).and_then(Option::as_deref);
            part.index.iter().filter_map(move |(arn, kin)| Some((arn, group(kin)?)))
        })
    }

    /// Two triages as one: of other regions, of other accounts.
    #[must_use]
    pub fn and(mut self, other: Triage) -> Triage {
        self.groups.extend(other.groups);
        self.groups.sort_by(by_severity);
        self.gaps.extend(other.gaps);
        self.places.extend(other.places);
        self.parts.extend(other.parts);
        Triage {
            complete: self.complete && other.complete,
            tasks: self.tasks + other.tasks,
            calls: self.calls + other.calls,
            rounds: self.rounds.max(other.rounds),
            elapsed_ms: self.elapsed_ms.max(other.elapsed_ms),
            ..self
        }
    }

    /// The newest failure first.
    pub fn newest_first(&mut self) {
        let deliberate = |one: &Group| one.severity == Severity::Deliberate;
        self.groups.sort_by(|a, b| deliberate(a).cmp(&deliberate(b)).then(b.last.cmp(&a.last)).then(by_severity(a, b)));
    }

    /// Groups of what failed or hangs.
    pub fn failing(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.severity != Severity::Deliberate)
    }
}

/// The worst first, services before jobs that somebody or something runs, then the most, then the newest.
fn by_severity(a: &Group, b: &Group) -> std::cmp::Ordering {
    let last = b.last.cmp(&a.last);
    let job = |group: &Group| matches!(group.owner, Owner::Family(_));
    a.severity
        .cmp(&b.severity)
        .then(job(a).cmp(&job(b)))
        .then(b.count.cmp(&a.count))
        .then(last)
        .then_with(|| a.id.cmp(&b.id))
}

impl Engine {
    /// What fails in clusters, grouped by cause, owner and guilty resource.
    ///
    /// When `enough` ends before the triage does, what is known by then is told, and [`Triage::complete`] is false.
    ///
    /// # Errors
    /// When there is nothing to tell: no such cluster, no credentials, nothing that may be read.
    pub async fn triage(
        &self,
        wish: &TriageWish,
        watch: &dyn Watch,
        enough: impl Future<Output = ()>,
    ) -> Result<Triage, Error> {
        let mut enough = Box::pin(enough.fuse());
        let mut desk = Desk::new(Arc::clone(&self.account), &self.region);
        let mut gaps = vec![];
        let clusters = clusters(wish, &self.region, &mut desk, &mut gaps).await?;
        let mut survey = survey(&self.account, &clusters, wish.since, watch, &mut enough).await?;
        gaps.append(&mut survey.gaps);
        if survey.index.is_empty()
            && let [gap, ..] = gaps.as_slice()
            && clusters.iter().all(|cluster| gaps.iter().any(|gap| gap.cluster.as_ref() == Some(cluster)))
        {
            return Err(nothing(gap));
        }
        let mut complete = survey.complete;
        let mut listed = Services::default();
        if complete {
            let reading = Box::pin(services(&clusters, &survey, &mut desk, &mut gaps));
            match select(reading, &mut enough).await {
                Either::Left((read, _)) => listed = read?,
                Either::Right(_) => complete = false,
            }
        }
        let services = listed;
        self.seed(&survey, &mut desk);
        let mut subjects: Vec<Subject> = survey.kins.all().iter().enumerate().map(|(at, _)| Subject::Kin(at)).collect();
        let stuck = services.iter().filter(|(_, size)| size.is_stuck);
        subjects.extend(stuck.map(|((cluster, name), _)| Subject::Service(cluster.clone(), name.clone())));
        for subject in &subjects {
            desk.open(group::wish(subject.target(survey.kins.all()), wish));
        }
        let mut told: HashSet<Key> = HashSet::new();
        let done = |done: Done<'_>| {
            watch.judged(done.finished, done.all);
            let (Some(subject), Some(report)) = (subjects.get(done.index), done.report) else { return };
            let (cluster, owner, count) = subject.of(survey.kins.all());
            if standing(report) == Standing::Failing && told.insert(Key::of(cluster, &owner, report)) {
                watch.found(&Found { cluster, owner: &owner, report, count });
            }
        };
        // Whoever interrupts the reading does not wait for the diagnoses either: what the stops tell is told.
        let settled = match complete {
            true => desk.settle(&mut enough, done).await,
            false => {
                desk.close();
                Ok(false)
            }
        };
        match settled {
            Ok(whole) => complete &= whole,
            // The credentials ran out on the way: what is known by then is not lost.
            Err(error) => {
                complete = false;
                gaps.push(TriageGap {
                    cluster: None,
                    action: "sts:GetCallerIdentity".to_owned(),
                    reason: GapReason::Unreachable,
                    detail: error.to_string(),
                });
            }
        }
        let reports = desk.reports();
        let rounds = reports.iter().flatten().flatten().map(|report| report.cost.rounds).max().unwrap_or_default();
        let mut sorter = Sorter::new(&survey, &services);
        for (subject, report) in subjects.iter().zip(reports) {
            match report {
                Some(Ok(report)) => sorter.sort(subject, report),
                Some(Err(error)) => gaps.push(unjudged(subject, survey.kins.all(), &error)),
                None => {}
            }
        }
        let (mut groups, of_kin) = sorter.sorted();
        groups.sort_by(by_severity);
        let account = match desk.known(&Question::Identity {}) {
            Some(Answer::Known(Known::Identity(identity))) => Some(identity.account.clone()),
            _ => None,
        };
        Ok(Triage {
            groups,
            gaps,
            complete,
            places: vec![Looked { account, region: self.region.clone(), clusters }],
            tasks: survey.index.len() as u64,
            calls: desk.calls(),
            rounds,
            elapsed_ms: desk.elapsed_ms(),
            parts: vec![Part { index: std::mem::take(&mut survey.index), groups: of_kin }],
        })
    }

    /// What the survey has read already need not be asked.
    fn seed(&self, survey: &Survey, desk: &mut Desk) {
        for kin in survey.kins.all() {
            let question = Question::Task { cluster: kin.cluster.clone(), task: id(&kin.newest.arn) };
            desk.know(question, Answer::Known(Known::Task(kin.newest.clone())));
            if let Owner::Service(service) = &kin.owner
                && survey.whole.contains(&kin.cluster)
            {
                let of = (kin.cluster.clone(), service.clone());
                let running = survey.running.get(&of).cloned().unwrap_or_default();
                let question = Question::RunningTasks { cluster: of.0, service: of.1 };
                desk.know(question, Answer::Known(Known::RunningTasks(running)));
            }
        }
    }
}

fn id(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or(arn).to_owned()
}

/// What one diagnosis of a triage is about.
enum Subject {
    /// A kin, by number.
    Kin(usize),
    /// A service, by cluster and name.
    Service(String, String),
}

impl Subject {
    /// Its cluster, its owner, and how many tasks it stands for.
    fn of<'k>(&'k self, kins: &'k [Kin]) -> (&'k str, Owner, u64) {
        match self {
            Subject::Kin(at) => match kins.get(*at) {
                Some(kin) => (&kin.cluster, kin.owner.clone(), kin.count),
                None => ("", Owner::Family(String::new()), 0),
            },
            Subject::Service(cluster, service) => (cluster, Owner::Service(service.clone()), 0),
        }
    }

    fn target(&self, kins: &[Kin]) -> Target {
        match self {
            Subject::Kin(at) => {
                let (cluster, task) =
                    kins.get(*at).map(|kin| (kin.cluster.clone(), id(&kin.newest.arn))).unwrap_or_default();
                Target::Task { cluster, task, place: Place::default() }
            }
            Subject::Service(cluster, service) => {
                Target::Service { cluster: cluster.clone(), service: service.clone(), place: Place::default() }
            }
        }
    }
}

/// Why nothing at all can be told.
fn nothing(gap: &TriageGap) -> Error {
    match gap.reason {
        GapReason::Denied => Error::Denied { action: gap.action.clone(), detail: gap.detail.clone() },
        _ => Error::NoAnswer { action: gap.action.clone(), detail: gap.detail.clone() },
    }
}

/// A failure that could not be judged at all.
fn unjudged(subject: &Subject, kins: &[Kin], error: &Error) -> TriageGap {
    let target = subject.target(kins);
    let (action, reason, detail) = match error {
        Error::Denied { action, detail } => (action.clone(), GapReason::Denied, detail.clone()),
        Error::NoAnswer { action, detail } => (action.clone(), GapReason::Unreachable, detail.clone()),
        other => ("ecs:DescribeTasks".to_owned(), GapReason::Expired, other.to_string()),
    };
    TriageGap {
        cluster: Some(target.cluster().to_owned()),
        action,
        reason,
        detail: format!("{}: {detail}", target.name()),
    }
}
