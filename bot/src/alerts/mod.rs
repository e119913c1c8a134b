//! Alerts: what AWS tells over a queue becomes one thread a cause and service, and not one message a task.
//!
//! A message of the queue is deleted once its event is in the state file ([`intake`]); events are dealt with from there ([`work`]), and
//! cards are said from there ([`speak`]). Each step is one transaction with what it leaves to the next: a process that ends anywhere goes
//! on where it was.

mod event;
mod face;
mod intake;
mod owner;
mod queue;
mod quiet;
mod speak;
#[cfg(feature = "live")]
mod sqs;
#[cfg(test)]
mod tests;
mod work;

pub use owner::Whose;
pub use queue::Queue;
pub use quiet::QuietHours;
#[cfg(feature = "live")]
pub use sqs::Sqs;

use crate::desk::asked::Spot;
use crate::health::{Metrics, Named};
use crate::outbox::Outbox;
use crate::platform::{Button, Place};
use crate::store::{CardLimits, Store};
use async_trait::async_trait;
use ecs_why_core::model::Moment;
use ecs_why_core::report::Report;
use ecs_why_core::target::Target;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

/// Who asks the accounts.
#[async_trait]
pub trait Diagnose: Send + Sync {
    /// Why a target failed, without log lines: an alert may be read by more people than may ask. It takes its own time limit.
    ///
    /// # Errors
    /// When there is no report.
    async fn diagnose(&self, target: &Target) -> Result<Diagnosed, Undiagnosed>;

    /// What can be pressed under the card of a report.
    fn buttons(&self, id: &str, report: &Report) -> Vec<Button>;
}

/// A report on what an alert is about.
#[derive(Debug, Clone)]
pub struct Diagnosed {
    /// Which account and region was asked.
    pub spot: Spot,
    /// The report.
    pub report: Report,
    /// What it was made from: the text of an evidence file.
    pub evidence: Option<String>,
}

/// Why there is no report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undiagnosed {
    /// ECS has forgotten the task.
    #[error("ECS knows nothing of it any more")]
    Gone,
    /// Nothing in the configuration names the account or region.
    #[error("{0}")]
    NotServed(String),
    /// It may go well the next time.
    #[error("{0}")]
    Failed(String),
}

/// Which channels want to know of what.
pub trait Routes: Send + Sync {
    /// The places for alerts about this owner.
    fn places(&self, whose: &Whose) -> Vec<Routed>;
}

/// A place for alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// The place.
    pub place: Place,
    /// When alerts are counted there and not posted.
    pub quiet: Option<QuietHours>,
}

/// How much is said.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// A card is edited not more often.
    pub edit_every: Duration,
    /// So many new threads in a channel within the window; the rest goes into one card.
    pub threads: u32,
    /// The window.
    pub window: Duration,
    /// A failure that comes back so soon after it was well goes on in its thread.
    pub quiet_for: Duration,
    /// What nothing was heard of for so long is closed.
    pub idle: Duration,
    /// Diagnoses that run at once.
    pub diagnoses: usize,
    /// How long to wait before a diagnosis that failed is tried again.
    pub again: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            edit_every: Duration::from_secs(20),
            threads: 10,
            window: Duration::from_secs(600),
            quiet_for: Duration::from_secs(900),
            idle: Duration::from_secs(24 * 3600),
            diagnoses: 4,
            again: Duration::from_secs(3),
        }
    }
}

impl Rules {
    fn cards(&self) -> CardLimits {
        CardLimits { cards: self.threads, window: self.window, quiet_for: self.quiet_for }
    }
}

/// What alerts need.
pub struct Needs {
    /// What outlives the process.
    pub store: Store,
    /// What is said.
    pub outbox: Outbox,
    /// Who asks the accounts.
    pub diagnose: Arc<dyn Diagnose>,
    /// Which channels want to know of what.
    pub routes: Arc<dyn Routes>,
    /// Figures.
    pub metrics: Arc<Metrics>,
    /// What time it is.
    pub now: Arc<dyn Fn() -> Moment + Send + Sync>,
}

/// The alerts.
pub struct Alerts {
    store: Store,
    outbox: Outbox,
    diagnose: Arc<dyn Diagnose>,
    routes: Arc<dyn Routes>,
    metrics: Arc<Metrics>,
    now: Arc<dyn Fn() -> Moment + Send + Sync>,
    rules: Rules,
    /// A permit a diagnosis.
    permits: Semaphore,
    /// Something new waits to be dealt with.
    new: Notify,
    /// Something new is to be said.
    said: Notify,
}

impl Alerts {
    /// By these rules.
    pub fn new(needs: Needs, rules: Rules) -> Alerts {
        let Needs { store, outbox, diagnose, routes, metrics, now } = needs;
        let permits = Semaphore::new(rules.diagnoses.max(1));
        let (new, said) = (Notify::new(), Notify::new());
        Alerts { store, outbox, diagnose, routes, metrics, now, rules, permits, new, said }
    }

    /// Takes events from the queue, deals with them, and says what is to be said, until it is to end. Whatever it is at then goes on after
    /// the next start.
    pub async fn run(&self, queue: &dyn Queue, end: &CancellationToken) {
        let all = async { tokio::join!(self.receive(queue), self.work(), self.speak()) };
        tokio::select! {
            () = end.cancelled() => {}
            _ = all => {}
        }
    }

    fn now(&self) -> Moment {
        (self.now)()
    }

    fn counted(&self, what: &'static str, many: usize) {
        if many > 0 {
            self.metrics.events.get_or_create(&Named::of(what)).inc_by(many as u64);
        }
    }
}
