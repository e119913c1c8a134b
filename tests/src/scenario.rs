//! Recorded scenarios: an account's evidence, and what the lab knows of it.

use ecs_why_core::account::EvidenceFile;
use ecs_why_core::causes;
use ecs_why_core::model::CauseId;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The lab's truth about a scenario.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Its name in the lab.
    pub scenario: String,
    /// One line.
    pub title: String,
    /// What is asked: `task`, `service` or `check`.
    pub mode: String,
    /// The right outcome.
    pub outcome: String,
    /// The service that cannot be reached.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// What must be confirmed, and not latent.
    pub root: Vec<String>,
    /// One of these is among the first two resources.
    pub resources: Vec<String>,
    /// Faults that are there and did not stop the task.
    pub latent: Vec<String>,
    /// Faults that stopped it and are over.
    pub healed: Vec<String>,
    /// Less specific causes that are not wrong.
    pub acceptable_top: Vec<String>,
    /// What the scenario invites to blame.
    pub never_confirm: Vec<String>,
    /// Commands can heal it.
    pub fixable: bool,
}

/// A recorded scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// The folder that it is in: a cause, or `sound`.
    pub group: String,
    /// The lab's truth.
    pub expect: Expect,
    /// What the account answered.
    pub file: EvidenceFile,
    /// The sound twin: the same account checked after the lab's remedy.
    pub mended: Option<EvidenceFile>,
}

impl Scenario {
    /// Every cause that it is about is judged.
    pub fn is_implemented(&self) -> bool {
        let Expect { root, latent, healed, acceptable_top, .. } = &self.expect;
        let lenient: &[String] = if root.is_empty() && healed.is_empty() { acceptable_top } else { &[] };
        root.iter().chain(latent).chain(healed).chain(lenient).all(|id| implemented(id))
    }

    /// The task runs on instances.
    pub fn is_on_ec2(&self) -> bool {
        self.file.answers.iter().any(|entry| {
            use ecs_why_core::evidence::{Answer, Known};
            matches!(&entry.answer, Answer::Known(Known::ContainerInstance(_)))
        })
    }
}

/// A cause that is judged: from the account, or, where nothing in the account could tell more, by what the stop says.
pub fn implemented(id: &str) -> bool {
    let found = id.parse::<CauseId>().ok().and_then(causes::find);
    found.is_some_and(|cause| cause.id().symptom_only() || !cause.reads().is_empty())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a folder can be read").path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// All that were recorded, by group and name.
pub fn scenarios() -> Vec<Scenario> {
    let all: Vec<Scenario> =
        folders_in(&folder()).iter().flat_map(|group| folders_in(group)).map(|at| load(&at)).collect();
    assert!(all.len() > 100, "{} scenarios are recorded, and the lab has more than a hundred", all.len());
    all
}

/// One of them.
pub fn scenario(name: &str) -> Scenario {
    let places = folders_in(&folder());
    let found = places.iter().map(|group| group.join(name)).find(|at| at.is_dir());
    load(&found.unwrap_or_else(|| panic!("no scenario `{name}` is recorded")))
}

fn load(at: &Path) -> Scenario {
    let name = |path: &Path| path.file_name().expect("it is a folder").to_string_lossy().into_owned();
    let read = |file: &str| {
        std::fs::read_to_string(at.join(file)).unwrap_or_else(|error| panic!("{}/{file}: {error}", at.display()))
    };
    let evidence = |file: &str| {
        EvidenceFile::parse(&read(file)).unwrap_or_else(|error| panic!("{}/{file}: {error}", at.display()))
    };
    Scenario {
        name: name(at),
        group: name(at.parent().expect("it is in a group")),
        expect: toml::from_str(&read("expect.toml")).unwrap_or_else(|error| panic!("{}: {error}", at.display())),
        file: evidence("account.json"),
        mended: at.join("mended.json").exists().then(|| evidence("mended.json")),
    }
}
