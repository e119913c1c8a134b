//! Roles, images, secrets, keys and logs: as AWS tells of them, without a secret's value.

use super::{Keeper, Moment};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name, without its path.
    pub name: String,
    /// Its ARN, with its path.
    pub arn: String,
    /// `AROA...`
    pub id: String,
    /// The trust policy, decoded.
    pub trust: String,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// When it was made.
    pub created: Option<Moment>,
    /// Its tags.
    pub tags: IndexMap<String, String>,
}

/// A managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// The version in force.
    pub default_version: String,
    /// When it last changed.
    pub updated: Option<Moment>,
}

/// A version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The document, decoded.
    pub document: String,
    /// When it was made.
    pub created: Option<Moment>,
}

/// Something that was done to a role, as CloudTrail tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChange {
    /// When.
    pub at: Moment,
    /// `PutRolePolicy`, `AttachRolePolicy` ...
    pub event: String,
    /// The inline policy's name, or the ARN of the managed one, where it is about one.
    pub policy: Option<String>,
    /// Who did it: foreign text.
    pub by: Option<String>,
}

/// What AWS's own simulation says of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulation {
    /// Its decision.
    pub decision: Simulated,
    /// Whether the organization's policies, as far as it sees them, allow it; none where it does not say.
    pub organization: Option<bool>,
    /// Context keys that a policy names, and that it was not given: it takes them for absent.
    pub missing: Vec<String>,
}

/// The decision of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Simulated {
    /// The role may.
    Allowed,
    /// A statement forbids it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
}

/// An instance profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// Its ARN.
    pub arn: String,
    /// The ARN of its role.
    pub role: Option<String>,
}

/// A repository of ECR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// Its name, with its namespaces.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Tags cannot be moved.
    pub immutable: bool,
    /// The key of KMS that encrypts it.
    pub kms_key: Option<String>,
    /// When it was made.
    pub created: Option<Moment>,
}

/// How an image is named within a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageId {
    /// By a tag.
    Tag(String),
    /// By its digest.
    Digest(String),
}

impl ImageId {
    /// The tag or digest.
    pub fn as_str(&self) -> &str {
        match self {
            ImageId::Tag(text) | ImageId::Digest(text) => text,
        }
    }
}

/// An image of ECR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EcrImage {
    /// `sha256:...`
    pub digest: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed: Option<Moment>,
    /// `ACTIVE`, `ARCHIVED`, `ACTIVATING`.
    pub status: Option<String>,
    /// Its manifest's media type.
    pub media_type: Option<String>,
    /// Compressed bytes; of an index, those of the largest image that it lists.
    pub bytes: Option<i64>,
    /// What its configuration is, as in `application/vnd.oci.image.config.v1+json`; charts and signatures are others.
    #[serde(default)]
    pub artifact_type: Option<String>,
    /// When it was moved to the archive.
    #[serde(default)]
    pub archived: Option<Moment>,
    /// When it was restored from there.
    #[serde(default)]
    pub activated: Option<Moment>,
    /// What a scan found in it.
    #[serde(default, skip_serializing_if = "Scan::is_untold")]
    pub scan: Scan,
}

/// What ECR tells of the last scan of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scan {
    /// Nobody looked whether there is one.
    #[default]
    Untold,
    /// ECR tells of no scan.
    Never,
    /// It was scanned, or is being watched.
    Done {
        /// Findings by severity (`CRITICAL`, `HIGH` ...); empty where ECR counts none.
        findings: IndexMap<String, i64>,
    },
}

impl Scan {
    /// Nothing is known of it: what evidence files of old do not hold.
    pub fn is_untold(&self) -> bool {
        *self == Scan::Untold
    }
}

/// A lifecycle policy of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecyclePolicy {
    /// The policy's JSON.
    pub text: String,
    /// When ECR last applied it.
    pub evaluated: Option<Moment>,
}

/// An image that a lifecycle policy deleted, as CloudTrail's `PolicyExecutionEvent` tells.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiredImage {
    /// When.
    pub at: Moment,
    /// `sha256:...`
    pub digest: Option<String>,
    /// The tags that it had.
    pub tags: Vec<String>,
}

/// A secret of Secrets Manager: what describes it, never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Its ARN, with the six characters.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// When it was marked for deletion.
    pub deleted: Option<Moment>,
    /// Its key; none is `aws/secretsmanager`.
    pub kms_key: Option<String>,
    /// When it was made.
    pub created: Option<Moment>,
    /// When anything of it last changed.
    pub changed: Option<Moment>,
    /// Staging labels by version; versions without a label are not among them.
    pub versions: IndexMap<String, Vec<String>>,
    /// Its tags; none: they were not kept.
    #[serde(default)]
    pub tags: Option<IndexMap<String, String>>,
    /// Who keeps it, as its tags tell.
    #[serde(default, skip_serializing_if = "Keeper::is_untold")]
    pub keeper: Keeper,
}

/// A parameter of Systems Manager: what describes it, never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: Option<String>,
    /// `String`, `StringList`, `SecureString`.
    pub kind: String,
    /// Its key.
    pub kms_key: Option<String>,
    /// When it last changed.
    pub modified: Option<Moment>,
    /// How often it was written: the first version is 1.
    #[serde(default)]
    pub version: Option<i64>,
}

/// A key of KMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its ARN.
    pub arn: String,
    /// `Enabled`, `Disabled`, `PendingDeletion` ...
    pub state: String,
    /// AWS made it; its policy cannot be changed.
    pub aws_managed: bool,
    /// When it will be gone.
    pub deletion: Option<Moment>,
}

/// A grant of a key: who may use it besides those whom policies allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// An ARN, or a service's name.
    pub grantee: String,
    /// `Decrypt`, `Encrypt` ...
    pub operations: Vec<String>,
    /// The encryption context that a call must have; none: any will do.
    pub context: IndexMap<String, String>,
}

/// A bucket of S3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
}

/// An object of S3: that it is there, never what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredObject {
    /// Its key.
    pub key: String,
    /// When it was last written.
    pub modified: Option<Moment>,
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Option<Moment>,
}

/// A line of a log: foreign text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was written.
    pub at: Option<Moment>,
    /// Cut to a length where it was collected.
    pub text: String,
}
