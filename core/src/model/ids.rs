//! The ids of causes, checks and stages: the words that reports, tests and front ends share.

use std::fmt;
use std::str::FromStr;

/// A kind of fault, in the order in which a reader is shown the launch path.
///
/// When a fault bites is another matter: see [`crate::model::Step`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Finding a place: capacity, instances, constraints.
    Placement,
    /// The task's network interface.
    Network,
    /// The roles of the task.
    Role,
    /// The way to the services that a launch needs.
    Reachability,
    /// The image and its registry.
    Image,
    /// Secrets, parameters and environment files.
    Secrets,
    /// The log driver.
    Logging,
    /// Volumes and storage.
    Volumes,
    /// Creating and starting the container.
    Start,
    /// The application itself.
    Run,
    /// Health checks.
    Health,
    /// No stage of a launch: stops that somebody or something asked for.
    Lifecycle,
    /// Nobody can tell.
    Unknown,
}

impl Stage {
    /// All stages of a launch, in the reader's order, without `lifecycle` and `unknown`.
    pub const LAUNCH: [Stage; 11] = [
        Stage::Placement,
        Stage::Network,
        Stage::Role,
        Stage::Reachability,
        Stage::Image,
        Stage::Secrets,
        Stage::Logging,
        Stage::Volumes,
        Stage::Start,
        Stage::Run,
        Stage::Health,
    ];

    /// The name as reports print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Stage::Placement => "placement",
            Stage::Network => "network",
            Stage::Role => "role",
            Stage::Reachability => "reachability",
            Stage::Image => "image",
            Stage::Secrets => "secrets",
            Stage::Logging => "logging",
            Stage::Volumes => "volumes",
            Stage::Start => "start",
            Stage::Run => "run",
            Stage::Health => "health",
            Stage::Lifecycle => "lifecycle",
            Stage::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

include!(concat!(env!("OUT_DIR"), "/ids.rs"));

impl fmt::Display for CauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CauseId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        CauseId::ALL.iter().copied().find(|id| id.as_str() == text).ok_or(())
    }
}
