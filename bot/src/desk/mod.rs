//! The desk: takes what the platforms hear, keeps it, and answers it. It knows no platform and no AWS call.

mod alerted;
mod answer;
pub mod asked;
mod case;
mod choice;
mod failing;
mod find;
mod look;
mod names;
mod press;
mod remember;
mod say;
mod talk;
#[cfg(test)]
mod tests;

pub use alerted::Alerted;

use crate::allow::Allow;
use crate::audit::{self, Line};
use crate::config::Config;
use crate::health::{Metrics, Named};
use crate::limits::Gate;
use crate::outbox::Outbox;
use crate::platform::{Ear, Heard, NotKept, Person, Place, Route, SendError};
use crate::source::Source;
use crate::store::Store;
use async_trait::async_trait;
use case::Owner;
use ecs_why_core::change::HouseRules;
use ecs_why_core::model::Moment;
use look::Recent;
use names::Names;
use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How many questions may wait to be taken up; a platform whose question finds no room delivers it again.
const MOST_WAITING: usize = 2_000;
/// How many are worked on, most of them waiting for a diagnosis.
const MOST_IN_HAND: usize = 200;
/// A question that went wrong so often (each time with the process) is given up. Many, since a process that is killed from outside takes
/// questions with it that did nothing: a bad hour with ten restarts is no reason to leave somebody without an answer.
const MOST_TRIES: u32 = 20;
/// More of a text is not kept: no platform lets a person write as much.
const LONGEST_TEXT: usize = 256 * 1024;
/// How long what was begun may take to be said to be interrupted.
const LAST_WORDS: Duration = Duration::from_secs(4);

/// What the desk needs.
pub struct Needs {
    /// Where answers come from.
    pub source: Arc<dyn Source>,
    /// What outlives the process.
    pub store: Store,
    /// What is said.
    pub outbox: Outbox,
    /// Figures.
    pub metrics: Arc<Metrics>,
}

/// The desk.
pub struct Desk {
    allow: Allow,
    gate: Gate,
    rules: HouseRules,
    owner: Option<Owner>,
    limit: Duration,
    source: Arc<dyn Source>,
    store: Store,
    outbox: Outbox,
    metrics: Arc<Metrics>,
    names: Arc<Names>,
    recent: Recent,
    /// A permit a diagnosis.
    permits: Semaphore,
    /// Diagnoses that wait for one.
    waiting: Arc<AtomicUsize>,
    queue: mpsc::Sender<Job>,
    /// Questions that wait in the queue or are being answered.
    in_hand: watch::Sender<usize>,
    /// Nothing more is heard.
    closed: CancellationToken,
    /// What runs is given up.
    abort: CancellationToken,
    /// Where what is being answered is said, by the id of what was heard.
    begun: Mutex<HashMap<String, (String, Place, Route)>>,
}

/// Something to answer, with the key of its answer if one was begun before a restart.
struct Job {
    heard: Heard,
    begun: Option<String>,
    at: Instant,
    _counted: InHand,
}

/// One question that is to be answered by this process, whatever becomes of it.
struct InHand(watch::Sender<usize>);

impl InHand {
    fn new(all: &watch::Sender<usize>) -> InHand {
        all.send_modify(|questions| *questions += 1);
        InHand(all.clone())
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.send_modify(|questions| *questions -= 1);
    }
}

impl Desk {
    /// Opens the desk: what was left unanswered is answered first.
    ///
    /// # Errors
    /// When the state file cannot be read.
    pub async fn open(config: &Config, needs: Needs) -> anyhow::Result<Arc<Desk>> {
        let Needs { source, store, outbox, metrics } = needs;
        let (queue, jobs) = mpsc::channel(MOST_WAITING);
        let left = store.unanswered().await?;
        let desk = Arc::new(Desk {
            allow: Allow::new(config),
            gate: Gate::new(&config.limits),
            rules: config.fixes.clone(),
            owner: Owner::new(config),
            limit: Duration::from_secs(u64::from(config.limits.seconds.get())),
            names: Arc::new(Names::new(Arc::clone(&source))),
            source,
            store,
            outbox,
            metrics,
            recent: Recent::default(),
            permits: Semaphore::new(config.limits.diagnoses.get() as usize),
            waiting: Arc::default(),
            queue,
            in_hand: watch::Sender::new(0),
            closed: CancellationToken::new(),
            abort: CancellationToken::new(),
            begun: Mutex::default(),
        });
        if !left.is_empty() {
            tracing::info!(questions = left.len(), "answering what was left unanswered");
        }
        tokio::spawn(Arc::clone(&desk).take_up(left, jobs));
        tokio::spawn(Arc::clone(&desk).tidy());
        Ok(desk)
    }

