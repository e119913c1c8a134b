//! What a stop says: texts, exit codes and health of a task, read into structured facts.
//!
//! The words are data (`patterns.toml`); which container is guilty is `container`, what an exit code means is `exit_code`,
//! what can bar a way is `reachability`, and what people paste is `input`. Nothing here knows an account: a claim says
//! what the text allows, and the diagnosis proves or refutes it.

mod container;
mod exit_code;
mod expression;
mod facts;
mod host;
mod input;
mod patterns;
mod plain;
mod reachability;
mod reason;
mod stop;
#[cfg(test)]
pub(crate) mod tests;

use indexmap::IndexMap;

use crate::model::{CauseId, Stage, Step};

pub(crate) use host::is_ecr;
pub use input::{NotReadable, message, parse_pasted};
pub use reason::read;
pub use stop::{ContainerStop, Field, Launch, Stop};

/// More of a runtime's words is no sentence.
const LONGEST_INNER: usize = 200;

/// A stop, read.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Symptom {
    /// Where the task died, as a kind of fault.
    pub stage: Stage,
    /// When it died, where that can be told.
    pub step: Option<Step>,
    /// The text that was read: the task's reason, or a container's where that has the detail.
    pub text: String,
    /// The text ends before its cause.
    pub cut: bool,
    /// What stands in the text, letter by letter, by the names that reports use.
    pub facts: IndexMap<String, serde_json::Value>,
    /// The guilty container: the essential one that ended first by itself.
    pub container: Option<String>,
    /// What the stop allows, the likeliest first; never empty.
    pub claims: Vec<Claim>,
    /// Causes that are not among the claims can explain the stop, too: the text says too little to exclude them.
    pub open: bool,
    /// What could not be reached: `ecr.api`, `ecr.dkr`, `s3`, `secretsmanager`, `ssm`, `logs`, or a host's name.
    pub endpoints: Vec<String>,
    /// The exit code of the guilty container.
    pub exit_code: Option<i64>,
    /// Where the text stood.
    pub source_field: Option<Field>,
    /// The row of `patterns.toml` that fired.
    pub row: Option<&'static str>,
}

impl Symptom {
    /// The likeliest cause.
    pub fn first(&self) -> CauseId {
        self.claims.first().map_or(CauseId::Unknown, |claim| claim.cause)
    }

    /// The cause about which the stop leaves no doubt.
    pub fn settled(&self) -> Option<CauseId> {
        self.claims.iter().find(|claim| claim.strength == Strength::Settles).map(|claim| claim.cause)
    }

    /// The cause is the likeliest, and the text points to it.
    pub fn points_to(&self, cause: CauseId) -> bool {
        self.first() == cause && self.strength(cause) > Some(Strength::Allows)
    }

    /// The text points to what the image is built for, which nothing but its manifests tells.
    pub fn points_to_platform(&self) -> bool {
        let points = |cause| self.strength(cause).is_some_and(|strength| strength >= Strength::Suggests);
        points(CauseId::ImagePlatformMismatch) || points(CauseId::ImageManifestUnsupported)
    }

    /// How strongly the stop points to a cause; nothing where it cannot be behind this stop.
    pub fn strength(&self, cause: CauseId) -> Option<Strength> {
        let claimed = self.claims.iter().find(|claim| claim.cause == cause).map(|claim| claim.strength);
        claimed.or(self.open.then_some(Strength::Allows))
    }

    /// A fact of the text that is one word or name.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.get(name).and_then(serde_json::Value::as_str)
    }

    /// The innermost words of the text: what the runtime itself said, without the layers that passed it on.
    pub fn inner(&self) -> String {
        const LAYERS: [&str; 7] = [
            "Error response from daemon: ",
            "OCI runtime create failed: ",
            "runc create failed: ",
            "starting container process caused: ",
            "unable to start container process: ",
            "error during container init: ",
            "failed to create task for container: ",
        ];
        let plain = plain::plain(&self.text);
        let end = |layer: &str| plain.rfind(layer).map(|at| at + layer.len());
        let from = LAYERS.iter().filter_map(|layer| end(layer)).max();
        // Without a layer there is at most the name of the error before it.
        let named =
            || plain.split_once("Error: ").map_or(0, |(name, _)| if name.contains(' ') { 0 } else { name.len() + 7 });
        let inner = plain.get(from.unwrap_or_else(named)..).unwrap_or_default();
        let inner = inner.strip_suffix(": unknown").unwrap_or(inner).trim();
        match inner.len() {
            0..=LONGEST_INNER => inner.to_owned(),
            _ => format!("{}...", &inner[..plain::floor(inner, LONGEST_INNER)]),
        }
    }

    /// What a message names, most specific first.
    pub fn names(&self) -> Vec<String> {
        const NAMES: [&str; 18] = [
            "secret",
            "parameter",
            "log_group",
            "image",
            "file_system",
            "access_point",
            "target_group",
            "subnet",
            "security_group",
            "volume",
            "executable",
            "resource",
            "role",
            "container_instance",
            "container",
            "service",
            "task",
            "cluster",
        ];
        let text = |name: &&str| match self.facts.get(*name) {
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        // What ran is at fault by itself, and not the image that it came from.
        let ran = matches!(self.stage, Stage::Start | Stage::Run | Stage::Health);
        let guilty = self.container.clone().filter(|_| ran);
        let mut all: Vec<String> = guilty.into_iter().collect();
        for name in NAMES.iter().filter_map(text) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        all.truncate(6);
        all
    }
}

/// A cause that a stop allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Claim {
    /// The cause.
    pub cause: CauseId,
    /// How strongly.
    pub strength: Strength,
}

/// How strongly a stop points to a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// One of several that the text allows.
    Allows,
    /// The text points here: the likeliest.
    Suggests,
    /// The text leaves no doubt: it names the fault and the thing at fault.
    Settles,
}
