//! Where answers come from: accounts that are asked, or recorded evidence.

use crate::errors::{Code, Fault};
use crate::recorded::Recordings;
use ecs_why_core::diagnosis::{Diagnosis, Progress, Wish};
use ecs_why_core::target::Place;
use ecs_why_core::triage::{Triage, TriageWish, Watch};
use std::future::Future;

/// Where answers come from.
pub enum Source {
    /// Recorded incidents.
    Recorded(Recordings),
    /// Accounts.
    #[cfg(feature = "live")]
    Live(crate::live::Accounts),
}

/// The account and region that a call names, as far as it does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Where {
    /// A name of the configuration.
    pub account: Option<String>,
    /// As in `us-east-1`.
    pub region: Option<String>,
}

impl Where {
    /// What the target names by itself wins: nothing else can be meant. But two that differ are a mistake.
    pub fn or_of(&self, place: &Place) -> Result<Where, Fault> {
        if let (Some(asked), Some(named)) = (&self.region, &place.region)
            && asked != named
        {
            let message = format!("the target is in region `{named}`, and `region` says `{asked}`");
            return Err(Fault::argument("region", message, "leave `region` out"));
        }
        Ok(Where { account: self.account.clone(), region: place.region.clone().or_else(|| self.region.clone()) })
    }
}

impl Source {
    /// Whether recordings answer instead of an account.
    pub fn is_recorded(&self) -> bool {
        matches!(self, Source::Recorded(_))
    }

    /// Why a target failed, or whether it would start.
    pub async fn diagnose(
        &self,
        wish: Wish,
        at: &Where,
        progress: &dyn Progress,
        enough: impl Future<Output = ()> + Send,
    ) -> Result<Diagnosis, Fault> {
        let at = at.or_of(wish.target.place())?;
        match self {
            Source::Recorded(recordings) => {
                progress.asked(0, 0, "the recording");
                in_time(recordings.diagnose(&wish, &at), enough).await
            }
            #[cfg(feature = "live")]
            Source::Live(accounts) => {
                let engine = accounts.engine(&at, Some(wish.target.place()), false).await?;
                Ok(engine.diagnose_until(&wish, progress, enough).await?)
            }
        }
    }

    /// All that fails in clusters.
    pub async fn triage(
        &self,
        wish: &TriageWish,
        at: &Where,
        watch: &dyn Watch,
        enough: impl Future<Output = ()> + Send,
    ) -> Result<Triage, Fault> {
        match self {
            Source::Recorded(recordings) => {
                at.is_recorded()?;
                watch.read(0, 0);
                in_time(recordings.triage(wish), enough).await
            }
            #[cfg(feature = "live")]
            Source::Live(accounts) => {
                let engine = accounts.engine(at, None, true).await?;
                Ok(engine.triage(wish, watch, enough).await?)
            }
        }
    }

    /// The names of clusters.
    pub async fn clusters(&self, at: &Where) -> Result<Vec<String>, Fault> {
        match self {
            Source::Recorded(recordings) => {
                at.is_recorded()?;
                recordings.clusters().await
            }
            #[cfg(feature = "live")]
            Source::Live(accounts) => Ok(accounts.engine(at, None, false).await?.clusters().await?),
        }
    }

    /// The names of a cluster's services.
    pub async fn services(&self, cluster: &str, at: &Where) -> Result<Vec<String>, Fault> {
        match self {
            Source::Recorded(recordings) => {
                at.is_recorded()?;
                recordings.services(cluster).await
            }
            #[cfg(feature = "live")]
            Source::Live(accounts) => Ok(accounts.engine(at, None, false).await?.services(cluster).await?),
        }
    }

    /// The ids of a cluster's stopped tasks, some of them.
    pub async fn tasks(&self, cluster: &str, at: &Where) -> Result<Vec<String>, Fault> {
        match self {
            Source::Recorded(recordings) => {
                at.is_recorded()?;
                recordings.tasks(cluster).await
            }
            #[cfg(feature = "live")]
            Source::Live(accounts) => Ok(accounts.engine(at, None, false).await?.stopped_tasks(cluster).await?),
        }
    }

    /// The clusters that have a service or task of this name.
    pub async fn clusters_with(&self, name: &str, at: &Where) -> Result<Vec<String>, Fault> {
        match self {
            Source::Recorded(recordings) => {
                at.is_recorded()?;
                recordings.clusters_with(name).await
            }
            #[cfg(feature = "live")]
            Source::Live(accounts) => Ok(accounts.engine(at, None, false).await?.clusters_with(name).await?),
        }
    }

    /// As whom an account is asked.
    pub async fn identity(&self, at: &Where) -> Result<Who, Fault> {
        match self {
            Source::Recorded(_) => {
                let _ = at;
                let message = "recorded evidence answers: no account is asked";
                Err(Fault::new(Code::NotRecorded, message, "list_targets tells what is recorded"))
            }
            #[cfg(feature = "live")]
            Source::Live(accounts) => accounts.identity(at).await,
        }
    }

    /// The accounts that the configuration names.
    pub fn accounts(&self) -> Vec<String> {
        match self {
            Source::Recorded(_) => vec![],
            #[cfg(feature = "live")]
            Source::Live(accounts) => accounts.names(),
        }
    }
}

/// A recording tells all or nothing.
async fn in_time<T>(
    work: impl Future<Output = Result<T, Fault>>,
    enough: impl Future<Output = ()>,
) -> Result<T, Fault> {
    tokio::select! {
        biased;
        done = work => done,
        () = enough => {
            let message = "the recordings were not read in time";
            Err(Fault::new(Code::TimeOver, message, "ask the person to start this server with fewer recordings"))
        }
    }
}

impl Where {
    /// Recordings have neither accounts nor regions to choose from; a region is no harm.
    pub fn is_recorded(&self) -> Result<(), Fault> {
        match &self.account {
            None => Ok(()),
            Some(_) => {
                let message = "this server answers from recorded evidence: there are no accounts to choose from";
                Err(Fault::argument("account", message, "leave `account` out"))
            }
        }
    }
}

/// As whom an account is asked.
#[derive(Debug, Clone)]
pub struct Who {
    /// Twelve digits.
    pub account: String,
    /// The principal's ARN.
    pub principal: String,
    /// As in `us-east-1`.
    pub region: String,
}
