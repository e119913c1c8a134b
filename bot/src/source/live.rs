//! Accounts that are asked. All questions share clients, connections, and the limiter that keeps them below AWS's rates.

use super::{Patience, Source, Trouble, within};
use crate::alerts::Sqs;
use crate::config::{Alerts, Config};
use crate::desk::asked::Spot;
use async_trait::async_trait;
use ecs_why_aws::{Accounts, OpenError, Options};
use ecs_why_core::diagnosis::{Diagnosis, Engine, Silent, Wish};
use ecs_why_core::triage::{Triage, TriageWish, Unwatched};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The accounts of the configuration, or the one whose credentials are at hand.
pub struct Live {
    accounts: Accounts,
    /// Whose they are, once that was asked.
    ids: Mutex<BTreeMap<Spot, String>>,
}

impl Live {
    /// As the configuration says. Nothing is asked yet.
    pub fn new(config: &Config) -> Live {
        Live { accounts: accounts(config), ids: Mutex::default() }
    }

    async fn engine(&self, spot: &Spot, background: bool) -> Result<Engine, Trouble> {
        let live = self.accounts.live(spot.account.as_deref(), spot.region.as_deref()).await?;
        let region = live.region().to_owned();
        // Each diagnosis counts its own requests.
        let live = if background { live.in_background() } else { live }.for_one_run();
        Ok(Engine::new(Arc::new(live), region))
    }
}

fn accounts(config: &Config) -> Accounts {
    let base = Options {
        region: config.aws.region.clone(),
        endpoint_url: config.aws.endpoint_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
        ca_bundle: config.aws.ca_bundle.clone(),
        ..Options::default()
    };
    Accounts::new(base, config.settings())
}

/// The queue of events, read with the credentials of its account.
///
/// # Errors
/// When the account cannot be opened.
pub async fn queue(config: &Config, alerts: &Alerts) -> Result<Sqs, OpenError> {
    let account = alerts.account.as_ref().map(|name| name.get_ref().as_str());
    let live = accounts(config).live(account, alerts.region.as_deref()).await?;
    Ok(Sqs::new(&live, alerts.queue_url.as_str(), alerts.dead_letter_url.as_ref().map(|url| url.as_str())))
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Trouble {
        Trouble::configuration(error.to_string())
    }
}

#[async_trait]
impl Source for Live {
    async fn diagnose(&self, wish: Wish, spot: &Spot, patience: Patience) -> Result<Diagnosis, Trouble> {
        let work = async {
            let engine = self.engine(spot, patience.background).await?;
            Ok(engine.diagnose_until(&wish, &Silent, tokio::time::sleep(patience.limit)).await?)
        };
        within(patience, work).await
    }

    async fn triage(&self, wish: TriageWish, spot: &Spot, patience: Patience) -> Result<Triage, Trouble> {
        let work = async {
            let engine = self.engine(spot, true).await?;
            Ok(engine.triage(&wish, &Unwatched, tokio::time::sleep(patience.limit)).await?)
        };
        within(patience, work).await
    }

    async fn clusters(&self, spot: &Spot) -> Result<Vec<String>, Trouble> {
        Ok(self.engine(spot, false).await?.clusters().await?)
    }

    async fn services(&self, spot: &Spot, cluster: &str) -> Result<Vec<String>, Trouble> {
        Ok(self.engine(spot, false).await?.services(cluster).await?)
    }

    async fn stopped_tasks(&self, spot: &Spot, cluster: &str) -> Result<Vec<String>, Trouble> {
        Ok(self.engine(spot, false).await?.stopped_tasks(cluster).await?)
    }

    async fn clusters_with(&self, spot: &Spot, name: &str) -> Result<Vec<String>, Trouble> {
        Ok(self.engine(spot, false).await?.clusters_with(name).await?)
    }

    async fn account_id(&self, spot: &Spot) -> Option<String> {
        // A role says by itself whose it is.
        let role = spot.account.as_deref().and_then(|name| self.accounts.named(name).ok()?.role.as_deref());
        if let Some(id) = role.and_then(|arn| arn.split(':').nth(4)) {
            return Some(id.to_owned());
        }
        let kept = || self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = kept().get(spot) {
            return Some(id.clone());
        }
        let id = self.engine(spot, false).await.ok()?.identity().await.ok()?.account;
        kept().insert(spot.clone(), id.clone());
        Some(id)
    }

    async fn region(&self, spot: &Spot) -> Option<String> {
        match &spot.region {
            Some(region) => Some(region.clone()),
            None => Some(self.accounts.live(spot.account.as_deref(), None).await.ok()?.region().to_owned()),
        }
    }
}