    /// Takes up what waits, the oldest first. Once the desk is closed, what it was told that it is kept is taken up still, and what an
    /// earlier process left waits for the next one.
    async fn take_up(self: Arc<Self>, left: Vec<(Heard, Option<String>)>, mut jobs: mpsc::Receiver<Job>) {
        let hands = Arc::new(Semaphore::new(MOST_IN_HAND));
        let (mut left, at) = (left.into_iter(), Instant::now());
        let mut closed = false;
        loop {
            let Ok(hand) = Arc::clone(&hands).acquire_owned().await else { return };
            let job = match left.next().filter(|_| !self.closed.is_cancelled()) {
                Some((heard, begun)) => Job { heard, begun, at, _counted: InHand::new(&self.in_hand) },
                None => tokio::select! {
                    () = self.closed.cancelled(), if !closed => {
                        jobs.close();
                        closed = true;
                        continue;
                    }
                    job = jobs.recv() => match job {
                        Some(job) => job,
                        None => return,
                    },
                },
            };
            if self.abort.is_cancelled() {
                return;
            }
            let desk = Arc::clone(&self);
            tokio::spawn(async move {
                let _hand = hand;
                tokio::select! {
                    biased;
                    () = desk.abort.cancelled() => desk.interrupted(&job.heard).await,
                    () = desk.handle(&job) => {}
                }
            });
        }
    }

    async fn handle(&self, job: &Job) {
        self.metrics.waiting.inc();
        let mut line = Line::default();
        let said = self.answer(job, &mut line).await;
        if let Err(error) = &said {
            let (SendError::Gone(_) | SendError::Refused(_) | SendError::Later(_) | SendError::Broken(_)) = error;
            self.metrics.unsaid.get_or_create(&Named::of(kind_of(&job.heard))).inc();
            tracing::warn!(platform = %job.heard.place.kind, %error, "an answer could not be said");
            line.outcome = "unsaid".to_owned();
        }
        if let Err(error) = self.store.answered(&job.heard.id).await {
            tracing::error!(%error, "an answer could not be noted");
        }
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).remove(&job.heard.id);
        self.metrics.waiting.dec();
        let took = job.at.elapsed();
        self.metrics.seconds.observe(took.as_secs_f64());
        match line.refused {
            Some(why) => self.metrics.refused.get_or_create(&Named::of(why)).inc(),
            None => self.metrics.answered.get_or_create(&Named::of(line.asked)).inc(),
        };
        audit::write(&job.heard, &line, took.as_millis());
    }

    /// What was begun is said to be interrupted; it stays unanswered, and is taken up after the restart.
    async fn interrupted(&self, heard: &Heard) {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).remove(&heard.id);
        if let Some((key, place, route)) = begun {
            let message = say::interrupted();
            let said = self.outbox.say(&key, &place, &route, &message);
            // Who cannot be told sees the answer later all the same.
            let _ = tokio::time::timeout(LAST_WORDS, said).await;
        }
    }

    /// Closes: nothing more is heard, what was heard may be answered within this time, and what was begun by then is said to be
    /// interrupted. True: all of it is answered.
    pub async fn close(&self, grace: Duration) -> bool {
        self.closed.cancel();
        if tokio::time::timeout(grace, self.empty()).await.is_ok() {
            return true;
        }
        self.abort.cancel();
        let _ = tokio::time::timeout(LAST_WORDS + Duration::from_secs(1), self.empty()).await;
        false
    }

    /// Ends when nothing waits for an answer of this process.
    async fn empty(&self) {
        let mut in_hand = self.in_hand.subscribe();
        // The sender lives as long as the desk.
        let _ = in_hand.wait_for(|questions| *questions == 0).await;
    }

    /// Forgets who has been silent.
    async fn tidy(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.closed.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(300)) => self.gate.tidy(),
            }
        }
    }
}

fn kind_of(heard: &Heard) -> &'static str {
    match heard.place.kind {
        crate::platform::Kind::Slack => "slack",
        crate::platform::Kind::Discord => "discord",
    }
}

#[async_trait]
impl Ear for Desk {
    async fn hear(&self, heard: Heard) -> Result<(), NotKept> {
        let at = Instant::now();
        // Counted before it is kept: who closes the desk waits for it.
        let counted = InHand::new(&self.in_hand);
        if self.closed.is_cancelled() {
            return Err(NotKept("the bot is being stopped".to_owned()));
        }
        // Room first: what is kept and not queued would wait for the next restart.
        let room = self.queue.try_reserve().map_err(|_| NotKept("too many questions wait".to_owned()))?;
        let heard = cut(heard);
        let new = self.store.hear(&heard, Moment::now()).await.map_err(|error| NotKept(error.to_string()))?;
        self.metrics.kept.observe(at.elapsed().as_secs_f64() * 1_000.0);
        if new {
            self.metrics.heard.get_or_create(&Named::of(kind_of(&heard))).inc();
            room.send(Job { heard, begun: None, at, _counted: counted });
        }
        Ok(())
    }

    async fn suggest(&self, place: &Place, person: &Person, typed: &str) -> Vec<String> {
        match self.allow.of(place, person) {
            Ok(scope) => self.names.suggest(scope, typed, Duration::from_millis(700)).await,
            Err(_) => vec![],
        }
    }
}

/// A text of a bounded length.
fn cut(mut heard: Heard) -> Heard {
    use crate::platform::What;
    if let What::Command(text) | What::Words(text) = &mut heard.what {
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
    }
    heard
}
