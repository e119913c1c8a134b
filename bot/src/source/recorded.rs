//! Recorded incidents that answer instead of an account: for demos, for tests, and for who looks at an incident of yesterday.

use super::{Patience, Source, Trouble, within};
use crate::desk::asked::Spot;
use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::diagnosis::{Diagnosis, Wish};
use ecs_why_core::recorded::{self, Incident};
use ecs_why_core::triage::{Triage, TriageWish};
use std::path::PathBuf;
use std::sync::Arc;

/// Recorded incidents.
pub struct Recordings(Arc<Vec<Incident>>);

impl Recordings {
    /// The incidents of these files.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn open(paths: &[PathBuf]) -> anyhow::Result<Recordings> {
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path);
            let text = text.with_context(|| format!("cannot read the evidence `{}`", path.display()))?;
            let file = EvidenceFile::parse(&text).with_context(|| format!("the evidence `{}`", path.display()))?;
            Ok(Incident::new(file))
        };
        // Each is walked once, which takes a moment: many are shared out.
        let hands = std::thread::available_parallelism().map_or(1, usize::from);
        let each = paths.len().div_ceil(hands).max(1);
        let all = std::thread::scope(|scope| {
            let begun: Vec<_> = paths
                .chunks(each)
                .map(|some| scope.spawn(move || some.iter().map(read).collect::<anyhow::Result<Vec<_>>>()))
                .collect();
            let ended =
                begun.into_iter().map(|hand| hand.join().map_err(|_| anyhow!("a recording could not be read"))?);
            ended.collect::<anyhow::Result<Vec<_>>>()
        })?;
        Ok(Recordings(Arc::new(all.into_iter().flatten().collect())))
    }

    /// Runs what may take long beside the others.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(Vec<&Incident>) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let all = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(all.iter().collect())).await;
        done.unwrap_or_else(|_| Err(Trouble::ours()))
    }
}

#[async_trait]
impl Source for Recordings {
    async fn diagnose(&self, wish: Wish, _: &Spot, patience: Patience) -> Result<Diagnosis, Trouble> {
        let work = self.with(move |all| {
            let found = all.iter().find(|one| one.is_about(&wish.target));
            Ok(found.ok_or_else(|| Trouble::not_recorded(&wish.target))?.diagnose(&wish)?)
        });
        within(patience, work).await
    }

    async fn triage(&self, wish: TriageWish, _: &Spot, patience: Patience) -> Result<Triage, Trouble> {
        within(patience, self.with(move |all| Ok(recorded::triage(&all, &wish.clusters)))).await
    }

    async fn clusters(&self, _: &Spot) -> Result<Vec<String>, Trouble> {
        self.with(|all| Ok(recorded::clusters(&all))).await
    }

    async fn services(&self, _: &Spot, cluster: &str) -> Result<Vec<String>, Trouble> {
        let cluster = cluster.to_owned();
        self.with(move |all| Ok(recorded::services(&all, &cluster))).await
    }

    async fn stopped_tasks(&self, _: &Spot, cluster: &str) -> Result<Vec<String>, Trouble> {
        let cluster = cluster.to_owned();
        self.with(move |all| Ok(recorded::tasks(&all, &cluster))).await
    }

    async fn clusters_with(&self, _: &Spot, name: &str) -> Result<Vec<String>, Trouble> {
        let name = name.to_owned();
        self.with(move |all| Ok(recorded::clusters_with(&all, &name))).await
    }

    async fn account_id(&self, _: &Spot) -> Option<String> {
        None
    }

    async fn region(&self, _: &Spot) -> Option<String> {
        None
    }
}
