//! Events over HTTP: one address for events, commands and interactions, and a signature on each.
//! <https://docs.slack.dev/authentication/verifying-requests-from-slack>

use crate::slack::SlackConfig;
use crate::slack::hearing::{Hearing, Taken};
use anyhow::Context as _;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};
use slack_morphism::signature_verifier::SlackEventSignatureVerifier;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Where Slack's requests arrive.
pub const PATH: &str = "/slack/events";
/// A press carries the message that it stands in.
const LARGEST_BODY: usize = 1 << 20;
/// Requests at once: more are told to come back.
const MOST_REQUESTS: usize = 256;
/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(5);
/// How long requests may take to end once we shall.
const FAREWELL: Duration = Duration::from_secs(5);

struct Door {
    verifier: SlackEventSignatureVerifier,
    hearing: Arc<Hearing>,
    requests: Semaphore,
}

/// Serves until it is told to end.
///
/// # Errors
/// When there is no signing secret, or the address cannot be taken.
pub async fn serve(
    address: SocketAddr,
    config: &SlackConfig,
    hearing: Arc<Hearing>,
    end: CancellationToken,
) -> anyhow::Result<()> {
    let router = router(config, hearing)?;
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let here = listener.local_addr().context("the address is not known")?;
    tracing::info!("Slack's requests are heard on http://{here}{PATH}");
    config.up.store(true, Ordering::Relaxed);
    let ending = end.clone();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move { ending.cancelled().await });
    let late = async {
        end.cancelled().await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        served = server => served.context("the server ended"),
        () = late => Ok(()),
    }
}

fn router(config: &SlackConfig, hearing: Arc<Hearing>) -> anyhow::Result<Router> {
    let secret = config.signing_secret.as_ref().map(|secret| secret.expose_secret().trim().to_owned());
    let secret = secret
        .filter(|secret| !secret.is_empty())
        .context("Slack's requests cannot be told from forged ones: set the signing secret")?;
    let door = Door {
        verifier: SlackEventSignatureVerifier::new(&secret.into()),
        hearing,
        requests: Semaphore::new(MOST_REQUESTS),
    };
    Ok(Router::new().route(PATH, post(receive)).with_state(Arc::new(door)))
}

async fn receive(State(door): State<Arc<Door>>, request: Request) -> Response {
    let Ok(_permit) = door.requests.try_acquire() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let (parts, body) = request.into_parts();
    let body = match tokio::time::timeout(ARRIVAL, to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    // Before anything of it is read.
    let Some(body) = signed(&door.verifier, &parts.headers, &body) else {
        tracing::warn!("a request that Slack did not sign, or too long ago, is refused");
        return (StatusCode::UNAUTHORIZED, "not signed by Slack").into_response();
    };
    let json = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let json = json.is_some_and(|kind| kind.trim_start().starts_with("application/json"));
    let taken = if json { event(&door.hearing, body).await } else { form(&door.hearing, body).await };
    match taken {
        Taken::Kept => StatusCode::OK.into_response(),
        Taken::Answer(answer) => axum::Json(answer).into_response(),
        Taken::NotKept => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The body, if Slack signed it in the last five minutes. The library compares in constant time.
fn signed<'a>(verifier: &SlackEventSignatureVerifier, headers: &HeaderMap, body: &'a [u8]) -> Option<&'a str> {
    let told = |name: &str| headers.get(name)?.to_str().ok();
    let signature = told(SlackEventSignatureVerifier::SLACK_SIGNED_HASH_HEADER)?;
    let at = told(SlackEventSignatureVerifier::SLACK_SIGNED_TIMESTAMP)?;
    let body = std::str::from_utf8(body).ok()?;
    verifier.verify(signature, body, at).ok()?;
    Some(body)
}

async fn event(hearing: &Hearing, body: &str) -> Taken {
    let Ok(payload) = serde_json::from_str::<Value>(body) else { return Taken::Kept };
    if payload.get("type").and_then(Value::as_str) == Some("url_verification") {
        let challenge = payload.get("challenge").and_then(Value::as_str).unwrap_or_default();
        return Taken::Answer(json!({ "challenge": challenge }));
    }
    hearing.event(payload).await
}

async fn form(hearing: &Hearing, body: &str) -> Taken {
    let fields: Map<String, Value> = url::form_urlencoded::parse(body.as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    match fields.get("payload").and_then(Value::as_str) {
        Some(payload) => match serde_json::from_str(payload) {
            Ok(payload) => hearing.interaction(payload).await,
            Err(_) => Taken::Kept,
        },
        // Slack looks whether the certificate is good.
        None if fields.contains_key("ssl_check") => Taken::Kept,
        None => hearing.command(Value::Object(fields)).await,
    }
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
