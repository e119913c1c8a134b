//! Keys that stand somewhere as they are: in the environment, in a profile; and what stands there and is none.

use crate::profile::variable;
use crate::refusal::{Class, Told};
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::profile::Profile;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, future};

/// The keys that stand in a profile, if one does; half of them are an error when they are needed.
pub(super) fn keys(profile: &Profile) -> Option<Result<Credentials, String>> {
    let (key, secret) = (profile.get("aws_access_key_id"), profile.get("aws_secret_access_key"));
    let token = profile.get("aws_session_token").map(str::to_owned);
    let half = |there: &str, missing: &str| {
        format!("the profile `{}` has {there}, and no {missing}: mend the profile", profile.name())
    };
    match (key, secret) {
        (Some(key), Some(secret)) => Some(Ok(Credentials::new(key, secret, token, None, "profile"))),
        (Some(_), None) => Some(Err(half("aws_access_key_id", "aws_secret_access_key"))),
        (None, Some(_)) => Some(Err(half("aws_secret_access_key", "aws_access_key_id"))),
        (None, None) => None,
    }
}

/// Keys in the environment; half of them are an error, as in the AWS CLI.
#[derive(Debug)]
pub(super) struct Environment;

impl ProvideCredentials for Environment {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        if variable("AWS_ACCESS_KEY_ID").is_some() && variable("AWS_SECRET_ACCESS_KEY").is_none() {
            let half = "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not: set both, or neither";
            return future::ProvideCredentials::ready(Err(Told::new(Class::NoCredentials, half).into()));
        }
        future::ProvideCredentials::new(async {
            EnvironmentVariableCredentialsProvider::new().provide_credentials().await
        })
    }
}

/// Keys in a file.
#[derive(Debug)]
pub(super) struct Static(pub(super) Result<Credentials, String>);

impl ProvideCredentials for Static {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let kept = self.0.clone().map_err(|why| Told::new(Class::NoCredentials, why).into());
        future::ProvideCredentials::ready(kept)
    }
}

/// What stands in a file and cannot be followed.
#[derive(Debug)]
pub(super) struct Broken(pub(super) String);

impl ProvideCredentials for Broken {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let told = Told::new(Class::NoCredentials, format!("{}: mend the profile", self.0));
        future::ProvideCredentials::ready(Err(told.into()))
    }
}
