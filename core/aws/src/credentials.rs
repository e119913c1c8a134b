//! Where credentials come from: the places that the AWS CLI looks in, in its order. `docs/credentials.md` has them as a table.
//!
//! The SDK knows each place; its own chain has another order, takes no role that wants an MFA code, and ends where a profile says
//! something that it does not know.

mod bridge;
mod cache;
mod codes;
mod role;

use crate::log::Log;
use crate::open::Options;
use crate::profile::{Shared, variable};
use crate::refusal::{Class, Told, chain};
use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::{Profile, ProfileFileCredentialsProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use bridge::Bridge;
use role::{Role, Roles};
use std::time::SystemTime;

pub use codes::Codes;

/// The places, in order. The first that has credentials counts; one that should have and cannot give them ends the search.
#[derive(Debug)]
pub(crate) struct Chain {
    links: Vec<Link>,
    bridge: Option<Bridge>,
    log: Log,
}

#[derive(Debug)]
struct Link {
    /// As a sentence names it.
    what: String,
    /// The profile to sign in to, where that is a person's affair.
    sign_in: Option<String>,
    provider: SharedCredentialsProvider,
}

/// The credentials of an account: found when they are first needed.
pub(crate) fn find(options: &Options, shared: &Shared, config: &SdkConfig, provider: &ProviderConfig) -> Chain {
    let finder = Finder { options, shared, config, provider };
    // A profile that was typed goes before whatever the environment holds; one that the environment names does not.
    let typed = options.profile.is_some();
    let mut links = vec![];
    if !typed {
        links.push(Link::new("the environment (AWS_ACCESS_KEY_ID)", Environment));
    }
    links.extend(finder.role());
    if !typed {
        let web = WebIdentityTokenCredentialsProvider::builder().configure(provider).build();
        links.push(Link::new("the environment (AWS_WEB_IDENTITY_TOKEN_FILE)", web));
    }
    links.push(finder.profile());
    links.push(Link::new("the container", EcsCredentialsProvider::builder().configure(provider).build()));
    links.push(Link::new("the instance", ImdsCredentialsProvider::builder().configure(provider).build()));
    let bridge = Bridge::of(shared, options.log.clone());
    Chain { links, bridge, log: options.log.clone() }
}

/// The credentials of a role that is taken with those of a chain.
pub(crate) fn taken(options: &Options, role: &str, chain: Chain, config: &SdkConfig) -> SharedCredentialsProvider {
    let role = Role {
        arn: role.to_owned(),
        external_id: options.external_id.clone(),
        session_name: Some("ecs-why".to_owned()),
        ..Role::default()
    };
    let codes = options.codes.clone();
    let base = SharedCredentialsProvider::new(chain);
    SharedCredentialsProvider::new(Roles {
        base,
        roles: vec![role],
        config: config.clone(),
        codes,
        log: options.log.clone(),
    })
}

/// What the links are made of.
struct Finder<'a> {
    options: &'a Options,
    shared: &'a Shared,
    config: &'a SdkConfig,
    provider: &'a ProviderConfig,
}

impl Finder<'_> {
    /// The roles that the profile takes, if it takes one.
    fn role(&self) -> Option<Link> {
        let name = self.shared.name();
        let what = format!("the role of the profile `{name}`");
        let link = match role::of_profile(self.shared, name)? {
            Ok((source, roles)) => {
                let base = match &source {
                    role::Source::Profile(source) => self.source(source),
                    role::Source::Environment => SharedCredentialsProvider::new(Environment),
                    role::Source::Container => SharedCredentialsProvider::new(
                        EcsCredentialsProvider::builder().configure(self.provider).build(),
                    ),
                    role::Source::Instance => SharedCredentialsProvider::new(
                        ImdsCredentialsProvider::builder().configure(self.provider).build(),
                    ),
                };
                let (config, codes) = (self.config.clone(), self.options.codes.clone());
                let roles = Roles { base, roles, config, codes, log: self.options.log.clone() };
                let sign_in = match &source {
                    role::Source::Profile(source) => self.sign_in(source),
                    _ => None,
                };
                Link { sign_in, ..Link::new(&what, roles) }
            }
            Err(why) => Link::new(&what, Broken(why)),
        };
        Some(link)
    }

    /// What else the profile says.
    fn profile(&self) -> Link {
        let name = self.shared.name();
        let of = |profile: &Profile| {
            let token = profile.get("web_identity_token_file").map(|file| format!(" (web_identity_token_file {file})"));
            let process = || profile.get("credential_process").map(|_| " (credential_process)".to_owned());
            token.or_else(process)
        };
        let what = format!("the profile `{name}`{}", self.shared.profile(name).and_then(of).unwrap_or_default());
        let is_own = |profile: &Profile| profile.get("web_identity_token_file").is_some() || is_sso(profile);
        let own = self.shared.profile(name).is_some_and(is_own);
        // In a file of credentials they go before a `credential_process`, and in the other file behind it.
        let kept = self.shared.in_credentials().filter(|_| !own).and_then(keys);
        match kept {
            Some(kept) => Link::new(&what, Static(kept)),
            None => Link { sign_in: self.sign_in(name), ..Link::new(&what, self.of_profile(name)) },
        }
    }

    fn of_profile(&self, name: &str) -> ProfileFileCredentialsProvider {
        ProfileFileCredentialsProvider::builder().configure(self.provider).profile_name(name).build()
    }

    /// A profile that a role is taken with: keys that stand in it go before everything else.
    fn source(&self, name: &str) -> SharedCredentialsProvider {
        match self.shared.profile(name).and_then(keys) {
            Some(kept) => SharedCredentialsProvider::new(Static(kept)),
            None => SharedCredentialsProvider::new(self.of_profile(name)),
        }
    }

    fn sign_in(&self, name: &str) -> Option<String> {
        self.shared.profile(name).filter(|profile| is_sso(profile)).map(|_| name.to_owned())
    }
}

