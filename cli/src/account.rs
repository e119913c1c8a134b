//! Where answers come from: the account, or an evidence file.

use crate::args::AskArgs;
use crate::failure::Usage;
use crate::view::View;
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::diagnosis::{self, Wish};
use ecs_why_core::report::Report;
use ecs_why_core::target::Target;
use std::io::{Read as _, Write as _};
use std::path::Path;

/// What a command got: a report, and (live only) the evidence behind it. Nothing if it was interrupted.
pub struct Answer {
    /// The report.
    pub report: Report,
    /// The evidence, if it is not from a file already.
    pub evidence: Option<EvidenceFile>,
}

/// Asks the file or the account, as the options say.
pub fn ask(target: Option<&str>, check: bool, ask: &AskArgs, view: &View) -> anyhow::Result<Option<Answer>> {
    if let Some(path) = &ask.evidence {
        let mut file = EvidenceFile::parse(&read(path)?)?;
        if let Some(typed) = target {
            let typed = Target::parse(typed, ask.cluster.as_deref())?;
            if typed.name() != file.target.name() {
                return Err(Usage::OtherTarget { file: file.target.name(), typed: typed.name() }.into());
            }
        }
        file.check |= check;
        let report = diagnosis::replay(&file)?;
        return Ok(Some(Answer { report, evidence: None }));
    }
    let target = Target::parse(target.unwrap_or_default(), ask.cluster.as_deref())?;
    live(&Wish { target, check, logs: !ask.no_logs }, ask, view)
}

#[cfg(not(feature = "live"))]
fn live(_: &Wish, _: &AskArgs, _: &View) -> anyhow::Result<Option<Answer>> {
    Err(Usage::NotLive.into())
}

/// Only here the SDK and the runtime are started: everything else must not wait for them.
#[cfg(feature = "live")]
fn live(wish: &Wish, ask: &AskArgs, view: &View) -> anyhow::Result<Option<Answer>> {
    use ecs_why_aws::{Live, Options};
    use std::sync::Arc;

    let options = Options {
        // The region that the target names wins: nothing else can be meant.
        region: wish.target.place().region.clone().or_else(|| ask.region.clone()),
        profile: ask.profile.clone(),
        endpoint_url: ask.endpoint_url.clone(),
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let asked = runtime.block_on(async {
        let status = crate::status::Status::new(view);
        let diagnosis = async {
            let account = Live::open(&options).await?;
            let region = account.region().to_owned();
            let engine = diagnosis::Engine::new(Arc::new(account), region);
            anyhow::Ok(engine.diagnose(wish, &status).await?)
        };
        tokio::select! {
            diagnosis = diagnosis => diagnosis.map(Some),
            _ = tokio::signal::ctrl_c() => Ok(None),
        }
    });
    // Requests that are still out are not waited for.
    runtime.shutdown_background();
    Ok(asked?.map(|diagnosis| Answer { report: diagnosis.report, evidence: Some(diagnosis.evidence) }))
}

fn read(path: &Path) -> anyhow::Result<String> {
    let read = if path.as_os_str() == "-" {
        let mut text = Vec::new();
        std::io::stdin().lock().read_to_end(&mut text).map(|_| text)
    } else {
        std::fs::read(path)
    };
    let bytes = read.map_err(|source| Usage::Read { path: path.display().to_string(), source })?;
    // What is no UTF-8 is no evidence file; the reader of such files says so.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Keeps evidence: whole or not at all, and for its owner only, since it describes an account.
pub fn save(evidence: &EvidenceFile, path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".ecs-why-").tempfile_in(folder)?;
        file.write_all(evidence.to_text().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|source| Usage::Write { path: path.display().to_string(), source }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecs_why_core::account::EVIDENCE_VERSION;

    fn evidence() -> EvidenceFile {
        let target = Target::parse("prod/web", None).expect("a target");
        EvidenceFile {
            ecs_why_evidence: EVIDENCE_VERSION,
            target,
            check: false,
            logs: false,
            region: "eu-west-1".to_owned(),
            now: ecs_why_core::model::Moment::UNIX_EPOCH,
            calls: 0,
            elapsed_ms: 0,
            answers: Vec::new(),
        }
    }

    #[test]
    fn evidence_is_kept_whole_and_for_its_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("evidence.json");
        std::fs::write(&path, "an older one").expect("it is writable");
        save(&evidence(), &path).expect("it is kept");
        let text = std::fs::read_to_string(&path).expect("it is there");
        assert_eq!(EvidenceFile::parse(&text), Ok(evidence()));
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let error = save(&evidence(), Path::new("/nowhere/evidence.json")).expect_err("there is no such folder");
        assert!(
            format!("{error:#}").starts_with("cannot write the evidence to `/nowhere/evidence.json`: "),
            "{error:#}"
        );
    }
}
