//! Roles that a profile takes (`role_arn`), one with the credentials of another, with codes of MFA devices where they are wanted.

use super::cache;
use super::codes::Codes;
use crate::log::Log;
use crate::profile::Shared;
use crate::refusal::{Class, Refused, Told};
use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use std::time::SystemTime;

/// One role, as the profile describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) arn: String,
    pub(crate) external_id: Option<String>,
    pub(crate) session_name: Option<String>,
    /// The MFA device whose code the role wants.
    pub(crate) serial: Option<String>,
    pub(crate) duration: Option<i32>,
    /// The profile that it stands in; empty if in none.
    pub(crate) profile: String,
}

/// What the first role is taken with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Profile(String),
    Environment,
    Container,
    Instance,
}

/// The roles of a profile, first to last, and what the first is taken with; none if it takes no role. A web identity is no such role:
/// it needs no credentials.
pub(crate) fn of_profile(shared: &Shared, name: &str) -> Option<Result<(Source, Vec<Role>), String>> {
    takes_role(shared, name).then(|| follow(shared, name))
}

fn takes_role(shared: &Shared, name: &str) -> bool {
    let says = |key: &str| shared.profile(name).is_some_and(|profile| profile.get(key).is_some());
    says("role_arn") && !says("web_identity_token_file")
}

fn follow(shared: &Shared, first: &str) -> Result<(Source, Vec<Role>), String> {
    let (mut roles, mut seen, mut name) = (vec![], vec![], first.to_owned());
    loop {
        let profile = shared.profile(&name).ok_or_else(|| format!("there is no profile `{name}`"))?;
        let get = |key: &str| profile.get(key).map(str::to_owned);
        roles.push(Role {
            arn: get("role_arn").unwrap_or_default(),
            external_id: get("external_id"),
            session_name: get("role_session_name"),
            serial: get("mfa_serial"),
            duration: get("duration_seconds").and_then(|seconds| seconds.trim().parse().ok()),
            profile: name.clone(),
        });
        seen.push(name.clone());
        let source = match (get("source_profile"), get("credential_source")) {
            (Some(_), Some(_)) => {
                return Err(format!("the profile `{name}` has both source_profile and credential_source"));
            }
            (None, None) => {
                return Err(format!(
                    "the profile `{name}` has a role_arn, and neither source_profile nor credential_source"
                ));
            }
            (None, Some(source)) => break Ok(named(&name, &source)?),
            (Some(source), None) => source,
        };
        let Some(next) = shared.profile(&source) else {
            return Err(format!("the source_profile `{source}` of the profile `{name}` is not there"));
        };
        // Keys in a source profile go before its own role; and a profile may be its own source for that.
        let has_keys = next.get("aws_access_key_id").or_else(|| next.get("aws_secret_access_key")).is_some();
        if has_keys || !takes_role(shared, &source) {
            break Ok(Source::Profile(source));
        }
        if seen.contains(&source) {
            return Err(format!("the profiles {} take each other as source_profile in a circle", seen.join(", ")));
        }
        name = source;
    }
    .map(|source| {
        roles.reverse();
        (source, roles)
    })
}

fn named(profile: &str, source: &str) -> Result<Source, String> {
    match source.to_ascii_lowercase().as_str() {
        "environment" => Ok(Source::Environment),
        "ecscontainer" => Ok(Source::Container),
        "ec2instancemetadata" => Ok(Source::Instance),
        _ => Err(format!(
            "the credential_source `{source}` of the profile `{profile}` is not known: it is Environment, EcsContainer or \
             Ec2InstanceMetadata"
        )),
    }
}

/// Takes one role after the other.
#[derive(Debug)]
pub(crate) struct Roles {
    pub(crate) base: SharedCredentialsProvider,
    pub(crate) roles: Vec<Role>,
    pub(crate) config: SdkConfig,
    pub(crate) codes: Codes,
    pub(crate) log: Log,
}

