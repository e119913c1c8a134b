//! What was kept: who may know of it, and what is told where ECS has forgotten.

use super::Desk;
use super::answer::answered;
use super::asked::{Asked, Shown};
use super::talk::Talk;
use crate::allow::Scope;
use crate::audit::Line;
use crate::memory;
use crate::platform::SendError;
use crate::store::KeptReport;
use ecs_why_core::model::Moment;
use ecs_why_core::report::Report;
use std::sync::Arc;

impl Desk {
    /// What was kept about a task that ECS does not know any more.
    pub(super) async fn remembered(
        &self,
        talk: &Talk,
        scope: &Arc<Scope>,
        name: &str,
        line: &mut Line,
    ) -> Option<Result<(), SendError>> {
        let task = name.rsplit(['/', ':']).next().unwrap_or(name);
        let kept = memory::of_task(&self.store, task, Moment::now()).await.ok()??;
        let report = Report::parse(&kept.report).ok()?;
        if !self.may_know(scope, &kept, &report).await {
            return None;
        }
        line.about = report.target.task.clone();
        (line.outcome, line.report) = (format!("remembered {}", report.outcome.as_str()), Some(kept.id.clone()));
        let when = kept.made.strftime("%Y-%m-%d %H:%M UTC");
        let said = vec![format!("ECS does not know this task any more: this is what I saw at {when}.")];
        let asked = Asked::parse(&kept.asked)?;
        let shown = Shown::at(&talk.place, &talk.key);
        let id = self.keep_copy(&kept, asked, &shown).await;
        Some(talk.say(&answered(&report, said, &id)).await.map(|_| ()))
    }

    /// Whether a kept report is about what a scope may ask about: by account and region as AWS names them, where both are known.
    pub(super) async fn may_know(&self, scope: &Scope, kept: &KeptReport, report: &Report) -> bool {
        let target = &report.target;
        // What an event or a text calls a cluster may be its ARN.
        let cluster = target.cluster.as_deref().map(|name| name.rsplit('/').next().unwrap_or(name));
        if !cluster.is_some_and(|cluster| scope.clusters.have(cluster)) {
            return false;
        }
        let agree = |told: &Option<String>, own: &Option<String>, kept: bool| match (told, own) {
            (Some(told), Some(own)) => told == own,
            _ => kept,
        };
        for spot in &scope.spots {
            let (account, region) = (self.source.account_id(spot).await, self.source.region(spot).await);
            if agree(&target.account, &account, kept.account == spot.account)
                && agree(&target.region, &region, kept.region == spot.region)
            {
                return true;
            }
        }
        false
    }
}
