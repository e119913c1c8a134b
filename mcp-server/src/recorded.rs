//! Recorded incidents that answer instead of an account: for demos, for tests, and for who looks at an incident of yesterday.

use crate::errors::{Code, Fault};
use crate::source::Where;
use anyhow::Context as _;
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::diagnosis::{Diagnosis, Wish};
use ecs_why_core::recorded::{self, Incident};
use ecs_why_core::target::Target;
use ecs_why_core::triage::{Triage, TriageWish};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Recorded incidents.
pub struct Recordings(Arc<Vec<Recording>>);

/// One of them. It is read when it is first needed: there may be many, and a client waits for the start.
struct Recording {
    path: PathBuf,
    read: OnceLock<Option<Incident>>,
}

impl Recordings {
    /// The recordings in these files.
    ///
    /// # Errors
    /// When one of them is not there; whether it is well formed shows when it is needed.
    pub fn open(paths: &[PathBuf]) -> anyhow::Result<Recordings> {
        for path in paths {
            std::fs::metadata(path).with_context(|| format!("cannot read the evidence `{}`", path.display()))?;
        }
        let of = |path: &PathBuf| Recording { path: path.clone(), read: OnceLock::new() };
        Ok(Recordings(Arc::new(paths.iter().map(of).collect())))
    }

    /// Runs what may take long beside the others.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(Vec<&Incident>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let all = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(all.iter().filter_map(Recording::read).collect())).await;
        done.map_err(|_| {
            Fault::new(Code::Internal, "the recordings cannot be read", "report this as a fault of ecs-why")
        })?
    }

    /// The report of the recording that is about the target.
    pub async fn diagnose(&self, wish: &Wish, at: &Where) -> Result<Diagnosis, Fault> {
        at.is_recorded()?;
        let wish = wish.clone();
        self.with(move |all| match all.iter().find(|one| one.is_about(&wish.target)) {
            Some(one) => Ok(one.diagnose(&wish)?),
            None => Err(not_recorded(&wish.target, &all)),
        })
        .await
    }

    /// The recorded incidents of these clusters, grouped.
    pub async fn triage(&self, wish: &TriageWish) -> Result<Triage, Fault> {
        let clusters = wish.clusters.clone();
        self.with(move |all| Ok(recorded::triage(&all, &clusters))).await
    }

    /// The clusters of the recordings.
    pub async fn clusters(&self) -> Result<Vec<String>, Fault> {
        self.with(|all| Ok(recorded::clusters(&all))).await
    }

    /// The services of one of them.
    pub async fn services(&self, cluster: &str) -> Result<Vec<String>, Fault> {
        let cluster = cluster.to_owned();
        self.with(move |all| Ok(recorded::services(&all, &cluster))).await
    }

    /// The clusters that have a service or task of this name.
    pub async fn clusters_with(&self, name: &str) -> Result<Vec<String>, Fault> {
        let name = name.to_owned();
        self.with(move |all| Ok(recorded::clusters_with(&all, &name))).await
    }

    /// The failed tasks of one of them, by id.
    pub async fn tasks(&self, cluster: &str) -> Result<Vec<String>, Fault> {
        let cluster = cluster.to_owned();
        self.with(move |all| Ok(recorded::tasks(&all, &cluster))).await
    }
}

fn not_recorded(target: &Target, all: &[&Incident]) -> Fault {
    let wanted = target.name();
    let message = format!("no recording is about `{wanted}`: this server answers from recorded evidence alone");
    Fault::new(Code::NotRecorded, message, "ask about one of the candidates; list_targets has them all")
        .about("target")
        .candidates(recorded::near(all, &wanted))
}

impl Recording {
    fn read(&self) -> Option<&Incident> {
        let read = || match read(&self.path) {
            Ok(file) => Some(Incident::new(file)),
            Err(error) => {
                tracing::error!(path = %self.path.display(), "{error:#}");
                None
            }
        };
        self.read.get_or_init(read).as_ref()
    }
}

fn read(path: &Path) -> anyhow::Result<EvidenceFile> {
    let text = std::fs::read_to_string(path).context("cannot read the evidence")?;
    Ok(EvidenceFile::parse(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Recordings {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
        let files = ["image-tag-not-found/image-tag-missing", "no-egress-route/no-egress"];
        let paths: Vec<PathBuf> =
            files.iter().map(|one| root.join(one).join("account.json")).filter(|path| path.exists()).collect();
        Recordings::open(&paths).expect("they are there")
    }

    #[tokio::test]
    async fn a_recording_answers_for_its_target_and_no_other() {
        let recordings = some();
        let cluster = recordings.clusters().await.expect("they are read").remove(0);
        let service = recordings.services(&cluster).await.expect("they are read").remove(0);
        let target = Target::parse(&format!("{cluster}/{service}"), None).expect("a target");
        let told = recordings.diagnose(&Wish::why(target), &Where::default()).await.expect("it is recorded");
        assert_eq!(told.report.target.service.as_deref(), Some(service.as_str()));
        let other = Target::parse("prod/nothing-of-that-name", None).expect("a target");
        let fault = recordings.diagnose(&Wish::why(other), &Where::default()).await.err().expect("it is not");
        assert_eq!(fault.code(), Some(Code::NotRecorded));
    }

    #[test]
    fn a_file_that_is_not_there_is_told_at_the_start() {
        assert!(Recordings::open(&["/nowhere/evidence.json".into()]).is_err());
    }
}
