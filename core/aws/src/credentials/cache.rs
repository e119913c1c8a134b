//! What the AWS CLI keeps of roles that it took, in `~/.aws/cli/cache`: read, never written. A person who has given a code to `aws` is
//! not asked for another one.

use super::role::Role;
use aws_credential_types::Credentials;
use jiff::Timestamp;
use serde::Deserialize;
use sha1::{Digest as _, Sha1};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// What ends within it is as good as ended.
const MARGIN: Duration = Duration::from_secs(5 * 60);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Kept {
    credentials: KeptCredentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeptCredentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

/// The name of the file in which the CLI keeps a role: the digest of what it asks for, as Python writes it in JSON with sorted keys.
pub(crate) fn key(role: &Role) -> String {
    let text = |value: &Option<String>| value.as_ref().map(|value| in_python(value));
    let parts = [
        ("DurationSeconds", role.duration.map(|seconds| seconds.to_string())),
        ("ExternalId", text(&role.external_id)),
        ("RoleArn", Some(in_python(&role.arn))),
        ("RoleSessionName", text(&role.session_name)),
        ("SerialNumber", text(&role.serial)),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter_map(|(name, value)| Some(format!("\"{name}\": {}", value?))).collect();
    let digest = Sha1::digest(format!("{{{}}}", parts.join(", ")).as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A string as `json.dumps` writes it: nothing but ASCII.
fn in_python(text: &str) -> String {
    let mut out = String::new();
    for c in serde_json::Value::from(text).to_string().chars() {
        match c.is_ascii() {
            true => out.push(c),
            false => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out += &format!("\\u{unit:04x}")),
        }
    }
    out
}

/// What the CLI has, and is good for a while yet.
pub(crate) fn kept(role: &Role) -> Option<Credentials> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from)?;
    let path = home.join(".aws").join("cli").join("cache").join(format!("{}.json", key(role)));
    read(&std::fs::read_to_string(path).ok()?)
}

fn read(text: &str) -> Option<Credentials> {
    let Kept { credentials } = serde_json::from_str(text).ok()?;
    // botocore writes the zone as `UTC`, and as `+00:00` or `Z` in other versions.
    let until: Timestamp = credentials.expiration.replace("UTC", "Z").parse().ok()?;
    let until = SystemTime::from(until);
    let KeptCredentials { access_key_id, secret_access_key, session_token, .. } = credentials;
    let kept = Credentials::new(access_key_id, secret_access_key, Some(session_token), Some(until), "aws-cli-cache");
    is_fresh(Some(until)).then_some(kept)
}

/// Whether credentials that end then are worth using.
pub(crate) fn is_fresh(until: Option<SystemTime>) -> bool {
    until.is_none_or(|until| until.duration_since(SystemTime::now()).is_ok_and(|left| left > MARGIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names were made with botocore 1.43: `AssumeRoleCredentialFetcher(...)._create_cache_key()`.
    #[test]
    fn the_key_is_that_of_the_aws_cli() {
        let role = Role {
            arn: "arn:aws:iam::210987654321:role/reader".into(),
            serial: Some("arn:aws:iam::123456789012:mfa/me".into()),
            ..Role::default()
        };
        assert_eq!(key(&role), "f444e3cdfcdd10117441e9b1e7ce9061308bfd0a");
        let more =
            Role {
                external_id: Some("é \"x\"".into()), session_name: Some("me".into()), duration: Some(3600), ..role
            };
        assert_eq!(key(&more), "470af14e7fda15cbf5f79f2fc8d3d1fa41c24799");
    }

    #[test]
    fn what_is_kept_is_read_in_each_spelling_of_the_time_and_only_while_it_is_good() {
        let kept = |until: &str| {
            let text = serde_json::json!({"Credentials": {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t",
                "Expiration": until}, "AssumedRoleUser": {"Arn": "x"}});
            read(&text.to_string()).map(|kept| kept.access_key_id().to_owned())
        };
        for until in ["2099-01-01T00:00:00UTC", "2099-01-01T00:00:00Z", "2099-01-01T00:00:00+00:00"] {
            assert_eq!(kept(until).as_deref(), Some("ASIA"), "{until}");
        }
        assert_eq!((kept("2020-01-01T00:00:00UTC"), kept("soon")), (None, None));
        assert!(read("{").is_none());
    }
}
