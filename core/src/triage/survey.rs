//! Reading all tasks of a cluster, page by page: what is alike is counted and forgotten.

use super::index::Index;
use super::kin::{Kins, Owner, moment};
use super::{TriageGap, Watch};
use crate::account::{Account, AccountError};
use crate::diagnosis::TASKS_READ;
use crate::evidence::{Answer, Known, Question};
use crate::model::Moment;
use crate::model::ecs::{Task, TaskPage};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use indexmap::IndexMap;
use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::sync::Arc;

/// How many pages are read at once: what is read and not yet counted is all that grows with the speed of answers.
const AT_ONCE: usize = 12;

/// What all tasks of some clusters are like.
#[derive(Default)]
pub struct Survey {
    /// Those that stopped or hang, by what they have in common.
    pub kins: Kins,
    /// Which kin each of them belongs to.
    pub index: Index,
    /// By cluster and service: ids of tasks that run or should, as many as a diagnosis reads.
    pub running: IndexMap<(String, String), Vec<String>>,
    /// Clusters and families of which a task of no service runs.
    pub alive: HashSet<(String, Owner)>,
    /// Clusters whose running tasks have been listed to the end.
    pub whole: HashSet<String>,
    /// What could not be listed.
    pub gaps: Vec<TriageGap>,
    /// It was read to its end.
    pub complete: bool,
    listed: u64,
    read: u64,
    /// Tasks on their way that are counted: one that stops meanwhile comes again among the stopped ones.
    waiting: HashSet<String>,
}

enum Told {
    Page { cluster: String, stopped: bool, answer: Result<Answer, AccountError> },
    Tasks { cluster: String, stopped: bool, answers: Result<Vec<(Question, Answer)>, AccountError> },
}

/// Reads the tasks of clusters, leaving out what stopped before a moment.
///
/// # Errors
/// When nothing can be asked at all.
pub async fn survey<F>(
    account: &Arc<dyn Account>,
    clusters: &[String],
    since: Option<Moment>,
    watch: &dyn Watch,
    enough: &mut F,
) -> Result<Survey, AccountError>
where
    F: Future<Output = ()> + Unpin,
{
    let mut survey = Survey { complete: true, ..Survey::default() };
    let mut out: FuturesUnordered<BoxFuture<'static, Told>> = FuturesUnordered::new();
    let lists = |cluster: &String| [false, true].map(|stopped| (cluster.clone(), stopped, None));
    let mut to_list: VecDeque<(String, bool, Option<String>)> = clusters.iter().flat_map(lists).collect();
    loop {
        while out.len() < AT_ONCE
            && let Some((cluster, stopped, after)) = to_list.pop_front()
        {
            out.push(list(Arc::clone(account), cluster, stopped, after).boxed());
        }
        if out.is_empty() {
            return Ok(survey);
        }
        let told = match select(out.next(), &mut *enough).await {
            Either::Left((told, _)) => told,
            Either::Right(_) => {
                survey.complete = false;
                return Ok(survey);
            }
        };
        match told {
            Some(Told::Page { cluster, stopped, answer }) => match answer? {
                Answer::Known(Known::TaskPage(TaskPage { tasks, next })) => {
                    survey.listed(&cluster, stopped, &tasks, next.is_none());
                    // The rest of this list comes before other lists: a page's token does not live for ever.
                    to_list.extend(next.map(|next| (cluster.clone(), stopped, Some(next))));
                    if !tasks.is_empty() {
                        out.push(describe(Arc::clone(account), cluster, stopped, tasks).boxed());
                    }
                }
                Answer::Gap(gap) => survey.gaps.push(TriageGap {
                    cluster: Some(cluster),
                    action: "ecs:ListTasks".to_owned(),
                    reason: gap.reason,
                    detail: gap.detail,
                }),
                // The cluster went meanwhile.
                _ => {}
            },
            Some(Told::Tasks { cluster, stopped, answers }) => survey.take(&cluster, stopped, answers?, since),
            None => {}
        }
        watch.read(survey.read, survey.listed);
    }
}

async fn list(account: Arc<dyn Account>, cluster: String, stopped: bool, after: Option<String>) -> Told {
    let question = Question::TaskPage { cluster: cluster.clone(), stopped, after };
    let answer = account.ask(vec![question]).await.map(|mut answers| {
        let nothing = || Answer::Known(Known::TaskPage(TaskPage::default()));
        answers.pop().map_or_else(nothing, |(_, answer)| answer)
    });
    Told::Page { cluster, stopped, answer }
}

async fn describe(account: Arc<dyn Account>, cluster: String, stopped: bool, tasks: Vec<String>) -> Told {
    let one = |task: String| Question::Task { cluster: cluster.clone(), task };
    let answers = account.ask(tasks.into_iter().map(one).collect()).await;
    Told::Tasks { cluster, stopped, answers }
}

impl Survey {
    fn listed(&mut self, cluster: &str, stopped: bool, tasks: &[String], last: bool) {
        self.listed += tasks.len() as u64;
        if last && !stopped {
            self.whole.insert(cluster.to_owned());
        }
    }

    fn take(&mut self, cluster: &str, stopped: bool, answers: Vec<(Question, Answer)>, since: Option<Moment>) {
        for (_, answer) in answers {
            self.read += 1;
            let task = match answer {
                Answer::Known(Known::Task(task)) => task,
                Answer::Gap(gap) => {
                    self.lacks(TriageGap {
                        cluster: Some(cluster.to_owned()),
                        action: "ecs:DescribeTasks".to_owned(),
                        reason: gap.reason,
                        detail: gap.detail,
                    });
                    continue;
                }
                // ECS has forgotten it since it was listed.
                _ => continue,
            };
            if stopped { self.stopped(cluster, task, since) } else { self.running(cluster, task) }
        }
    }

    /// The same refusal of a hundred tasks is one gap.
    fn lacks(&mut self, gap: TriageGap) {
        if !self.gaps.contains(&gap) && self.gaps.len() < 20 {
            self.gaps.push(gap);
        }
    }

    fn stopped(&mut self, cluster: &str, task: Task, since: Option<Moment>) {
        let old = since.zip(moment(&task)).is_some_and(|(since, at)| at < since);
        if !old && !self.waiting.contains(&task.arn) {
            self.note(cluster, task);
        }
    }

    fn running(&mut self, cluster: &str, task: Task) {
        let owner = Owner::of(&task);
        let id = task.arn.rsplit('/').next().unwrap_or(&task.arn).to_owned();
        if let Owner::Service(service) = &owner {
            let ids = self.running.entry((cluster.to_owned(), service.clone())).or_default();
            if ids.len() < TASKS_READ {
                ids.push(id);
            }
        }
        match task.last_status.as_str() {
            "STOPPED" => {}
            "RUNNING" => {
                if matches!(owner, Owner::Family(_)) {
                    self.alive.insert((cluster.to_owned(), owner));
                }
            }
            _ => {
                self.waiting.insert(task.arn.clone());
                self.note(cluster, task);
            }
        }
    }

    fn note(&mut self, cluster: &str, task: Task) {
        let arn = task.arn.clone();
        let (kin, _) = self.kins.take(cluster, task);
        self.index.note(&arn, kin);
    }
}
