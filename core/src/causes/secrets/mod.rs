//! Secrets, parameters and environment files.

pub mod env_file_access_denied;
pub mod env_file_invalid;
pub mod env_file_not_found;
pub mod parameter_access_denied;
pub mod parameter_not_found;
pub mod secret_access_denied;
pub mod secret_deleted;
pub mod secret_json_key_missing;
pub mod secret_kms_denied;
pub mod secret_not_found;
pub mod secret_version_not_found;
pub mod secret_wrong_region;

use crate::case::Case;
use crate::change::{Change, Fix, Reference, StoreChange};
use crate::launch::keys;
use crate::launch::secrets::SecretUse;
use crate::model::stores::Key;
use crate::report::Risk;

/// A new revision that names something else in the place of a secret or parameter.
fn use_instead(used: &SecretUse, new: String) -> Change {
    let kind = if used.credentials { Reference::Credentials } else { Reference::Secret };
    Change::Store(StoreChange::UseReference { kind, old: used.text.clone(), new })
}

/// What is the matter with a key, as the end of a sentence.
pub(super) fn key_words(key: &Key) -> String {
    match (key.state.as_str(), key.deletion) {
        ("Disabled", _) => "is disabled, so that nobody can decrypt with it".to_owned(),
        ("PendingDeletion" | "PendingReplicaDeletion", Some(at)) => format!("waits for its deletion at {at:.0}"),
        ("PendingDeletion" | "PendingReplicaDeletion", None) => "waits for its deletion".to_owned(),
        (state, _) => format!("cannot be used: its state is {state}"),
    }
}

/// The fix that makes a key usable again, where one command can.
pub(super) fn restore_key(case: &Case<'_>, region: &str, asked: &str, key: &Key) -> Option<Fix> {
    let scheduled = key.state == "PendingDeletion";
    if !scheduled && key.state != "Disabled" {
        return None;
    }
    let id = key.arn.rsplit('/').next().unwrap_or(&key.arn);
    let change = StoreChange::RestoreKey {
        region: region.to_owned(),
        key: key.arn.clone(),
        named: keys::named(case, region, asked),
        scheduled,
    };
    let fix = Fix::new(format!("Put key {id} back in use"), Risk::Medium)
        .making(Change::Store(change))
        .documented_at("https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html")
        .noting("somebody took it out of use: tell them what it still encrypts");
    Some(fix)
}
