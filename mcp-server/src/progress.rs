//! What a client is told while questions are out.

use crate::redact::Redactor;
use ecs_why_core::diagnosis::Progress;
use ecs_why_core::triage::{Found, Watch};
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::watch;

/// How far a call is: it only rises.
#[derive(Debug, Clone, Default, PartialEq)]
struct Step {
    done: u64,
    all: u64,
    what: String,
}

/// Where a call says how far it is. Only the newest step is told: a client that reads slowly is not flooded.
pub struct Reporter {
    step: watch::Sender<Step>,
    /// Has seen nothing yet: what is said before anybody listens is not lost.
    steps: watch::Receiver<Step>,
    to: Option<(Peer<RoleServer>, ProgressToken)>,
    redactor: Option<Arc<Redactor>>,
}

impl Reporter {
    /// Tells the client that asked to be told.
    pub fn new(context: &RequestContext<RoleServer>, redactor: Option<Arc<Redactor>>) -> Reporter {
        let (step, steps) = watch::channel(Step::default());
        let to = context.meta.get_progress_token().map(|token| (context.peer.clone(), token));
        Reporter { step, steps, to, redactor }
    }

    /// Does the work, and tells meanwhile.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            done = work => done,
            never = self.tell() => match never {},
        }
    }

    /// Says what is done now.
    pub fn say(&self, what: &str) {
        self.step.send_modify(|step| what.clone_into(&mut step.what));
    }

    fn at(&self, done: u64, all: u64, what: &str) {
        self.step.send_modify(|step| {
            *step = Step { done: done.max(step.done), all: all.max(step.all), what: what.to_owned() }
        });
    }

    async fn tell(&self) -> std::convert::Infallible {
        let Some((peer, token)) = &self.to else { return std::future::pending().await };
        let mut steps = self.steps.clone();
        let mut told = -1.0;
        loop {
            if steps.changed().await.is_err() {
                return std::future::pending().await;
            }
            let step = steps.borrow_and_update().clone();
            // The protocol wants each to be greater than the one before: what is said of the same step counts a little.
            let done = f64::max(step.done as f64, told + 0.01);
            told = done;
            let what = self.redactor.as_ref().map_or_else(|| step.what.clone(), |redactor| redactor.text(&step.what));
            let mut told = ProgressNotificationParam::new(token.clone(), done).with_message(what);
            if step.all as f64 >= done {
                told = told.with_total(step.all as f64);
            }
            if peer.notify_progress(told).await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}

impl Progress for Reporter {
    fn asked(&self, asked: usize, answered: usize, reading: &str) {
        let what = if reading.is_empty() { "reading".to_owned() } else { format!("reading {reading}") };
        self.at(answered as u64, asked as u64, &what);
    }
}

impl Watch for Reporter {
    fn read(&self, read: u64, listed: u64) {
        self.at(read, listed, "reading tasks");
    }

    fn judged(&self, judged: usize, all: usize) {
        self.say(&format!("{judged} of {all} different failures judged"));
    }

    fn found(&self, found: &Found<'_>) {
        let cause = found.report.causes.first().map_or("no cause", |cause| cause.id.as_str());
        self.say(&format!("found {cause} in cluster {}", found.cluster));
    }
}
