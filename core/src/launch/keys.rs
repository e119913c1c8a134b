//! Keys of KMS: can a role decrypt with one, by its state, its policy, its grants and the role's own policies?
//!
//! Secrets Manager and Systems Manager call KMS with the credentials of whoever asks them; ECR uses grants of its own.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/determining-access.html>

use super::roles::{self, Call, RoleRights};
use crate::case::Case;
use crate::evidence::{Facts, GapReason, Read, Source};
use crate::iam::{Decision, Denial};
use crate::model::stores::{Grant, Key};
use crate::model::{Arn, Unknown};

/// What reading a key reads.
pub const READS: &[Source] = &[Source::Key, Source::KeyPolicy, Source::KeyGrants];

/// The right that is needed.
pub const DECRYPT: &str = "kms:Decrypt";

/// A key, and the call that needs it.
#[derive(Debug, Clone)]
pub struct KeyUse {
    /// Where.
    pub region: String,
    /// As the store names it: an id, an ARN or an alias.
    pub key: String,
    /// The service that decrypts for the role: `secretsmanager`, `ssm`.
    pub service: &'static str,
    /// The encryption context of the call, as far as it is certain.
    pub context: Vec<(String, String)>,
}

/// What a key is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// AWS manages it for the account: whoever may use the store may use the key.
    Managed,
    /// It can be used.
    Enabled {
        /// Its ARN.
        arn: String,
    },
    /// It is there, and cannot be used.
    Unusable(Key),
    /// It is not there any more.
    Gone,
}

/// Whether a role can decrypt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// It can.
    Open,
    /// Nobody can: the key is in the way.
    Barred(State),
    /// The role may not.
    Denied {
        /// The key's ARN.
        key: String,
        /// Why.
        denial: Denial,
    },
}

/// States in which a key does not decrypt. <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>
const UNUSABLE: [&str; 6] =
    ["Disabled", "PendingDeletion", "PendingImport", "PendingReplicaDeletion", "Unavailable", "Creating"];

/// The key by its ARN where only its id is named, so that nobody asks for one key under two names.
pub fn named(case: &Case<'_>, region: &str, key: &str) -> String {
    let plain = !key.contains(':') && !key.starts_with("alias/");
    if !plain {
        return key.to_owned();
    }
    format!("arn:{}:kms:{region}:{}:key/{key}", case.region.partition, case.region.account)
}

/// An alias of AWS's own, as `alias/aws/ssm`.
fn is_of_aws(key: &str) -> bool {
    key.starts_with("alias/aws/") || key.contains(":alias/aws/")
}

fn is_alias(key: &str) -> bool {
    key.starts_with("alias/") || key.contains(":alias/")
}

fn is_foreign(case: &Case<'_>, key: &str) -> bool {
    key.parse::<Arn>().is_ok_and(|arn| arn.account() != case.region.account)
}

/// What a key is like.
///
/// # Errors
/// When it is not known; a key of another account that is not found may only be hidden.
pub fn state(case: &Case<'_>, facts: &Facts<'_>, region: &str, key: &str) -> Result<State, Unknown> {
    if is_of_aws(key) {
        return Ok(State::Managed);
    }
    match facts.key(region, named(case, region, key))? {
        Some(found) if found.aws_managed => Ok(State::Managed),
        Some(found) if UNUSABLE.contains(&found.state.as_str()) => Ok(State::Unusable(found.clone())),
        Some(found) => Ok(State::Enabled { arn: found.arn.clone() }),
        None if is_foreign(case, key) => {
            Err(facts.lacks("kms:DescribeKey", GapReason::Unsupported, format!("key {key} is in another account")))
        }
        None => Ok(State::Gone),
    }
}

/// Whether a role can decrypt with a key.
///
/// # Errors
/// When that is not known.
pub fn access(case: &Case<'_>, facts: &Facts<'_>, rights: &RoleRights, used: &KeyUse) -> Result<Access, Unknown> {
    ask(case, facts, used);
    let arn = match state(case, facts, &used.region, &used.key)? {
        State::Managed => return Ok(Access::Open),
        State::Enabled { arn } => arn,
        barred => return Ok(Access::Barred(barred)),
    };
    let (policy, grants) =
        (policy_of(case, facts, used, &arn), facts.key_grants(&used.region, asked_as(case, used, &arn)));
    let call = |policy| Call {
        action: DECRYPT,
        resource: &arn,
        resource_policy: policy,
        key: true,
        on_behalf: Some(used.host(case)),
        context: used.conditions(case),
        complete: &[],
    };
    // A denial of the role's own, and the lack of a right across accounts, stand whatever the key's policy says.
    if let Decision::Denied(denial) = roles::decide(case, rights, &call(None)) {
        return Ok(Access::Denied { key: arn, denial });
    }
    let document = match policy? {
        Some(text) => roles::document(facts, "kms:GetKeyPolicy", "the key's policy", text)?,
        None => return Err(facts.lacks("kms:GetKeyPolicy", GapReason::Unsupported, "the key has no policy")),
    };
    match roles::known(facts, DECRYPT, roles::decide(case, rights, &call(Some(("the key's policy", &document)))))? {
        Decision::Denied(denial @ Denial::Implicit { .. }) => {
            let mine = |grant: &&Grant| {
                grant.grantee == rights.arn.as_str() && grant.operations.iter().any(|one| one == "Decrypt")
            };
            match grants?.and_then(|all| all.iter().find(mine)) {
                Some(grant) if grant.context.is_empty() => Ok(Access::Open),
                Some(_) => {
                    Err(facts.lacks("kms:ListGrants", GapReason::Unsupported, "a grant holds for some calls only"))
                }
                None => Ok(Access::Denied { key: arn, denial }),
            }
        }
        Decision::Denied(denial) => Ok(Access::Denied { key: arn, denial }),
        Decision::Allowed { .. } | Decision::Unknown { .. } => Ok(Access::Open),
    }
}

/// Asks for all that is named of a key, so that nothing of it waits for the rest.
pub fn ask(case: &Case<'_>, facts: &Facts<'_>, used: &KeyUse) {
    let name = named(case, &used.region, &used.key);
    if !is_of_aws(&name) && !is_alias(&name) {
        let (found, _) = (facts.key(&used.region, &name), facts.key_policy(&used.region, &name));
        // Grants are wanted after the policies of the role, which take longer; of a key that is gone there are none.
        if let Ok(Some(_)) = found {
            let _ = facts.key_grants(&used.region, &name);
        }
    }
}

/// Behind an alias stands a key, and that is the one whose policy counts.
fn asked_as(case: &Case<'_>, used: &KeyUse, arn: &str) -> String {
    let name = named(case, &used.region, &used.key);
    if is_alias(&name) { arn.to_owned() } else { name }
}

/// The policy of a key.
///
/// # Errors
/// When it is not known.
pub fn policy_of<'e>(case: &Case<'_>, facts: &Facts<'e>, used: &KeyUse, arn: &str) -> Read<'e, String> {
    facts.key_policy(&used.region, asked_as(case, used, arn))
}

impl KeyUse {
    fn host(&self, case: &Case<'_>) -> String {
        let dot_cn = if case.region.partition == "aws-cn" { ".cn" } else { "" };
        format!("{}.{}.amazonaws.com{dot_cn}", self.service, self.region)
    }

    fn conditions(&self, case: &Case<'_>) -> Vec<(String, String)> {
        let own = self.context.iter().map(|(name, value)| (format!("kms:EncryptionContext:{name}"), value.clone()));
        own.chain([("kms:CallerAccount".to_owned(), case.region.account.clone())]).collect()
    }
}
