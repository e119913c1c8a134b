//! Where credentials come from: the places that the AWS CLI looks in, in its order. `docs/credentials.md` has them as a table.
//!
//! The SDK knows each place; its own chain has another order, takes no role that wants an MFA code, and ends where a profile says
//! something that it does not know.

mod bridge;
mod cache;
mod codes;
mod kept;
mod role;

use crate::log::Log;
use crate::open::Options;
use crate::profile::Shared;
use crate::refusal::{Class, Told, chain, plain};
use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::{Profile, ProfileFileCredentialsProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use bridge::Bridge;
use kept::{Broken, Environment, Static, keys};
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
    /// What to do where it has none, though it should.
    next: Next,
    provider: SharedCredentialsProvider,
}

#[derive(Debug, Clone)]
enum Next {
    Nothing,
    /// The file names what is not there.
    Mend,
    /// To this profile.
    SignIn(String),
    /// The process of this profile.
    Run(String),
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
                let next = match &source {
                    role::Source::Profile(source) => self.next(source),
                    _ => Next::Nothing,
                };
                Link { next, ..Link::new(&what, roles) }
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
        let follows =
            |profile: &&Profile| profile.get("credential_process").or_else(|| profile.get("login_session")).is_none();
        let in_either = || self.shared.profile(name).filter(follows).and_then(keys);
        let kept = self.shared.in_credentials().and_then(keys).or_else(in_either).filter(|_| !own);
        match kept {
            Some(kept) => Link::new(&what, Static(kept)),
            None => Link { next: self.next(name), ..Link::new(&what, self.of_profile(name)) },
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

    fn next(&self, name: &str) -> Next {
        let Some(profile) = self.shared.profile(name) else { return Next::Nothing };
        if profile.get("web_identity_token_file").is_some() {
            return Next::Mend;
        }
        if is_sso(profile) {
            return Next::SignIn(name.to_owned());
        }
        profile.get("credential_process").map_or(Next::Nothing, |_| Next::Run(name.to_owned()))
    }
}

fn is_sso(profile: &Profile) -> bool {
    profile.get("sso_session").or_else(|| profile.get("sso_start_url")).is_some()
}

impl Link {
    fn new(what: &str, provider: impl ProvideCredentials + 'static) -> Self {
        Link { what: what.to_owned(), next: Next::Nothing, provider: SharedCredentialsProvider::new(provider) }
    }

    /// Why this place cannot give what it should have.
    fn told(&self, error: &CredentialsError) -> Told {
        if let Some(told) = Told::within(error) {
            return told;
        }
        let words = chain(error);
        if ["(Connect)", "HTTP connect timeout", "HTTP read timeout"].iter().any(|mark| words.contains(mark)) {
            let why = format!("{} cannot be asked for credentials: {}", self.what, plain(&words));
            return Told::new(Class::NoConnection, why);
        }
        let (words, what) = (plain(&words), &self.what);
        let why = match (error, &self.next) {
            (CredentialsError::InvalidConfiguration(_), _) if words.contains("credentials-login") => {
                format!("{what} signs in with `aws login`, which only the AWS CLI can follow")
            }
            (CredentialsError::InvalidConfiguration(_), _) => {
                format!("{what} cannot be followed: {words}: mend the profile")
            }
            (_, Next::SignIn(profile)) => {
                format!(
                    "{what} has no session that is still good: sign in with `aws sso login --profile {profile}` ({words})"
                )
            }
            (_, Next::Run(profile)) => {
                format!(
                    "{what} gives none: {words}. Run it by hand: `aws configure get credential_process --profile {profile}` shows it"
                )
            }
            (_, Next::Mend) => format!("{what} gives none: {words}: mend the profile"),
            (_, Next::Nothing) => format!("{what} gives none: {words}"),
        };
        Told::new(Class::NoCredentials, why)
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

/// A name as a shell takes it for one word.
fn word(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@+/:".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}