fn is_sso(profile: &Profile) -> bool {
    profile.get("sso_session").or_else(|| profile.get("sso_start_url")).is_some()
}

/// The keys that stand in a profile, if one does; half of them are an error when they are needed.
fn keys(profile: &Profile) -> Option<Result<Credentials, String>> {
    let (key, secret) = (profile.get("aws_access_key_id"), profile.get("aws_secret_access_key"));
    let token = profile.get("aws_session_token").map(str::to_owned);
    let half = |there: &str, missing: &str| format!("the profile `{}` has {there}, and no {missing}", profile.name());
    match (key, secret) {
        (Some(key), Some(secret)) => Some(Ok(Credentials::new(key, secret, token, None, "profile"))),
        (Some(_), None) => Some(Err(half("aws_access_key_id", "aws_secret_access_key"))),
        (None, Some(_)) => Some(Err(half("aws_secret_access_key", "aws_access_key_id"))),
        (None, None) => None,
    }
}

impl Link {
    fn new(what: &str, provider: impl ProvideCredentials + 'static) -> Self {
        Link { what: what.to_owned(), sign_in: None, provider: SharedCredentialsProvider::new(provider) }
    }

    /// Why this place cannot give what it should have.
    fn told(&self, error: &CredentialsError) -> Told {
        if let Some(told) = Told::within(error) {
            return told;
        }
        let words = chain(error);
        if ["(Connect)", "HTTP connect timeout", "HTTP read timeout"].iter().any(|mark| words.contains(mark)) {
            return Told::new(Class::NoConnection, format!("{} cannot be asked for credentials: {words}", self.what));
        }
        match &self.sign_in {
            Some(profile) => Told::new(
                Class::NoCredentials,
                format!(
                    "{} has no session that is still good: sign in with `aws sso login --profile {profile}` ({words})",
                    self.what
                ),
            ),
            None => Told::new(Class::NoCredentials, format!("{} gives none: {words}", self.what)),
        }
    }
}

impl Chain {
    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        for link in &self.links {
            let error = match link.provider.provide_credentials().await {
                Ok(found) if found.expiry().is_some_and(|until| until <= SystemTime::now()) => {
                    let until =
                        found.expiry().and_then(|until| jiff::Timestamp::try_from(until).ok()).unwrap_or_default();
                    let why = format!("{} gives some that have expired at {until}: sign in again", link.what);
                    return Err(Told::new(Class::NoCredentials, why).into());
                }
                Ok(found) => {
                    self.log.say(|| format!("credentials: from {}", link.what));
                    return Ok(found);
                }
                Err(CredentialsError::CredentialsNotLoaded(_)) => {
                    self.log.say(|| format!("credentials: none in {}", link.what));
                    continue;
                }
                Err(error) => error,
            };
            let told = link.told(&error);
            self.log.say(|| format!("credentials: {told}"));
            // What the SDK cannot make sense of, the AWS CLI may.
            return match (&self.bridge, &error) {
                (Some(bridge), CredentialsError::InvalidConfiguration(_)) => {
                    bridge.credentials().await.map_err(|why| told.and(&why).into())
                }
                _ => Err(told.into()),
            };
        }
        let places: Vec<&str> = self.links.iter().map(|link| link.what.as_str()).collect();
        let none = Told::new(Class::NoCredentials, format!("there are none in {}", places.join(", ")));
        match self.bridge.as_ref().filter(|bridge| bridge.is_last_resort()) {
            Some(bridge) => bridge.credentials().await.map_err(|why| none.and(&why).into()),
            None => Err(none.into()),
        }
    }
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

/// Keys in the environment; half of them are an error, as in the AWS CLI.
#[derive(Debug)]
struct Environment;

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
struct Static(Result<Credentials, String>);

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
struct Broken(String);

impl ProvideCredentials for Broken {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let told = Told::new(Class::NoCredentials, self.0.clone());
        future::ProvideCredentials::ready(Err(CredentialsError::invalid_configuration(told)))
    }
}
