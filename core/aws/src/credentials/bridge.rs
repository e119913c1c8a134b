//! The AWS CLI as the last place to look: what its newer versions and its plug-ins know of signing in, the SDK does not.
//!
//! <https://docs.aws.amazon.com/cli/latest/reference/configure/export-credentials.html>; v1 has no such command.

use crate::log::Log;
use crate::profile::Shared;
use aws_credential_types::Credentials;
use jiff::Timestamp;
use serde::Deserialize;
use std::process::Stdio;
use std::time::{Duration, SystemTime};
use tokio::process::Command;

const PATIENCE: Duration = Duration::from_secs(30);

/// `aws configure export-credentials` for a profile.
#[derive(Debug)]
pub(crate) struct Bridge {
    profile: String,
    is_named: bool,
    log: Log,
}

/// What it prints, in the form of a `credential_process`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Exported {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    expiration: Option<Timestamp>,
}

impl Bridge {
    /// For the profile that was chosen, if it is there.
    pub(crate) fn of(shared: &Shared, log: Log) -> Option<Bridge> {
        shared.profile(shared.name())?;
        Some(Bridge { profile: shared.name().to_owned(), is_named: shared.named_by().is_some(), log })
    }

    /// Whether it is asked where our own places have nothing: for a profile that somebody named. Who has none at all waits for nothing.
    pub(crate) fn is_last_resort(&self) -> bool {
        self.is_named
    }

    /// Asks it, within bounds of time. It has no terminal, and what it prints goes nowhere.
    pub(crate) async fn credentials(&self) -> Result<Credentials, String> {
        let got = self.ask().await;
        self.log.say(|| match &got {
            Ok(_) => format!("credentials: from `aws configure export-credentials --profile {}`", self.profile),
            Err(why) => format!("credentials: {why}"),
        });
        got
    }

    async fn ask(&self) -> Result<Credentials, String> {
        let mut aws = Command::new("aws");
        aws.args(["configure", "export-credentials", "--format", "process", "--profile", &self.profile]);
        aws.env("AWS_PAGER", "").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let done = tokio::time::timeout(PATIENCE, aws.output()).await;
        let done = done.map_err(|_| format!("the AWS CLI did not export any within {} s", PATIENCE.as_secs()))?;
        let done = done.map_err(|_| "there is no AWS CLI that could export them".to_owned())?;
        let none = "the AWS CLI exports none either (`aws configure export-credentials` is in v2 only)";
        let exported: Exported = serde_json::from_slice(&done.stdout).map_err(|_| none.to_owned())?;
        let Exported { access_key_id, secret_access_key, session_token, expiration } = exported;
        let until = expiration.map(SystemTime::from);
        Ok(Credentials::new(access_key_id, secret_access_key, session_token, until, "aws-cli"))
    }
}
