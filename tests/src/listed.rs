//! A recorded account whose tasks and services can be listed, too: a triage finds by itself what a diagnosis is told.

use crate::stand_in::StandIn;
use async_trait::async_trait;
use ecs_why_core::account::{Account, AccountError, EvidenceFile};
use ecs_why_core::evidence::{Answer, Known, Question};
use ecs_why_core::model::Moment;
use ecs_why_core::model::ecs::{Task, TaskPage};

/// See the module.
pub struct Listed {
    account: StandIn,
    cluster: String,
    tasks: Vec<Task>,
    services: Vec<String>,
}

impl Listed {
    /// All tasks and services that the evidence knows of.
    pub fn new(file: &EvidenceFile, seed: u64) -> Self {
        let (mut tasks, mut services) = (vec![], vec![]);
        for entry in &file.answers {
            match &entry.answer {
                Answer::Known(Known::Task(task)) => tasks.push(task.clone()),
                Answer::Known(Known::Service(service)) => services.push(service.name.clone()),
                _ => {}
            }
        }
        Listed { account: StandIn::new(file, seed), cluster: file.target.cluster().to_owned(), tasks, services }
    }

    /// Everything that was asked, in order, but for the lists.
    pub fn asked(&self) -> Vec<Question> {
        self.account.asked()
    }

    fn list(&self, question: &Question) -> Option<Known> {
        match question {
            Question::Clusters {} => Some(Known::Clusters(vec![self.cluster.clone()])),
            Question::Services { .. } => Some(Known::Services(self.services.clone())),
            Question::TaskPage { stopped, after, .. } => {
                let listed = self.tasks.iter().filter(|task| (task.last_status == "STOPPED") == *stopped);
                let mut ids = listed.map(|task| task.arn.rsplit('/').next().unwrap_or_default().to_owned());
                // Pages of one task each: what spans pages must not be lost.
                let at: usize = after.as_deref().map_or(0, |after| after.parse().expect("it is our own token"));
                let tasks: Vec<String> = ids.by_ref().skip(at).take(1).collect();
                let next = ids.next().map(|_| (at + 1).to_string());
                Some(Known::TaskPage(TaskPage { tasks, next }))
            }
            _ => None,
        }
    }
}

#[async_trait]
impl Account for Listed {
    async fn ask(&self, questions: Vec<Question>) -> Result<Vec<(Question, Answer)>, AccountError> {
        let (mut told, mut others) = (vec![], vec![]);
        for question in questions {
            match self.list(&question) {
                Some(known) => told.push((question, Answer::Known(known))),
                None => others.push(question),
            }
        }
        if !others.is_empty() {
            told.extend(self.account.ask(others).await?);
        }
        Ok(told)
    }

    fn now(&self) -> Moment {
        self.account.now()
    }

    fn calls(&self) -> u64 {
        self.account.calls()
    }
}
