//! One client for each service and region, made when it is first used; all share one configuration.

use crate::journal::Scribe;
use crate::limiter::Limiter;
use crate::passage::{Passage, RateExceeded};
use aws_config::identity::IdentityCache;
use aws_config::{Region, SdkConfig};
use aws_types::service_config::ServiceConfigKey;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The clients of all regions.
pub(crate) struct Clients {
    config: SdkConfig,
    limiter: Arc<Limiter>,
    patience: Duration,
    regions: Mutex<BTreeMap<String, Arc<InRegion>>>,
}

impl Clients {
    /// Patience is how long a person's request may take, with all attempts and without waiting for its turn.
    pub(crate) fn new(config: SdkConfig, patience: Duration) -> Self {
        // All clients share one cache: else each would have to find the credentials anew.
        let cache = config.identity_cache().unwrap_or_else(|| IdentityCache::lazy().build());
        let config = config.into_builder().identity_cache(cache).build();
        Clients { config, limiter: Arc::default(), patience, regions: Mutex::default() }
    }

    /// Where requests go, if that was configured.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.config.endpoint_url()
    }

    /// What all clients are made from, in a region.
    pub(crate) fn config(&self, region: &str) -> SdkConfig {
        self.config.to_builder().region(Region::new(region.to_owned())).build()
    }

    /// The clients of a region.
    pub(crate) fn in_region(&self, region: &str) -> Arc<InRegion> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let made = regions.entry(region.to_owned()).or_insert_with(|| {
            let passage = Passage::new(Arc::clone(&self.limiter), region, self.patience);
            let mut config = self.config.to_builder().region(Region::new(region.to_owned()));
            config.set_identity_cache(self.config.identity_cache().map(|cache| passage.before(cache)));
            Arc::new(InRegion::new(region, config.build(), passage))
        });
        Arc::clone(made)
    }
}

macro_rules! clients {
    ($($name:ident: $sdk:ident,)*) => {
        /// The clients of one region.
        pub(crate) struct InRegion {
            region: String,
            config: SdkConfig,
                    passage: Passage,
            s3: OnceLock<aws_sdk_s3::Client>,
            $($name: OnceLock<$sdk::Client>,)*
        }

        impl InRegion {
            fn new(region: &str, config: SdkConfig, passage: Passage) -> Self {
                let region = region.to_owned();
                InRegion { region, config, passage, s3: OnceLock::new(), $($name: OnceLock::new(),)* }
            }

            /// Its name.
            pub(crate) fn region(&self) -> &str {
                &self.region
            }

            /// A bucket's name becomes a host's, which only AWS's own endpoints have: everywhere else it stands in the path.
            pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
                self.s3.get_or_init(|| {
                    let config = aws_sdk_s3::config::Builder::from(&self.config).interceptor(Scribe);
                    let config = config.interceptor(self.passage.clone()).retry_classifier(RateExceeded);
                    let config = config.retry_partition(Passage::retries());
                    let elsewhere = self.config.endpoint_url().is_some() || self.own_endpoint("S3").is_some();
                    aws_sdk_s3::Client::from_conf(config.force_path_style(elsewhere).build())
                })
            }

            /// Where the requests of one service go, if the environment or the profile says so for it alone.
            fn own_endpoint(&self, service: &str) -> Option<String> {
                let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url");
                self.config.service_config()?.load_config(key.build().ok()?)
            }

            $(pub(crate) fn $name(&self) -> &$sdk::Client {
                self.$name.get_or_init(|| {
                    let config = $sdk::config::Builder::from(&self.config).interceptor(Scribe);
                    let config = config.interceptor(self.passage.clone()).retry_classifier(RateExceeded);
                    let config = config.retry_partition(Passage::retries());
                    $sdk::Client::from_conf(config.build())
                })
            })*
        }
    };
}

clients! {
    cloudtrail: aws_sdk_cloudtrail,
    ec2: aws_sdk_ec2,
    ecr: aws_sdk_ecr,
    ecs: aws_sdk_ecs,
    events: aws_sdk_eventbridge,
    iam: aws_sdk_iam,
    kms: aws_sdk_kms,
    logs: aws_sdk_cloudwatchlogs,
    route53: aws_sdk_route53,
    secrets: aws_sdk_secretsmanager,
    ssm: aws_sdk_ssm,
    sts: aws_sdk_sts,
}
