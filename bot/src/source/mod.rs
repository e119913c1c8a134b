//! Where answers come from: accounts that are asked, or recorded evidence.

#[cfg(feature = "live")]
mod live;
mod recorded;
mod trouble;

pub use trouble::{Trouble, What};

use crate::alerts::Queue;
use crate::config::{Alerts, Config};
use crate::desk::asked::Spot;
use async_trait::async_trait;
use ecs_why_core::diagnosis::{Diagnosis, Wish};
use ecs_why_core::triage::{Triage, TriageWish};
use std::sync::Arc;
use std::time::Duration;

/// How long somebody waits, and whether anybody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// After this time, what is known by then is told.
    pub limit: Duration,
    /// Nobody waits: the questions of persons go first.
    pub background: bool,
}

/// Where answers come from.
#[async_trait]
pub trait Source: Send + Sync {
    /// Why a target failed.
    ///
    /// # Errors
    /// When there is no report.
    async fn diagnose(&self, wish: Wish, spot: &Spot, patience: Patience) -> Result<Diagnosis, Trouble>;

    /// All that fails in these clusters, of which there is one at least.
    ///
    /// # Errors
    /// When there is nothing to tell.
    async fn triage(&self, wish: TriageWish, spot: &Spot, patience: Patience) -> Result<Triage, Trouble>;

    /// The names of all clusters.
    ///
    /// # Errors
    /// When they cannot be listed.
    async fn clusters(&self, spot: &Spot) -> Result<Vec<String>, Trouble>;

    /// The names of a cluster's services.
    ///
    /// # Errors
    /// When they cannot be listed.
    async fn services(&self, spot: &Spot, cluster: &str) -> Result<Vec<String>, Trouble>;

    /// The ids of a cluster's stopped tasks, some of them.
    ///
    /// # Errors
    /// When they cannot be listed.
    async fn stopped_tasks(&self, spot: &Spot, cluster: &str) -> Result<Vec<String>, Trouble>;

    /// The clusters that have a service or know a task of this name.
    ///
    /// # Errors
    /// When none of them can be asked.
    async fn clusters_with(&self, spot: &Spot, name: &str) -> Result<Vec<String>, Trouble>;

    /// The account of a spot by its twelve digits; none where nobody says.
    async fn account_id(&self, spot: &Spot) -> Option<String>;

    /// The region of a spot; none where nobody says.
    async fn region(&self, spot: &Spot) -> Option<String>;
}

/// As the configuration says.
///
/// # Errors
/// When recorded evidence cannot be read, or this program was made without what asks AWS.
pub fn open(config: &Config) -> anyhow::Result<Arc<dyn Source>> {
    if let Some(recorded) = &config.recorded {
        return Ok(Arc::new(recorded::Recordings::open(recorded.evidence.get_ref())?));
    }
    #[cfg(feature = "live")]
    {
        Ok(Arc::new(live::Live::new(config)))
    }
    #[cfg(not(feature = "live"))]
    {
        anyhow::bail!("this program was made without the feature `live`: it can only answer from `[recorded]` evidence")
    }
}

/// The queue of events.
///
/// # Errors
/// When the account with the queue cannot be opened, or this program was made without what asks AWS.
pub async fn queue(config: &Config, alerts: &Alerts) -> anyhow::Result<Box<dyn Queue>> {
    #[cfg(feature = "live")]
    {
        Ok(Box::new(live::queue(config, alerts).await?))
    }
    #[cfg(not(feature = "live"))]
    {
        let _ = (config, alerts);
        anyhow::bail!("this program was made without the feature `live`: there are no alerts")
    }
}

/// Waits for what should tell what it knows soon after the time is over, and gives up on it if it does not.
async fn within<T>(patience: Patience, work: impl Future<Output = Result<T, Trouble>> + Send) -> Result<T, Trouble> {
    /// What comes after the time is over is pure, and short: nothing takes longer than that.
    const GRACE: Duration = Duration::from_secs(8);
    match tokio::time::timeout(patience.limit + GRACE, work).await {
        Ok(done) => done,
        Err(_) => Err(Trouble::time_over(patience.limit)),
    }
}
