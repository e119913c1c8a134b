//! Where answers come from: the account, or an evidence file.

use crate::args::{AskArgs, PlacementArgs};
use crate::config;
#[cfg(feature = "live")]
use crate::connection;
use crate::failure::Usage;
use crate::view::View;
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::diagnosis::{self, Wish};
use ecs_why_core::given;
use ecs_why_core::model::Salt;
use ecs_why_core::model::ecs::TaskDefinition;
use ecs_why_core::report::Report;
use ecs_why_core::target::{Target, TargetError};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What a command got: a report, and (live only) the evidence behind it. Nothing if it was interrupted.
pub struct Answer {
    /// The report.
    pub report: Report,
    /// The evidence, if it is not from a file already.
    pub evidence: Option<EvidenceFile>,
}

/// What is asked about.
pub struct Asked<'a> {
    /// As typed.
    pub target: Option<&'a str>,
    /// Whether it would start, and not why it did not.
    pub check: bool,
    /// How a task definition would be run.
    pub placement: PlacementArgs,
}

/// Asks the file or the account, as the options say.
pub fn ask(asked: &Asked<'_>, ask: &AskArgs, view: &View) -> anyhow::Result<Option<Answer>> {
    ask.connection.check()?;
    // What is wrong with a file is told before AWS is asked.
    let older = ask.since.as_deref().map(older).transpose()?;
    let answer = match &ask.evidence {
        Some(path) => Some(replay(path, asked, ask)?),
        None => {
            let rules = config::settings(ask.config.as_deref())?.fixes;
            let (target, given) = asked.target(ask)?;
            live(&Wish { target, given, check: asked.check, logs: !ask.no_logs, rules }, ask, view)?
        }
    };
    let Some(mut answer) = answer else { return Ok(None) };
    if let Some((path, older)) = older {
        let since = diagnosis::since(&older, &answer.report);
        answer.report.since = Some(since.map_err(|why| Usage::Since { path, why: why.to_string() })?);
    }
    Ok(Some(answer))
}

/// A file's own target and rules count, so that it gives the identical report, unless others are named.
fn replay(path: &Path, asked: &Asked<'_>, ask: &AskArgs) -> anyhow::Result<Answer> {
    let mut file = EvidenceFile::parse(&read(path)?)?;
    if asked.target.is_some() {
        let (typed, _) = asked.target(ask)?;
        if typed.name() != file.target.name() {
            return Err(Usage::OtherTarget { file: file.target.name(), typed: typed.name() }.into());
        }
    }
    if ask.config.is_some() {
        file.rules = config::settings(ask.config.as_deref())?.fixes;
    }
    file.check |= asked.check;
    Ok(Answer { report: diagnosis::replay(&file)?, evidence: None })
}

/// The older report, and where it is.
fn older(path: &Path) -> anyhow::Result<(String, Report)> {
    let shown = path.display().to_string();
    let report = Report::parse(&read(path)?);
    let report = report.map_err(|why| Usage::Since { path: shown.clone(), why: why.to_string() })?;
    Ok((shown, report))
}

impl Asked<'_> {
    /// What was typed, and the definition behind it where that is not registered.
    fn target(&self, ask: &AskArgs) -> anyhow::Result<(Target, Option<TaskDefinition>)> {
        let typed = self.target.unwrap_or_default().trim();
        let (target, given) = match definition_file(typed) {
            Some(path) => {
                let parsed = given::parse(&read(&path)?, &salt());
                let given = parsed.map_err(|source| Usage::Definition { path: path.display().to_string(), source })?;
                (Target::given(&given.family), Some(given))
            }
            None => (Target::parse(typed, ask.cluster.as_deref())?, None),
        };
        if !matches!(target, Target::Definition { .. }) {
            return match self.placement.is_empty() {
                true => Ok((target, given)),
                false => Err(Usage::Placement(target.name()).into()),
            };
        }
        if !self.check {
            return Err(TargetError::OnlyCheck(typed.to_owned()).into());
        }
        let cluster = ask.cluster.as_deref().map(|name| name.rsplit_once(":cluster/").map_or(name, |(_, name)| name));
        Ok((target.placed(self.placement.in_cluster(cluster.map(str::to_owned))), given))
    }
}

/// The file that a target names: `-`, `file://...` as the AWS CLI has it, or what looks like a path to JSON.
fn definition_file(typed: &str) -> Option<PathBuf> {
    if let Some(path) = typed.strip_prefix("file://") {
        return Some(path.into());
    }
    let is_path = ["/", "./", "../"].iter().any(|start| typed.starts_with(start));
    (typed == "-" || is_path || typed.to_ascii_lowercase().ends_with(".json")).then(|| typed.into())
}

/// One salt a process, kept nowhere: see `Digest`.
fn salt() -> Salt {
    let random = RandomState::new(); // 128 bits from the system
    let mut bytes = [0; 32];
    for (part, number) in bytes.chunks_exact_mut(8).zip(0_u8..) {
        part.copy_from_slice(&random.hash_one(number).to_ne_bytes());
    }
    Salt::new(bytes)
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
        ..connection::options(ask)
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
            rules: Default::default(),
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
    fn a_file_is_told_from_every_other_target() {
        for file in ["-", "file://td.json", "td.json", "a/b.JSON", "./td", "/tmp/td", "../td"] {
            assert!(definition_file(file).is_some(), "{file}");
        }
        for other in ["prod/web", "web:42", "arn:aws:ecs:eu-west-1:123456789012:service/prod/web", "", "https://a/b"] {
            assert_eq!(definition_file(other), None, "{other}");
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