impl Roles {
    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        // What was got for a code before spares all that comes before it.
        let mut from = 0;
        let mut have = None;
        for (at, role) in self.roles.iter().enumerate().rev().filter(|(_, role)| role.serial.is_some()) {
            let key = cache::key(role);
            let got = self.codes.turn().await.got(&key);
            have = got.or_else(|| {
                let kept = cache::kept(role)?;
                self.log.say(|| format!("credentials: role {} from the AWS CLI's cache, {key}.json", role.arn));
                Some(kept)
            });
            if have.is_some() {
                from = at + 1;
                break;
            }
        }
        let mut have = match have {
            Some(have) => have,
            None => self.base.provide_credentials().await.map_err(|error| match error {
                // A source that has none is no reason to look elsewhere.
                CredentialsError::CredentialsNotLoaded(_) => {
                    let profile = self.roles.first().map_or("", |role| role.profile.as_str());
                    let why = format!(
                        "what the role of the profile `{profile}` is taken with has no credentials: mend the profile"
                    );
                    Told::new(Class::NoCredentials, why).into()
                }
                error => error,
            })?,
        };
        for role in &self.roles[from..] {
            have = match &role.serial {
                Some(serial) => self.with_code(role, serial, have).await?,
                None => self.take(role, None, have).await?,
            };
        }
        Ok(have)
    }

    async fn with_code(&self, role: &Role, serial: &str, have: Credentials) -> Result<Credentials, CredentialsError> {
        let key = cache::key(role);
        let mut turn = self.codes.turn().await;
        if let Some(got) = turn.got(&key) {
            return Ok(got);
        }
        let Some(code) = turn.code(serial).await else {
            let why = format!(
                "the role of the profile `{}` wants a code of the MFA device `{serial}`, and there is no terminal to ask for it \
                 on: run `aws sts get-caller-identity --profile {}` in one first, and what it keeps is used",
                role.profile,
                super::word(&role.profile),
            );
            return Err(Told::new(Class::NoCredentials, why).into());
        };
        let got = self.take(role, Some((serial, code)), have).await?;
        turn.keep(&key, &got);
        Ok(got)
    }

    // The one place that takes a role: what it returns signs requests, and goes nowhere else.
    #[allow(clippy::disallowed_methods)]
    async fn take(
        &self,
        role: &Role,
        code: Option<(&str, String)>,
        have: Credentials,
    ) -> Result<Credentials, CredentialsError> {
        let config = self.config.to_builder().credentials_provider(SharedCredentialsProvider::new(have));
        let sts = aws_sdk_sts::Client::new(&config.identity_cache(IdentityCache::no_cache()).build());
        let session = role.session_name.clone().unwrap_or_else(|| "ecs-why".to_owned());
        let asked = sts.assume_role().role_arn(&role.arn).role_session_name(session);
        let asked = asked.set_external_id(role.external_id.clone()).set_duration_seconds(role.duration);
        let asked = match code {
            Some((serial, code)) => asked.serial_number(serial).token_code(code),
            None => asked,
        };
        let taken = asked.send().await.map_err(|error| {
            let Refused { class, detail } = error.into();
            let more = match class {
                Class::Denied => "; its trust policy and the policies of who takes it must allow that",
                _ => "",
            };
            let class = match class {
                Class::NoConnection | Class::NoAnswer | Class::Expired | Class::NotRecognized => class,
                _ => Class::NoCredentials,
            };
            Told::new(class, format!("the role `{}` cannot be taken: {detail}{more}", role.arn))
        })?;
        let Some(got) = taken.credentials() else {
            let why = format!("STS gave an answer without credentials for the role `{}`", role.arn);
            return Err(Told::new(Class::NoCredentials, why).into());
        };
        self.log.say(|| format!("credentials: role {} taken", role.arn));
        let until = SystemTime::try_from(*got.expiration()).ok();
        let token = Some(got.session_token().to_owned());
        Ok(Credentials::new(got.access_key_id(), got.secret_access_key(), token, until, "role"))
    }
}

impl ProvideCredentials for Roles {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
