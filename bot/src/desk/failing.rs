//! What fails now: a triage of the clusters that a place may ask about.

use super::Desk;
use super::asked::{Shown, Spot};
use super::choice::{Choice, Choices};
use super::find::Finder;
use super::talk::Talk;
use crate::allow::Scope;
use crate::audit::Line;
use crate::platform::{Message, SendError};
use crate::source::{Patience, Trouble};
use crate::words;
use ecs_why_core::brief::sentence;
use ecs_why_core::render::{CardBlock, triage_card};
use ecs_why_core::target::Target;
use ecs_why_core::triage::{Group, Triage, TriageWish};
use futures_util::future::join_all;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Groups that can be asked about by a button.
const BUTTONS: usize = 4;

/// Clusters of one spot.
struct Asked {
    spot: Spot,
    clusters: Vec<String>,
}

impl Desk {
    /// What fails in these clusters, or in all that may be asked about.
    pub(super) async fn failing(
        &self,
        talk: &Talk,
        scope: &Arc<Scope>,
        wanted: &words::Scope,
        line: &mut Line,
    ) -> Result<(), SendError> {
        line.asked = "failing";
        let about = match wanted.clusters.as_slice() {
            [] => "what fails now".to_owned(),
            some => format!("what fails in {}", sentence(&some.join(", "), 120)),
        };
        line.about = Some(about.clone());
        let work = async {
            let asked = self.asked(scope, wanted).await?;
            self.triaged(&asked).await
        };
        let (triage, choices, failed) = match talk.working(&about, work).await {
            Ok(done) => done,
            Err(trouble) => return self.tell(talk, &trouble, line).await,
        };
        line.outcome = format!("{} groups", triage.failing().count());
        let mut card = triage_card(&triage);
        card.blocks.extend(failed.into_iter().map(CardBlock::Aside));
        let choices = Choices { shown: Shown::at(&talk.place, &talk.key), instead: false, all: choices };
        let buttons = match choices.all.is_empty() {
            true => vec![],
            false => choices.buttons(&self.keep_choices(&choices).await),
        };
        talk.say(&Message { card, buttons }).await.map(|_| ())
    }

    /// Which clusters are meant: never none of a spot, since that would mean all of them.
    async fn asked(&self, scope: &Arc<Scope>, wanted: &words::Scope) -> Result<Vec<Asked>, Trouble> {
        if wanted.clusters.iter().any(|cluster| !scope.clusters.have(cluster)) {
            return Err(Trouble::outside());
        }
        let finder = Finder { source: self.source.as_ref(), names: &self.names, scope };
        let spots = finder.spots(wanted.account.as_deref(), wanted.region.as_deref()).await?;
        let each = spots.into_iter().map(|spot| async {
            let mut clusters = self.names.clusters(&spot, scope).await;
            clusters.retain(|one| wanted.clusters.is_empty() || wanted.clusters.contains(one));
            Asked { spot, clusters }
        });
        let asked: Vec<Asked> = join_all(each).await.into_iter().filter(|one| !one.clusters.is_empty()).collect();
        match (asked.is_empty(), wanted.clusters.as_slice()) {
            (true, []) => Err(Trouble::not_found("cluster")),
            (true, some) => Err(Trouble::not_found(&format!("cluster {}", some.join(", ")))),
            (false, _) => Ok(asked),
        }
    }

    /// All of it as one, with what can be asked about by a button, and where it could not be read.
    async fn triaged(&self, asked: &[Asked]) -> Result<(Triage, Vec<Choice>, Vec<String>), Trouble> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let permit = self.permits.acquire().await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let _permit = permit.map_err(|_| Trouble::ours())?;
        self.metrics.running.inc();
        let each = asked.iter().map(|one| async move {
            let wish = TriageWish { clusters: one.clusters.clone(), since: None, rules: self.rules.clone() };
            let patience = Patience { limit: self.limit, background: false };
            (one, self.source.triage(wish, &one.spot, patience).await)
        });
        let done = join_all(each).await;
        self.metrics.running.dec();
        let mut all: Option<Triage> = None;
        let mut of: Vec<(Group, Spot)> = vec![];
        let mut failed: Vec<(&Spot, Trouble)> = vec![];
        for (one, triage) in done {
            match triage {
                Ok(triage) => {
                    of.extend(triage.failing().take(BUTTONS).map(|group| (group.clone(), one.spot.clone())));
                    all = Some(match all {
                        Some(before) => before.and(triage),
                        None => triage,
                    });
                }
                Err(trouble) => failed.push((&one.spot, trouble)),
            }
        }
        match (all, failed.pop()) {
            (None, Some((_, trouble))) => Err(trouble),
            (None, None) => Err(Trouble::ours()),
            (Some(all), last) => {
                failed.extend(last);
                let told =
                    failed.iter().map(|(spot, trouble)| format!("{}: {}. {}", name(spot), trouble.title, trouble.text));
                let choice = |group: &Group| {
                    let (_, spot) = of.iter().find(|(one, _)| one == group)?;
                    Some(Choice::Found(spot.clone(), Target::parse(&group.target(), None).ok()?))
                };
                let choices = all.failing().take(BUTTONS).filter_map(choice).collect();
                Ok((all, choices, told.collect()))
            }
        }
    }
}

fn name(spot: &Spot) -> String {
    let parts: Vec<&str> = [&spot.account, &spot.region].into_iter().flatten().map(String::as_str).collect();
    if parts.is_empty() { "the account".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_has_a_name_for_people() {
        assert_eq!(name(&Spot::default()), "the account");
        let spot = Spot { account: Some("live".to_owned()), region: Some("eu-west-1".to_owned()) };
        assert_eq!(name(&spot), "live, eu-west-1");
    }
}
