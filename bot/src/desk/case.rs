//! What somebody called wrong, kept for the owners: the evidence without what tells whose it is, so that it can be replayed.

use super::Desk;
use crate::config::Config;
use crate::platform::{Attachment, Kind, Place, Route};
use crate::store::KeptReport;
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::report::Report;
use regex::{Captures, Regex};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Who gets the cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// A folder, with a file a case.
    Folder(PathBuf),
    /// A channel, with an attachment a case.
    Channel(Place),
}

impl Owner {
    /// As the configuration says.
    pub fn new(config: &Config) -> Option<Owner> {
        let owners = config.owners.as_ref()?.get_ref();
        if let Some(folder) = &owners.folder {
            return Some(Owner::Folder(folder.clone()));
        }
        let channel = config.channels.iter().find(|one| Some(&one.name) == owners.channel.as_ref())?;
        let kind = *channel.platform.get_ref();
        let first = |ids: Option<&Vec<String>>| ids.and_then(|ids| ids.first()).cloned();
        let space = match kind {
            Kind::Slack => first(config.slack.as_ref().map(|one| one.workspaces.get_ref())),
            Kind::Discord => first(config.discord.as_ref().map(|one| one.guilds.get_ref())),
        };
        Some(Owner::Channel(Place { kind, space, channel: channel.id.get_ref().clone(), thread: None, direct: false }))
    }
}

impl Desk {
    /// Keeps a case; none if nobody takes it. `of` is the report with the evidence, if it is another.
    pub(super) async fn keep_case(&self, kept: &KeptReport, of: Option<&str>) -> Option<&'static str> {
        let owner = self.owner.as_ref()?;
        let first = match of {
            Some(id) => self.store.report(id).await.ok().flatten(),
            None => None,
        };
        let evidence = first.as_ref().unwrap_or(kept).evidence.as_deref();
        let case = case(&kept.report, evidence)?;
        let name = format!("case-{}.json", kept.id);
        let done = match owner {
            Owner::Folder(folder) => write(folder.clone(), name, case).await.map_err(|error| error.to_string()),
            Owner::Channel(place) => {
                let title = "Somebody called this answer wrong".to_owned();
                let file = Attachment { name, title, bytes: case.into_bytes() };
                self.outbox.attach(place, &Route::Message, &file).await.map_err(|error| error.to_string())
            }
        };
        match done {
            Ok(()) => Some("owners"),
            Err(error) => {
                tracing::error!(%error, "a case could not be kept");
                None
            }
        }
    }
}

async fn write(folder: PathBuf, name: String, text: String) -> std::io::Result<()> {
    tokio::fs::create_dir_all(&folder).await?;
    let path: &Path = &folder.join(name);
    tokio::fs::write(path, text).await
}

/// The report that was called wrong with its evidence, both redacted.
fn case(report: &str, evidence: Option<&str>) -> Option<String> {
    let mut names = Names::default();
    let report = names.all(&serde_json::from_str(report).ok()?);
    let evidence: Option<Value> = match evidence {
        Some(text) => Some(names.all(&serde_json::from_str(text).ok()?)),
        None => None,
    };
    // Whoever replays it should see what was seen.
    let replays = evidence.as_ref().map(|evidence| is_alike(evidence, &report));
    let case = json!({ "ecs_why_case": 1, "replays_alike": replays, "report": report, "evidence": evidence });
    serde_json::to_string_pretty(&case).ok()
}

fn is_alike(evidence: &Value, report: &Value) -> bool {
    let file = EvidenceFile::parse(&evidence.to_string());
    let replayed = file.ok().and_then(|file| ecs_why_core::diagnosis::replay(&file).ok());
    let told: Option<Report> = serde_json::from_value(report.clone()).ok();
    let seen = |report: &Report| (report.outcome, report.causes.first().map(|cause| cause.id));
    match (replayed, told) {
        (Some(replayed), Some(told)) => seen(&replayed) == seen(&told),
        _ => false,
    }
}

/// Account ids, people, and addresses that the world knows. What an evidence file needs to be read and walked stays: ARNs keep their
/// form, and private addresses are the same in every network.
static FOUND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)(?P<account>\b[0-9]{12}\b)
          | (?P<person>[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,})
          | (?P<address>\b(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}\b(?P<net>/[0-9]+)?)",
    )
    .expect("the pattern is well formed: a test makes it")
});

#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn all(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.all(item)).collect(),
            Value::Object(fields) => fields.iter().map(|(name, value)| (self.text(name), self.all(value))).collect(),
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let name = |found: &Captures<'_>| {
            let whole = found[0].to_owned();
            let of = |kind: &str| found.name(kind).is_some();
            match () {
                () if of("account") => self.name(whole, |number| format!("{number:012}")),
                () if of("person") => self.name(whole, |number| format!("person-{number}@example.com")),
                // A network is a rule and nobody's address.
                () if of("net") || is_common(&whole) => whole,
                () => self.name(whole, |number| format!("198.18.{}.{}", number / 250, number % 250 + 1)),
            }
        };
        FOUND.replace_all(text, name).into_owned()
    }

    fn name(&mut self, thing: String, made: impl Fn(usize) -> String) -> String {
        let number = self.0.len() + 1;
        self.0.entry(thing).or_insert_with(|| made(number)).clone()
    }
}

/// Private, local, or for documentation.
fn is_common(address: &str) -> bool {
    address.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| {
        ip.is_private()
            || ip.is_loopback()
            || ip.is_link_local()
            || ip.is_unspecified()
            || ip.is_broadcast()
            || ip.is_documentation()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_replays_and_tells_nobodys_name() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
        let path = root.join("image-tag-not-found/image-tag-missing/account.json");
        let text = std::fs::read_to_string(path).expect("it is recorded");
        let file = EvidenceFile::parse(&text).expect("an evidence file");
        let report = ecs_why_core::diagnosis::replay(&file).expect("a report");
        let account = report.target.account.clone().expect("it names its account");
        let report = serde_json::to_string(&report).expect("JSON");
        let case = case(&report, Some(&text)).expect("a case");
        assert!(text.contains(&account) && !case.contains(&account));
        let case: Value = serde_json::from_str(&case).expect("JSON");
        assert_eq!(case["replays_alike"], true);
    }

    #[test]
    fn the_same_thing_has_the_same_name() {
        let mut names = Names::default();
        let told = names.text("jane@corp.example in 111122223333 from 3.5.25.9, 10.0.3.17 and 0.0.0.0/0; 111122223333");
        let account = told.split(' ').nth(2).expect("the account").to_owned();
        assert!(told.ends_with(&account) && account.len() == 12, "{told}");
        assert!(
            told.contains("10.0.3.17 and 0.0.0.0/0") && !told.contains("jane") && !told.contains("3.5.25"),
            "{told}"
        );
    }
}
