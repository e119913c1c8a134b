//! From events to threads: those of one owner in the order in which they happened, those of several owners beside each other.

use super::event::{self, Kind};
use super::owner::Whose;
use super::{Alerts, Diagnosed, Undiagnosed};
use crate::desk::asked::{Asked, Spot, Wanted};
use crate::memory;
use crate::store::{Batch, Counted, Found, KeptReport, Store, StoreError, Waiting, cause};
use ecs_why_core::brief::sentence;
use ecs_why_core::diagnosis;
use ecs_why_core::model::CauseId;
use ecs_why_core::report::Outcome;
use ecs_why_core::target::Target;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use std::collections::HashSet;
use std::time::Duration;

/// So many owners are dealt with at once.
const OWNERS: usize = 32;
/// So many events of an owner are looked at together.
const TOGETHER: usize = 1000;
/// An event with which it was tried so often (each time the process ended) is told by its own text.
const MOST_TRIES: u32 = 3;
/// Characters of a headline where many failures are told in one card.
const LONGEST_TITLE: usize = 200;
/// How often an account is asked before that.
const ASKED: u32 = 3;

impl Alerts {
    /// Deals with what waits, for ever.
    pub(super) async fn work(&self) {
        let mut at_work: HashSet<String> = HashSet::new();
        let mut running = FuturesUnordered::new();
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut idle = tokio::time::interval(Duration::from_secs(300));
        loop {
            tokio::select! {
                Some(owner) = running.next(), if !running.is_empty() => {
                    at_work.remove::<String>(&owner);
                }
                () = self.new.notified() => {}
                _ = tick.tick() => {}
                _ = idle.tick() => {
                    if let Err(error) = self.store.close_idle(self.now(), self.rules.idle).await {
                        tracing::warn!(%error, "old threads could not be closed");
                    }
                }
            }
            match self.store.owners_waiting(OWNERS + at_work.len()).await {
                Err(error) => tracing::warn!(%error, "what waits cannot be read"),
                Ok(owners) => {
                    for owner in owners {
                        if at_work.len() < OWNERS && at_work.insert(owner.clone()) {
                            running.push(async move {
                                if let Err(error) = self.deal_with(&owner).await {
                                    tracing::warn!(%error, "events could not be dealt with; it is tried again");
                                    tokio::time::sleep(self.rules.again).await;
                                }
                                owner
                            });
                        }
                    }
                }
            }
        }
    }

    /// Deals with all that waits of one owner.
    pub(super) async fn deal_with(&self, owner: &str) -> Result<(), StoreError> {
        loop {
            let waiting = self.store.waiting(owner, TOGETHER).await?;
            if waiting.is_empty() {
                return Ok(());
            }
            let ids = waiting.iter().map(|one| one.id.clone()).collect();
            let Some(whose) = Whose::parse(owner) else {
                // Nobody's: an older version may have kept it.
                self.store.dealt_with(ids).await?;
                continue;
            };
            for (kind, batch) in batches(owner, waiting) {
                self.deal(&whose, kind, batch).await?;
            }
        }
    }

    async fn deal(&self, whose: &Whose, kind: Kind, batch: Batch) -> Result<(), StoreError> {
        if kind == Kind::Recovered {
            let last = batch.ids.last().cloned().unwrap_or_default();
            let how = self.store.event(&last).await?.and_then(|body| event::recovery(&body));
            let closed = self.store.recovered(batch, how).await?;
            if closed > 0 {
                tracing::info!(owner = %whose, closed, "well again");
            }
            self.said.notify_one();
            return Ok(());
        }
        if self.routes.places(whose).is_empty() {
            self.counted("without-channel", batch.ids.len());
            return self.store.dealt_with(batch.ids).await;
        }
        let (owner, many) = (batch.owner.clone(), batch.ids.len());
        match self.store.count(batch.clone(), self.rules.quiet_for).await? {
            Counted::In(_) => self.counted("counted", many),
            Counted::Silent => self.counted("silent", many),
            Counted::Unknown => self.look_into(whose, kind, batch).await?,
        }
        if kind == Kind::RolledBack {
            self.store.rolled_back(&owner).await?;
        }
        self.said.notify_one();
        Ok(())
    }

