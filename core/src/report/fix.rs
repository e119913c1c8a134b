//! What would mend it, with its proof.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FixSection {
    /// `f1`, `f2` ...
    pub id: String,
    /// What it does.
    pub title: String,
    /// What may go wrong.
    pub risk: Risk,
    /// Shell commands with the AWS CLI, each complete by itself.
    pub commands: Vec<String>,
    /// Whether it helps.
    pub proof: Proof,
    /// Commands that show that it did.
    pub verify: Vec<String>,
    /// AWS's page.
    pub docs: Option<String>,
    /// What a reader should know before: whose account, what it costs, what to fill in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The account in which it is made: twelve digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Who keeps what it changes, where tags tell: the change belongs there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keepers: Vec<KeeperSection>,
}

/// Who keeps a resource that a fix changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeeperSection {
    /// The resource.
    pub resource: String,
    /// Who it is, as its tags tell.
    pub keeper: String,
    /// Both in a sentence, with what follows.
    pub text: String,
}

/// What may go wrong with a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Nothing changes for anybody else.
    None,
    /// Adds something that others hardly notice.
    Low,
    /// Changes what runs, or what others use.
    Medium,
    /// May hurt others.
    High,
}

impl Risk {
    /// The word as reports print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Risk::None => "none",
            Risk::Low => "low",
            Risk::Medium => "medium",
            Risk::High => "high",
        }
    }
}

/// Whether a fix helps: the launch path walked again with the change laid over the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// The verdict.
    pub state: ProofState,
    /// In words.
    pub detail: String,
}

/// The verdict on a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProofState {
    /// This cause is gone, and no other fault remains.
    Proved,
    /// This cause is gone, and another fault remains.
    Partial,
    /// The changed walk meets a gap.
    Unknown,
    /// It changes what cannot be read.
    NotProvable,
}

impl ProofState {
    /// The word as reports print it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ProofState::Proved => "proved",
            ProofState::Partial => "partial",
            ProofState::Unknown => "unknown",
            ProofState::NotProvable => "not-provable",
        }
    }
}
