//! Which account: profile, region and endpoint, from options, environment and the shared configuration files.

use crate::Live;
use crate::clients::Clients;
use crate::credentials::{self, Codes};
use crate::journal::Journal;
use crate::limiter::Urgency;
use crate::log::{Log, host};
use crate::profile::{Shared, region, variable};
use crate::transport::{Transport, Trust, certificates};
use aws_config::identity::IdentityCache;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How an account is opened. What is none comes from the environment and the shared configuration files.
#[derive(Debug, Clone)]
pub struct Options {
    /// The region to read in.
    pub region: Option<String>,
    /// The profile to take, even where the environment holds credentials.
    pub profile: Option<String>,
    /// Where all requests go instead of AWS's own endpoints.
    pub endpoint_url: Option<String>,
    /// Certificates to trust instead of the system's (PEM); else those of `AWS_CA_BUNDLE`, or of the profile.
    pub ca_bundle: Option<PathBuf>,
    /// Take any certificate for the server's: whoever stands between can read and change everything.
    pub no_verify_ssl: bool,
    /// How long a connection may take to be made; zero: as long as it takes.
    pub connect_timeout: Duration,
    /// How long an answer may take to begin; zero: as long as it takes.
    pub read_timeout: Duration,
    /// How long a person's request may take with all its retries, not counting that it waits for its turn. It is longer where the
    /// time-outs above are.
    pub total_timeout: Duration,
    /// A role to take with the credentials that are found, by its ARN.
    pub assume_role: Option<String>,
    /// What the role's trust policy wants to be told, if it does.
    pub external_id: Option<String>,
    /// Who is asked for the code of an MFA device, where a role wants one.
    pub codes: Codes,
    /// Who hears of every request, and of what was chosen and why.
    pub log: Log,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            region: None,
            profile: None,
            endpoint_url: None,
            ca_bundle: None,
            no_verify_ssl: false,
            connect_timeout: Duration::from_secs(3),
            read_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(25),
            assume_role: None,
            external_id: None,
            codes: Codes::default(),
            log: Log::default(),
        }
    }
}

/// As good as for ever, and still something that can be added to an instant.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Options {
    fn timeouts(&self) -> TimeoutConfig {
        // What is left open is taken from the SDK's defaults.
        let timeouts = match self.connect_timeout {
            Duration::ZERO => TimeoutConfig::builder().disable_connect_timeout(),
            limit => TimeoutConfig::builder().connect_timeout(limit),
        };
        let timeouts = match self.read_timeout {
            Duration::ZERO => timeouts.disable_read_timeout(),
            limit => timeouts.read_timeout(limit),
        };
        timeouts.build()
    }

    /// Who waits longer for a connection or an answer waits longer for both.
    fn patience(&self) -> Duration {
        if self.connect_timeout.is_zero() || self.read_timeout.is_zero() {
            return A_DAY;
        }
        let once = self.connect_timeout.saturating_add(self.read_timeout);
        if once > Options::default().read_timeout + Options::default().connect_timeout {
            return self.total_timeout.max(once).min(A_DAY);
        }
        self.total_timeout
    }
}

/// Why an account cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing names a region.
    #[error("no AWS region is set: give --region, set AWS_REGION, or set `region` in the profile")]
    NoRegion,
    /// What names the region cannot be one.
    #[error("`{region}` cannot be a region ({by}): one is named as in `eu-west-1`")]
    BadRegion {
        /// As it was found.
        region: String,
        /// What names it.
        by: &'static str,
    },
    /// The profile that is named is in no file.
    #[error("there is no profile `{name}` ({by}) in the AWS configuration files{}", say_known(.known))]
    NoSuchProfile {
        /// As it was found.
        name: String,
        /// What names it.
        by: &'static str,
        /// Those that are there.
        known: Vec<String>,
    },
    /// A configuration file cannot be read.
    #[error("the AWS configuration files cannot be read: {0}")]
    Files(String),
    /// Where requests shall go is no address.
    #[error(
        "`{0}` cannot be an endpoint: it is named as in `https://ecs.eu-west-1.amazonaws.com` or `http://localhost:5000`"
    )]
    BadEndpoint(String),
    /// The bundle of certificates cannot be read.
    #[error("cannot read the certificates in `{}`", path.display())]
    CaBundle {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

fn say_known(known: &[String]) -> String {
    const FEW: usize = 8;
    match known {
        [] => ". They hold none".to_owned(),
        few if few.len() <= FEW => format!(". There is: {}", few.join(", ")),
        many => format!(". There is: {} and {} more", many[..FEW].join(", "), many.len() - FEW),
    }
}

impl Live {
    /// Opens an account by its configuration. Nothing is asked of AWS yet: credentials are looked for at the first question.
    ///
    /// # Errors
    /// When the configuration cannot be read or names what cannot be, or when no region is set.
    pub async fn open(options: &Options) -> Result<Live, OpenError> {
        let shared = Shared::load(options).await?;
        let log = &options.log;
        log.say(|| format!("profile: `{}`, by {}", shared.name(), shared.named_by().unwrap_or("default")));
        let region = match region(options, &shared) {
            Some((region, by)) if region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') => {
                log.say(|| format!("region: {region}, by {by}"));
                Region::new(region)
            }
            Some((region, by)) => return Err(OpenError::BadRegion { region, by }),
            None => return Err(OpenError::NoRegion),
        };
        let trust = if options.no_verify_ssl { Trust::Anyone } else { Trust::of(ca_bundle(options, &shared)?) };
        let http = SharedHttpClient::new(Transport::new(trust, log.clone()));
        // Standard, not adaptive: the latter took a minute for five throttled attempts, whatever its backoff. How often and for how
        // long is decided by `passage`.
        let retries = RetryConfig::standard()
            .with_initial_backoff(Duration::from_millis(100))
            .with_max_backoff(Duration::from_secs(3));
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region.clone())
            .http_client(http.clone())
            .timeout_config(options.timeouts())
            .retry_config(retries)
            .identity_cache(IdentityCache::lazy().load_timeout(SIGNING_IN).build())
            .profile_name(shared.name())
            .no_credentials();
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        if let Some(url) = named_endpoints(options, &shared).into_iter().find(|url| !is_endpoint(url)) {
            return Err(OpenError::BadEndpoint(url));
        }
        if let Some(url) = config.endpoint_url() {
            log.say(|| format!("endpoint: {} for all services", host(url)));
        }
        let provider = ProviderConfig::default().with_region(Some(region.clone())).with_http_client(http);
        let chain = credentials::find(options, &shared, &config, &provider);
        let found = match &options.assume_role {
            Some(role) => credentials::taken(options, role, chain, &config),
            None => SharedCredentialsProvider::new(chain),
        };
        let config = config.into_builder().credentials_provider(found).build();
        let clients = Arc::new(Clients::new(config, options.patience()));
        let here = clients.in_region(region.as_ref());
        Ok(Live { clients, here, account: Arc::default(), journal: Journal::default(), urgency: Urgency::Person })
    }
}

