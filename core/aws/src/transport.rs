//! The one HTTP client of all services: proxies from the environment, whose certificates are trusted, and what the log hears of requests.
//!
//! The SDK's own default client is the same but for `AWS_CA_BUNDLE`, which the Rust SDK does not obey, and for trusting everybody.

use crate::log::{Log, Note};
use crate::passage::Until;
use crate::unverified::Unverified;
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
    /// None: every certificate is good.
    tls: Option<TlsContext>,
    log: Log,
    connectors: Mutex<Vec<(Timeouts, SharedHttpConnector)>>,
}

/// Whose certificates are good.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Those that the system trusts.
    System,
    /// Those of a bundle (PEM each), which stands in the place of the system's, as in the AWS CLI.
    Bundle(Vec<String>),
    /// Everybody's.
    Anyone,
}

impl Trust {
    pub(crate) fn of(bundle: Option<Vec<String>>) -> Self {
        bundle.map_or(Trust::System, Trust::Bundle)
    }
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
    /// A client for everything.
    pub(crate) fn new(trust: Trust, log: Log) -> Self {
        let trusted = match trust {
            Trust::System => Some(TrustStore::default()),
            Trust::Bundle(bundle) => {
                Some(bundle.into_iter().fold(TrustStore::empty(), TrustStore::with_pem_certificate))
            }
            Trust::Anyone => None,
        };
        let tls = trusted.map(|store| TlsContext::builder().with_trust_store(store).build().unwrap_or_default());
        Transport { tls, log, connectors: Mutex::default() }
    }

    fn connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let mut builder =
            Connector::builder().connector_settings(settings.clone()).proxy_config(ProxyConfig::from_env());
        builder.set_sleep_impl(components.sleep_impl());
        let tls = self.tls.clone().unwrap_or_default();
        let connector = builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls).build();
        let inner = match &self.tls {
            Some(_) => SharedHttpConnector::new(connector),
            None => SharedHttpConnector::new(Unverified::new(settings, SharedHttpConnector::new(connector))),
        };
        SharedHttpConnector::new(Patient { inner, log: self.log.clone() })
    }
}

/// A connector that gives up when the patience with its request ends, and tells the log.
#[derive(Debug)]
struct Patient {
    inner: SharedHttpConnector,
    log: Log,
}

impl HttpConnector for Patient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let until = request.extension::<Until>().copied();
        let note = self.log.is_heard().then(|| Note::of(&request));
        let answer = self.inner.call(request);
        if until.is_none() && note.is_none() {
            return answer;
        }
        let log = self.log.clone();
        HttpConnectorFuture::new(async move {
            let answered = match until {
                Some(Until(until)) => {
                    let answered = tokio::time::timeout_at(until, answer).await;
                    answered.unwrap_or_else(|late| Err(ConnectorError::timeout(late.into())))
                }
                None => answer.await,
            };
            match note {
                Some(note) => note.told(answered, &log).await,
                None => answered,
            }
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
