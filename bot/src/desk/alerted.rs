//! What alerts ask of the desk: who diagnoses, and which channels want to know. Only what a channel may ask about is told there.

use super::asked::Spot;
use super::say;
use crate::alerts::{Diagnose, Diagnosed, QuietHours, Routed, Routes, Undiagnosed, Whose};
use crate::config::{Clusters, Config};
use crate::platform::{Button, Kind, Place};
use crate::source::{Patience, Source, Trouble, What};
use async_trait::async_trait;
use ecs_why_core::change::HouseRules;
use ecs_why_core::diagnosis::Wish;
use ecs_why_core::report::Report;
use ecs_why_core::target::Target;
use std::sync::Arc;
use std::time::Duration;

/// A channel that takes alerts.
struct Channel {
    place: Place,
    quiet: Option<QuietHours>,
    clusters: Clusters,
    homes: Vec<Home>,
}

/// An account and region as events name them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Home {
    spot: Spot,
    account: String,
    region: String,
}

/// The channels that take alerts, and who asks for them.
pub struct Alerted {
    channels: Vec<Channel>,
    source: Arc<dyn Source>,
    rules: HouseRules,
    limit: Duration,
}

/// How long to wait before AWS is asked again whose an account is.
const AGAIN: Duration = Duration::from_secs(10);

impl Alerted {
    /// As the configuration says. It waits until it is known whose the accounts are, since events name them by their digits.
    pub async fn open(config: &Config, source: Arc<dyn Source>) -> Alerted {
        let allow = crate::allow::Allow::new(config);
        let mut channels = vec![];
        for channel in config.channels.iter().filter(|one| one.alerts) {
            let kind = *channel.platform.get_ref();
            let Some(scope) = allow.channel(kind, channel.id.get_ref()) else { continue };
            let mut homes = vec![];
            for spot in &scope.spots {
                homes.push(home(source.as_ref(), spot).await);
            }
            let first = |ids: Option<&Vec<String>>| ids.and_then(|ids| ids.first()).cloned();
            let space = match kind {
                Kind::Slack => first(config.slack.as_ref().map(|one| one.workspaces.get_ref())),
                Kind::Discord => first(config.discord.as_ref().map(|one| one.guilds.get_ref())),
            };
            let id = channel.id.get_ref().clone();
            channels.push(Channel {
                place: Place { kind, space, channel: id, thread: None, direct: false },
                quiet: channel.quiet.as_ref().and_then(|quiet| hours(quiet.get_ref())),
                clusters: scope.clusters.clone(),
                homes,
            });
        }
        let limit = Duration::from_secs(u64::from(config.limits.seconds.get()));
        Alerted { channels, source, rules: config.fixes.clone(), limit }
    }

    fn homes<'a>(
        &'a self,
        account: &'a str,
        region: &'a str,
        cluster: &'a str,
    ) -> impl Iterator<Item = (&'a Channel, &'a Home)> {
        let of = move |channel: &'a Channel| {
            let here = channel.homes.iter().find(|home| home.account == account && home.region == region)?;
            channel.clusters.have(cluster).then_some((channel, here))
        };
        self.channels.iter().filter_map(of)
    }
}

async fn home(source: &dyn Source, spot: &Spot) -> Home {
    loop {
        if let (Some(account), Some(region)) = (source.account_id(spot).await, source.region(spot).await) {
            return Home { spot: spot.clone(), account, region };
        }
        tracing::warn!(account = spot.account.as_deref(), "it cannot be told whose an account is: alerts wait");
        tokio::time::sleep(AGAIN).await;
    }
}

fn hours(quiet: &crate::config::Quiet) -> Option<QuietHours> {
    let zone = jiff::tz::TimeZone::get(quiet.zone.as_deref().unwrap_or("UTC")).ok()?;
    Some(QuietHours { from: quiet.from, to: quiet.to, zone })
}

#[async_trait]
impl Diagnose for Alerted {
    async fn diagnose(&self, target: &Target) -> Result<Diagnosed, Undiagnosed> {
        let place = target.place();
        let (account, region) = (place.account.as_deref().unwrap_or(""), place.region.as_deref().unwrap_or(""));
        let home = self.homes(account, region, target.cluster()).next().map(|(_, home)| home.spot.clone());
        let Some(spot) = home else {
            return Err(Undiagnosed::NotServed("no channel with alerts may ask about it".to_owned()));
        };
        let wish = Wish { logs: false, rules: self.rules.clone(), ..Wish::why(target.clone()) };
        let patience = Patience { limit: self.limit, background: true };
        match self.source.diagnose(wish, &spot, patience).await {
            Ok(done) => Ok(Diagnosed { spot, report: done.report, evidence: Some(done.evidence.to_text()) }),
            Err(Trouble { what: What::Forgotten, .. }) => Err(Undiagnosed::Gone),
            Err(Trouble { what: What::Outside, title, .. }) => Err(Undiagnosed::NotServed(title)),
            Err(trouble) => Err(Undiagnosed::Failed(trouble.title)),
        }
    }

    fn buttons(&self, id: &str, report: &Report) -> Vec<Button> {
        say::buttons(id, report)
    }
}

impl Routes for Alerted {
    fn places(&self, whose: &Whose) -> Vec<Routed> {
        let of = self.homes(&whose.account, &whose.region, &whose.cluster);
        of.map(|(channel, _)| Routed { place: channel.place.clone(), quiet: channel.quiet.clone() }).collect()
    }
}