/// How long finding credentials may take: a person may have to look up a code, or to sign in to what a `credential_process` opens.
const SIGNING_IN: Duration = Duration::from_secs(5 * 60);

/// All addresses that are named for requests; the SDK leaves out in silence what is none.
fn named_endpoints(options: &Options, shared: &Shared) -> Vec<String> {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let variables = std::env::vars_os().map(|(name, url)| (text(name), text(url)));
    let configured = variables.filter(|(name, _)| name.starts_with("AWS_ENDPOINT_URL")).map(|(_, url)| url);
    let configured = configured.chain(shared.get("endpoint_url").map(str::to_owned));
    match &options.endpoint_url {
        Some(url) => vec![url.clone()],
        None if variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|yes| yes.eq_ignore_ascii_case("true")) => {
            vec![]
        }
        None => configured.filter(|url| !url.is_empty()).collect(),
    }
}

fn is_endpoint(url: &str) -> bool {
    let parsed = url.parse::<http::Uri>().ok();
    parsed.is_some_and(|url| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some())
}

fn ca_bundle(options: &Options, shared: &Shared) -> Result<Option<Vec<String>>, OpenError> {
    let set = || variable("AWS_CA_BUNDLE").map(PathBuf::from);
    let of_profile = || shared.get("ca_bundle").map(PathBuf::from);
    let Some(path) = options.ca_bundle.clone().or_else(set).or_else(of_profile) else { return Ok(None) };
    options.log.say(|| format!("certificates: those of {}", path.display()));
    let certificates = std::fs::read_to_string(&path).and_then(|bundle| match certificates(&bundle) {
        none if none.is_empty() => Err(std::io::Error::other("there is no certificate in it")),
        some => Ok(some),
    });
    certificates.map(Some).map_err(|source| OpenError::CaBundle { path, source })
}

/// The partition of a region. <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
pub(crate) fn partition(region: &str) -> &'static str {
    const BY_PREFIX: &[(&str, &str)] = &[
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    BY_PREFIX.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_tells_its_partition() {
        for (region, expected) in [
            ("us-east-1", "aws"),
            ("eu-central-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(partition(region), expected, "{region}");
        }
    }

    #[tokio::test]
    async fn another_region_shares_the_counters() {
        let options = Options { region: Some("eu-west-1".into()), ..Options::default() };
        let live = Live::open(&options).await.expect("a region is given");
        let there = live.in_region("cn-north-1");
        assert_eq!((live.region(), live.partition()), ("eu-west-1", "aws"));
        assert_eq!((there.region(), there.partition()), ("cn-north-1", "aws-cn"));
        assert!(Arc::ptr_eq(&live.clients, &there.clients));
    }

    #[tokio::test]
    async fn a_bundle_that_is_not_there_is_told() {
        let (region, ca_bundle) = (Some("eu-west-1".into()), Some("/nowhere/bundle.pem".into()));
        let options = Options { region, ca_bundle, ..Options::default() };
        let told = Live::open(&options).await.err().map(|error| error.to_string());
        assert_eq!(told.as_deref(), Some("cannot read the certificates in `/nowhere/bundle.pem`"));
    }
}
