//! A diagnosis as the desk makes it: one at a time for the same target, given again while it is fresh, and kept.

use super::Desk;
use super::asked::{Asked, Shown, Spot, Wanted};
use crate::allow::Scope;
use crate::source::{Patience, Trouble};
use crate::store::{KeptReport, Store};
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::diagnosis::Wish;
use ecs_why_core::evidence::Question;
use ecs_why_core::model::Moment;
use ecs_why_core::report::Report;
use ecs_why_core::target::Target;
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// An answer that is not older is given again.
const FRESH_FOR: Duration = Duration::from_secs(60);
/// So many are held for that.
const MOST: usize = 200;

/// A report as it was made.
#[derive(Clone)]
pub struct Look {
    /// The report.
    pub report: Arc<Report>,
    /// The kept report with the evidence.
    pub id: String,
    /// The message that it was made for.
    pub shown: Shown,
    at: Instant,
}

type Slot = Arc<tokio::sync::Mutex<Option<Look>>>;

/// The newest reports, by what was asked.
#[derive(Default)]
pub struct Recent(Mutex<HashMap<(Spot, String, bool), Slot>>);

impl Recent {
    fn slot(&self, key: (Spot, String, bool)) -> Slot {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            // Those that are being made stay: others wait for them.
            all.retain(|_, slot| {
                slot.try_lock().map_or(true, |look| look.as_ref().is_some_and(|one| one.at.elapsed() < FRESH_FOR))
            });
        }
        if all.len() >= MOST {
            return Slot::default();
        }
        Arc::clone(all.entry(key).or_default())
    }
}

impl Desk {
    /// Why a target failed, as far as a scope may know it.
    ///
    /// # Errors
    /// When there is no report, or it is about something else than may be asked about.
    pub async fn look(
        &self,
        scope: &Scope,
        spot: &Spot,
        target: &Target,
        anew: bool,
        shown: &Shown,
    ) -> Result<Look, Trouble> {
        if !scope.may(spot, target.cluster()) {
            return Err(Trouble::outside());
        }
        let slot = self.recent.slot((spot.clone(), format!("{target:?}"), scope.logs));
        // The same question at the same time is asked once.
        let mut held = slot.lock().await;
        if let Some(look) = held.as_ref().filter(|look| !anew && look.at.elapsed() < FRESH_FOR) {
            return Ok(look.clone());
        }
        let wish = Wish { logs: scope.logs, rules: self.rules.clone(), ..Wish::why(target.clone()) };
        let done = {
            self.waiting.fetch_add(1, Ordering::Relaxed);
            let permit = self.permits.acquire().await;
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            let _permit = permit.map_err(|_| Trouble::ours())?;
            self.metrics.running.inc();
            let patience = Patience { limit: self.limit, background: false };
            let done = self.source.diagnose(wish, spot, patience).await;
            self.metrics.running.dec();
            done?
        };
        // What was asked may be answered by what another place is about: recorded evidence, or a link without a region.
        if !is_about(scope, spot, &done.report) {
            return Err(Trouble::outside());
        }
        let asked = Asked::why(spot.clone(), target.clone(), Some(shown.clone()));
        let id = Store::id();
        self.keep(&id, spot, &done.report, Some(&done.evidence), &asked).await;
        let look = Look { report: Arc::new(done.report), id, shown: shown.clone(), at: Instant::now() };
        // What was cut off is not given again.
        *held = done.complete.then(|| look.clone());
        Ok(look)
    }

    /// Keeps a report under an id of its own for another message that shows the same.
    pub async fn keep_for(&self, look: &Look, spot: &Spot, target: &Target, shown: &Shown) -> String {
        let id = Store::id();
        let asked =
            Asked { of: Some(look.id.clone()), ..Asked::why(spot.clone(), target.clone(), Some(shown.clone())) };
        self.keep(&id, spot, &look.report, None, &asked).await;
        id
    }

    /// Keeps an older report once more, for a message that shows it now.
    pub async fn keep_copy(&self, kept: &KeptReport, asked: Asked, shown: &Shown) -> String {
        let id = Store::id();
        let of = asked.of.unwrap_or_else(|| kept.id.clone());
        let asked = Asked { what: asked.what, shown: Some(shown.clone()), of: Some(of) };
        let copy = KeptReport { id: id.clone(), evidence: None, asked: asked.to_text(), ..kept.clone() };
        if let Err(error) = self.store.keep(&copy).await {
            tracing::error!(%error, "a report could not be kept");
        }
        id
    }

    /// Keeps what a text said.
    pub async fn keep_text(&self, report: &Report, shown: &Shown) -> String {
        let id = Store::id();
        let asked = Asked { what: Wanted::Text, shown: Some(shown.clone()), of: None };
        self.keep(&id, &Spot::default(), report, None, &asked).await;
        id
    }

    async fn keep(&self, id: &str, spot: &Spot, report: &Report, evidence: Option<&EvidenceFile>, asked: &Asked) {
        // Log lines are shown where they may be, and kept nowhere.
        let bare = Report { log: None, ..report.clone() };
        let kept = KeptReport {
            id: id.to_owned(),
            made: Moment::now(),
            account: spot.account.clone(),
            region: spot.region.clone(),
            report: serde_json::to_string(&bare).unwrap_or_default(),
            evidence: evidence.map(|file| without_logs(file).to_text()),
            asked: asked.to_text(),
        };
        if let Err(error) = self.store.keep(&kept).await {
            // The answer is told all the same; its buttons will say that it is gone.
            tracing::error!(%error, "a report could not be kept");
        }
    }
}

/// What is in the report may be known here.
pub fn is_about(scope: &Scope, spot: &Spot, report: &Report) -> bool {
    let target = &report.target;
    let region = target.region.is_none() || spot.region.is_none() || target.region == spot.region;
    region && target.cluster.as_deref().is_none_or(|cluster| scope.may(spot, cluster))
}

fn without_logs(file: &EvidenceFile) -> EvidenceFile {
    let mut bare = file.clone();
    bare.logs = false;
    bare.answers.retain(|entry| !matches!(entry.question, Question::LogLines { .. }));
    bare
}
