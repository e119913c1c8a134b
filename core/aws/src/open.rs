//! Which account: profile, region and endpoint, from options, environment and the shared configuration files.

use crate::Live;
use crate::clients::Clients;
use crate::journal::Journal;
use crate::limiter::Urgency;
use crate::log::Log;
use crate::transport::{Transport, Trust, certificates};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
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
    /// Certificates to trust instead of the system's (PEM); else those of `AWS_CA_BUNDLE`.
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
    /// The bundle of certificates cannot be read.
    #[error("cannot read the certificates in `{}`", path.display())]
    CaBundle {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl Live {
    /// Opens an account by its configuration. Nothing is asked of AWS yet: credentials are looked for at the first question.
    ///
    /// # Errors
    /// When no region is set, or a bundle of certificates cannot be read.
    pub async fn open(options: &Options) -> Result<Live, OpenError> {
        let trust = if options.no_verify_ssl { Trust::Anyone } else { Trust::of(ca_bundle(options)?) };
        let http = SharedHttpClient::new(Transport::new(trust, options.log.clone()));
        let region = region(options).await.ok_or(OpenError::NoRegion)?;
        // Standard, not adaptive: the latter took a minute for five throttled attempts, whatever its backoff. How often and for how
        // long is decided by `passage`.
        let retries = RetryConfig::standard()
            .with_initial_backoff(Duration::from_millis(100))
            .with_max_backoff(Duration::from_secs(3));
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region.clone())
            .http_client(http.clone())
            .timeout_config(options.timeouts())
            .retry_config(retries);
        if let Some(profile) = &options.profile {
            // `profile_name` alone would lose against credentials in the environment.
            let provider = ProviderConfig::default().with_region(Some(region.clone())).with_http_client(http);
            let credentials =
                ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile).build();
            loader = loader.profile_name(profile).credentials_provider(credentials);
        }
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = assume(options, loader.load().await).await;
        let clients = Arc::new(Clients::new(config, options.patience()));
        let here = clients.in_region(region.as_ref());
        Ok(Live { clients, here, account: Arc::default(), journal: Journal::default(), urgency: Urgency::Person })
    }
}

/// The configuration with the credentials of the role that is to be taken. STS is asked in the region, over the same transport.
async fn assume(options: &Options, found: SdkConfig) -> SdkConfig {
    let Some(role) = &options.assume_role else { return found };
    let provider = AssumeRoleProvider::builder(role).configure(&found).session_name("ecs-why");
    let provider = match &options.external_id {
        Some(id) => provider.external_id(id),
        None => provider,
    };
    let role = SharedCredentialsProvider::new(provider.build().await);
    found.into_builder().credentials_provider(role).build()
}

/// The region that is set. The default chain is not asked, since it ends at the instance metadata, which is a request.
async fn region(options: &Options) -> Option<Region> {
    let given = options.region.clone().map(Region::new);
    if let Some(profile) = &options.profile {
        let of_profile = ProfileFileRegionProvider::builder().profile_name(profile).build();
        let chain = RegionProviderChain::first_try(given).or_else(of_profile);
        return chain.or_else(EnvironmentVariableRegionProvider::new()).region().await.filter(named);
    }
    let chain = RegionProviderChain::first_try(given).or_else(EnvironmentVariableRegionProvider::new());
    chain.or_else(ProfileFileRegionProvider::new()).region().await.filter(named)
}

fn named(region: &Region) -> bool {
    !region.as_ref().is_empty()
}

fn ca_bundle(options: &Options) -> Result<Option<Vec<String>>, OpenError> {
    let set = || std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from);
    let Some(path) = options.ca_bundle.clone().or_else(set) else { return Ok(None) };
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
        let options = Options { ca_bundle: Some("/nowhere/bundle.pem".into()), ..Options::default() };
        let told = Live::open(&options).await.err().map(|error| error.to_string());
        assert_eq!(told.as_deref(), Some("cannot read the certificates in `/nowhere/bundle.pem`"));
    }
}
