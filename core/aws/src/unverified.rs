//! Connections to whoever answers, as `--no-verify-ssl` of the AWS CLI makes them: for a proxy or a test server with a certificate that
//! nobody has signed. The SDK offers no such client.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tower_service::Service;

/// See the module. What needs no TLS is left to the usual connector.
#[derive(Debug)]
pub(crate) struct Unverified {
    client: Client<HttpsConnector<Dial>, SdkBody>,
    read_timeout: Option<Duration>,
    plain: SharedHttpConnector,
}

impl Unverified {
    pub(crate) fn new(settings: &HttpConnectorSettings, plain: SharedHttpConnector) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut direct = Tcp::new();
        direct.enforce_http(false);
        direct.set_nodelay(true);
        let dial = Dial { direct, proxies: Arc::new(Matcher::from_env()), connect_timeout: settings.connect_timeout() };
        // Without a common version of TLS no connection comes about, which is told then.
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap_or_else(|_| ClientConfig::builder())
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1();
        let client = Client::builder(TokioExecutor::new()).build(connector.wrap_connector(dial));
        Unverified { client, read_timeout: settings.read_timeout(), plain }
    }
}

impl HttpConnector for Unverified {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if !request.uri().starts_with("https:") {
            return self.plain.call(request);
        }
        let (client, read_timeout) = (self.client.clone(), self.read_timeout);
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let answer = client.request(request);
            let answered = match read_timeout {
                Some(limit) => {
                    let answered = tokio::time::timeout(limit, answer).await;
                    answered.map_err(|late| ConnectorError::timeout(late.into()))?
                }
                None => answer.await,
            };
            let answer = answered.map_err(|error| ConnectorError::io(error.into()))?.map(SdkBody::from_body_1_x);
            HttpResponse::try_from(answer).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Connects directly, or through the proxy that the environment names for the address.
#[derive(Debug, Clone)]
struct Dial {
    direct: Tcp,
    proxies: Arc<Matcher>,
    connect_timeout: Option<Duration>,
}

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let Dial { mut direct, proxies, connect_timeout } = self.clone();
        Box::pin(async move {
            let connection = async {
                let Some(proxy) = proxies.intercept(&to) else { return Ok(direct.call(to).await?) };
                let tunnel = Tunnel::new(proxy.uri().clone(), direct);
                let mut tunnel = match proxy.basic_auth() {
                    Some(auth) => tunnel.with_auth(auth.clone()),
                    None => tunnel,
                };
                Ok(tunnel.call(to).await?)
            };
            let Some(limit) = connect_timeout else { return connection.await };
            let late = |_| BoxError::from(format!("HTTP connect timeout occurred after {limit:?}"));
            tokio::time::timeout(limit, connection).await.map_err(late)?
        })
    }
}

/// Whoever it is.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
