//! The one HTTP client of all services: proxies from the environment, and certificates from `AWS_CA_BUNDLE`.
//!
//! The SDK's own default client is the same but for the bundle, which the Rust SDK does not obey.

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Connect and read timeout: connectors that agree in them share their connections.
type Timeouts = (Option<Duration>, Option<Duration>);

/// Makes connectors, one for each pair of timeouts: services have one, credential providers have shorter ones.
pub(crate) struct Transport {
    tls: TlsContext,
    connectors: Mutex<Vec<(Timeouts, SharedHttpConnector)>>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl Transport {
    /// A client that trusts the system's certificates, or those of a bundle alone.
    pub(crate) fn new(bundle: Option<Vec<u8>>) -> Self {
        let trusted = match bundle {
            // As in the AWS CLI, the bundle stands in the place of the system's certificates.
            Some(pem) => TrustStore::empty().with_pem_certificate(pem),
            None => TrustStore::default(),
        };
        let tls = TlsContext::builder().with_trust_store(trusted).build().unwrap_or_default();
        Transport { tls, connectors: Mutex::default() }
    }

    fn connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let mut builder =
            Connector::builder().connector_settings(settings.clone()).proxy_config(ProxyConfig::from_env());
        builder.set_sleep_impl(components.sleep_impl());
        let connector = builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(self.tls.clone()).build();
        SharedHttpConnector::new(connector)
    }
}

impl HttpClient for Transport {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let timeouts = (settings.connect_timeout(), settings.read_timeout());
        let mut connectors = self.connectors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connector)) = connectors.iter().find(|(other, _)| *other == timeouts) {
            return connector.clone();
        }
        let connector = self.connector(settings, components);
        connectors.push((timeouts, connector.clone()));
        connector
    }
}
