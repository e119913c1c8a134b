//! The one HTTP client of all services: proxies from the environment, and certificates from `AWS_CA_BUNDLE`.
//!
//! The SDK's own default client is the same but for the bundle, which the Rust SDK does not obey.

use crate::passage::Until;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
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

/// The certificates of a bundle that can be trusted, each as PEM.
///
/// The HTTP client panics at one that it cannot read, and bundles of whole systems tend to hold some old one.
pub(crate) fn certificates(bundle: &str) -> Vec<String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let blocks = bundle.split(BEGIN).skip(1).filter_map(|rest| rest.split_once(END));
    let blocks = blocks.map(|(body, _)| format!("{BEGIN}{body}{END}\n"));
    blocks.filter(|block| is_readable(block.as_bytes())).collect()
}

fn is_readable(pem: &[u8]) -> bool {
    CertificateDer::from_pem_slice(pem).is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok())
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl Transport {
    /// A client that trusts the system's certificates, or those of a bundle alone.
    pub(crate) fn new(bundle: Option<Vec<String>>) -> Self {
        let trusted = match bundle {
            // As in the AWS CLI, the bundle stands in the place of the system's certificates.
            Some(bundle) => bundle.into_iter().fold(TrustStore::empty(), TrustStore::with_pem_certificate),
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
        SharedHttpConnector::new(Patient(SharedHttpConnector::new(connector)))
    }
}

/// A connector that gives up when the patience with its request ends.
#[derive(Debug)]
struct Patient(SharedHttpConnector);

impl HttpConnector for Patient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let until = request.extension::<Until>().copied();
        let answer = self.0.call(request);
        let Some(Until(until)) = until else { return answer };
        HttpConnectorFuture::new(async move {
            let answered = tokio::time::timeout_at(until, answer).await;
            answered.unwrap_or_else(|late| Err(ConnectorError::timeout(late.into())))
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Made for this test with `openssl req -x509`; its key is gone.
    const GOOD: &str = "-----BEGIN CERTIFICATE-----
MIIDJTCCAg2gAwIBAgIUG+sHiuYPwbb708wvpkl8AHMVHbUwDQYJKoZIhvcNAQEL
BQAwFDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEyMTE4MjgwMFoXDTI2MTEy
MzE4MjgwMFowFDESMBAGA1UEAwwJbG9jYWxob3N0MIIBIjANBgkqhkiG9w0BAQEF
AAOCAQ8AMIIBCgKCAQEA6zlUYxxZRuu5ddnbaAAJDQ9ilIeinGUL/WL5cpGPiBVV
BYXvByrRmNZxt90hIOD5XKVDNaSmTUg7ETLG4nhCcUPXfw2Ya1/HaBh9EuMgIuqX
2SgQrsheTlkIwMIqw6mh7d2MpWmi1i0k8LNuCamL9bDWZWw+mpp+tGjF0K7YBgVb
R9B/kul2HpXUStqq9UKnGkmNkocmbJS4wA4wMDYJiP4L/Yqpu1/9vuaygf5Wre3h
fTzFnb+8bu87SZDiQXnou9o7iGzUOcewqCXay5wEWkHMb5n1y2SX2JQVfBuAXYKr
VIkOZDpepbVAb2XhDvRwIEYHFUyo41uoipZsIXAtjQIDAQABo28wbTAdBgNVHQ4E
FgQUW5ZLaX642LvGRRMPL+1Xeuo4C64wHwYDVR0jBBgwFoAUW5ZLaX642LvGRRMP
L+1Xeuo4C64wGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMA8GA1UdEwEB/wQF
MAMBAf8wDQYJKoZIhvcNAQELBQADggEBAEYbtgfzhoxPb1CCT4GiGVTM+Ge7CGFR
XYJXQNhaqsxHGSbDODhdMheZCFNqSvJSIKDvIdS/b9946fv4wBya1yFASMcgatvp
E1gxp3bSSWs7yUxhuhBygKc/ztbXoTfz1yHpN0qlDSACoAKnYqXiRFYH4nq2NTno
p/wnj5Yla2R8TbyK0wi8VC0g74dN5mh9vY16jzjtWDmObfRd7HDVUvYf0LRkKoV1
2pQwdcDdmJ3W7pnyeZiYGsr5hckJ9lQHD+4mHoer9x04qd+A8/fmTcvn5AZ3nVfs
VPTmc8TqjwG0F2o2Oh9SGwwDMTMq1mMauS+/ZNw/uDpXP2HdY96LWDc=
-----END CERTIFICATE-----";

    #[test]
    fn what_cannot_be_read_is_left_out_of_a_bundle() {
        let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
        let bundle = format!("# company\n{bad}\n{GOOD}\n-----BEGIN CERTIFICATE-----\nMIIB");
        let kept: Vec<_> = certificates(&bundle).iter().map(|pem| pem.trim().to_owned()).collect();
        assert_eq!(kept, [GOOD]);
        assert!(certificates("no certificate").is_empty());
    }
}