    /// Nobody has looked at such a stop yet: the newest of them is diagnosed.
    async fn look_into(&self, whose: &Whose, kind: Kind, batch: Batch) -> Result<(), StoreError> {
        let newest = batch.ids.last().cloned().unwrap_or_default();
        let body = self.store.event(&newest).await?.unwrap_or_default();
        let tries = self.store.event_tried(&newest).await?;
        let task = event::task(&body);
        let target = task.map(|task| whose.task(&task)).or_else(|| whose.target());
        let told = || from_text(whose, &body);
        let diagnosed = match &target {
            Some(target) if tries <= MOST_TRIES => self.asked(target).await,
            _ => Err(Undiagnosed::Gone),
        };
        let (diagnosed, wanted) = match diagnosed {
            // Of a task that ECS has forgotten, or a service that runs again or is not judged, the event is all that tells.
            Ok(one) if memory::says_nothing(&one.report) => (told(), None),
            Ok(one) => (one, target),
            Err(Undiagnosed::Gone) => (told(), None),
            Err(why) => {
                tracing::warn!(owner = %whose, "an alert is told by its event alone");
                let mut one = told();
                one.report.notes.push(format!("The account could not be asked: {why}"));
                (one, None)
            }
        };
        let many = batch.ids.len();
        match diagnosed.report.outcome {
            Outcome::StoppedDeliberately | Outcome::Completed => {
                self.counted("silent", many);
                return self.store.silence(batch).await;
            }
            // It was well again before anybody could look.
            Outcome::Running | Outcome::Sound if kind != Kind::Stopped => {
                self.counted("over", many);
                return self.store.dealt_with(batch.ids).await;
            }
            _ => self.counted("diagnosed", many),
        }
        let found = self.as_found(whose, diagnosed, wanted).await?;
        if self.store.found(found, batch, self.rules.cards(), self.now()).await? {
            self.metrics.threads.inc();
        }
        Ok(())
    }

    async fn asked(&self, target: &Target) -> Result<Diagnosed, Undiagnosed> {
        let mut asked = 0;
        loop {
            asked += 1;
            let permit = self.permits.acquire().await;
            let done = self.diagnose.diagnose(target).await;
            drop(permit);
            match done {
                Err(Undiagnosed::Failed(_)) if asked < ASKED => tokio::time::sleep(self.rules.again * asked).await,
                done => return done,
            }
        }
    }

    async fn as_found(&self, whose: &Whose, diagnosed: Diagnosed, wanted: Option<Target>) -> Result<Found, StoreError> {
        let Diagnosed { spot, report, evidence } = diagnosed;
        let now = self.now();
        let remembered = memory::remembered(&self.store, &report, now).await;
        let what = wanted.map_or(Wanted::Text, |target| Wanted::Why(spot.clone(), target));
        let kept = KeptReport {
            id: Store::id(),
            made: now,
            account: spot.account,
            region: spot.region,
            report: serde_json::to_string(&report)?,
            evidence,
            asked: Asked { what, shown: None, of: None }.to_text(),
        };
        let quiet = |routed: &super::Routed| routed.quiet.as_ref().and_then(|hours| hours.end(now));
        let places = self.routes.places(whose).into_iter().map(|routed| (routed.place.clone(), quiet(&routed)));
        Ok(Found {
            cause: cause(&report).unwrap_or(CauseId::Unknown).to_string(),
            title: sentence(&report.headline, LONGEST_TITLE),
            memory: remembered,
            places: places.collect(),
            kept,
            report,
        })
    }
}

/// Events of the same kin together, and what happened before a recovery before what happened after it.
fn batches(owner: &str, waiting: Vec<Waiting>) -> Vec<(Kind, Batch)> {
    let mut all: Vec<(Kind, Batch)> = vec![];
    let mut since_recovery = 0;
    for one in waiting {
        let kind = Kind::parse(&one.kind);
        let recent = all.get_mut(since_recovery..).unwrap_or_default();
        let same = recent.iter_mut().find(|(of, batch)| *of == kind && batch.kin == one.kin);
        match same.filter(|_| kind != Kind::Recovered) {
            Some((_, batch)) => {
                batch.last = batch.last.max(one.at);
                batch.ids.push(one.id);
            }
            None => {
                let batch =
                    Batch { owner: owner.to_owned(), kin: one.kin, ids: vec![one.id], first: one.at, last: one.at };
                all.push((kind, batch));
            }
        }
        if kind == Kind::Recovered {
            since_recovery = all.len();
        }
    }
    all
}

/// What the event says by itself.
fn from_text(whose: &Whose, body: &str) -> Diagnosed {
    let mut report = diagnosis::explain(&event::stop_in(body));
    let target = &mut report.target;
    (target.account, target.region) = (Some(whose.account.clone()), Some(whose.region.clone()));
    target.cluster = Some(whose.cluster.clone());
    target.service = whose.service().map(str::to_owned);
    target.task = event::task_arn(body);
    target.task_definition = event::definition(body);
    Diagnosed { spot: Spot { account: None, region: Some(whose.region.clone()) }, report, evidence: None }
}
