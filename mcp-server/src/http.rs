//! Streamable HTTP: who may come in, how many at once, and how it ends.

use crate::args::{HttpArgs, TOKEN};
use crate::server::Server;
use crate::shared::Shared;
use crate::tools;
use anyhow::{Context as _, bail};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use rmcp::transport::streamable_http_server::session::SessionManager as _;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The path of the endpoint.
const PATH: &str = "/mcp";
/// A definition or a pasted text is the largest thing that anybody sends.
const LARGEST_BODY: usize = 2 << 20;
/// Requests at once, of all sessions: more are told to come back.
const MOST_REQUESTS: usize = 512;
/// How long a request may take to arrive: one that never does must keep nobody out.
const ARRIVAL: Duration = Duration::from_secs(10);
/// How long requests may take to end once we shall.
const FAREWELL: Duration = Duration::from_secs(5);
/// The header that names a session.
const SESSION: &str = "mcp-session-id";
/// From this revision on there are no sessions.
const WITHOUT: &[u8] = b"2026-07-28";
/// A shorter token can be tried out.
const SHORTEST_TOKEN: usize = 16;

/// What is kept of a bearer token: comparing two takes the same time wherever they differ (as `blake3` says of its hashes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHash(blake3::Hash);

impl TokenHash {
    fn of(token: &str) -> TokenHash {
        TokenHash(blake3::hash(token.as_bytes()))
    }
}

/// Who may call: none means everybody who gets here, which is this machine alone.
fn tokens(args: &HttpArgs, address: SocketAddr) -> anyhow::Result<Vec<TokenHash>> {
    let text = match &args.token_file {
        Some(path) => read(path)?,
        None => std::env::var(TOKEN).unwrap_or_default(),
    };
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    if lines.is_empty() && args.token_file.is_some() {
        bail!("the token file holds no token: write one of at least {SHORTEST_TOKEN} characters on a line");
    }
    if lines.is_empty() && !address.ip().is_loopback() {
        bail!(
            "{address} can be reached from other machines, and demands a bearer token: set {TOKEN}, or give --token-file FILE; or listen \
             on 127.0.0.1"
        );
    }
    if lines.iter().any(|token| token.len() < SHORTEST_TOKEN) {
        bail!("a bearer token needs at least {SHORTEST_TOKEN} characters: `openssl rand -hex 32` makes a good one");
    }
    Ok(lines.into_iter().map(TokenHash::of).collect())
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read the tokens in `{}`", path.display()))
}

/// What stands at the door.
struct Door {
    tokens: Vec<TokenHash>,
    sessions: Arc<LocalSessionManager>,
    most_sessions: usize,
    requests: tokio::sync::Semaphore,
}

/// Serves until it is told to end.
///
/// # Errors
/// When the address cannot be taken, or the configuration would let anybody in.
pub async fn serve(
    args: &HttpArgs,
    address: SocketAddr,
    shared: Arc<Shared>,
    end: CancellationToken,
) -> anyhow::Result<()> {
    let tokens = tokens(args, address)?;
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    let here = listener.local_addr().context("the address is not known")?;
    if !here.ip().is_loopback() && args.allowed_host.is_empty() {
        tracing::warn!("callers may name this host by its address alone: give --allowed-host for its other names");
    }
    let router = router(args, here, tokens, shared, end.clone());
    // Who starts us on port 0 reads here where we are.
    eprint_line(&format!("ecs-why-mcp listens on http://{here}{PATH}"));
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

#[expect(clippy::print_stderr, reason = "the one line that says where we are")]
fn eprint_line(line: &str) {
    eprintln!("{line}");
}

fn router(
    args: &HttpArgs,
    here: SocketAddr,
    tokens: Vec<TokenHash>,
    shared: Arc<Shared>,
    end: CancellationToken,
) -> Router {
    let mut sessions = LocalSessionManager::default();
    // A session hears nothing while a tool works: it must not end meanwhile.
    sessions.session_config.keep_alive = Some(args.session_timeout.max(shared.time_limit + tools::GRACE * 2));
    let sessions = Arc::new(sessions);
    let mut hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !here.ip().is_loopback() && !here.ip().is_unspecified() {
        hosts.push(here.ip().to_string());
    }
    hosts.extend(args.allowed_host.iter().cloned());
    let config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(hosts)
        .with_allowed_origins(own_origins(here).into_iter().chain(args.allowed_origin.iter().cloned()))
        .enforce_origin_validation()
        .with_max_request_body_bytes(LARGEST_BODY)
        .with_cancellation_token(end);
    let door = Arc::new(Door {
        tokens,
        sessions: Arc::clone(&sessions),
        most_sessions: args.max_sessions as usize,
        requests: tokio::sync::Semaphore::new(MOST_REQUESTS),
    });
    let service = StreamableHttpService::new(move || Ok(Server::new(Arc::clone(&shared))), sessions, config);
    Router::new().route_service(PATH, service).layer(from_fn_with_state(door, enter))
}

/// What a client on this machine calls its own origin, when it takes the address for one. No page comes from there: we serve none.
fn own_origins(here: SocketAddr) -> Vec<String> {
    let port = here.port();
    match here.ip().is_loopback() {
        true => ["127.0.0.1", "localhost", "[::1]"].iter().map(|host| format!("http://{host}:{port}")).collect(),
        false => vec![],
    }
}

/// The request with all of its body.
async fn arrived(request: Request<Body>) -> Result<Request<Body>, Response> {
    let (head, body) = request.into_parts();
    match tokio::time::timeout(ARRIVAL, axum::body::to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(body)) => Ok(Request::from_parts(head, Body::from(body))),
        Ok(Err(_)) => Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large, or broke off", None)),
        Err(_) => Err(refuse(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time", None)),
    }
}

/// Lets in who may come in.
async fn enter(State(door): State<Arc<Door>>, mut request: Request<Body>, next: Next) -> Response {
    if !door.tokens.is_empty() {
        let Some(token) =
            bearer(request.headers().get(header::AUTHORIZATION)).filter(|token| door.tokens.contains(token))
        else {
            return refuse(
                StatusCode::UNAUTHORIZED,
                "a bearer token is needed",
                Some((header::WWW_AUTHENTICATE, "Bearer")),
            );
        };
        request.extensions_mut().insert(token);
    }
    let opens = request.method() == Method::POST && !request.headers().contains_key(SESSION);
    // What says that it is of a revision without sessions needs none: only if it opens one all the same it is closed again.
    let needs_none = request.headers().get("mcp-protocol-version").is_some_and(|version| version.as_bytes() >= WITHOUT);
    if opens && !needs_none && door.is_full(0).await {
        return busy("too many sessions");
    }
    let Ok(_permit) = door.requests.try_acquire() else { return busy("too many requests") };
    let request = match arrived(request).await {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    let response = next.run(request).await;
    if let Some(id) = response.headers().get(SESSION).filter(|_| opens).and_then(|id| id.to_str().ok())
        && door.is_full(1).await
    {
        // Several came in at once.
        let _ = door.sessions.close_session(&id.into()).await;
        return busy("too many sessions");
    }
    response
}

impl Door {
    /// There is no room for one more, some not counted.
    async fn is_full(&self, not_counted: usize) -> bool {
        self.sessions.sessions.read().await.len() >= self.most_sessions + not_counted
    }
}

fn bearer(header: Option<&HeaderValue>) -> Option<TokenHash> {
    let (scheme, token) = header?.to_str().ok()?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| TokenHash::of(token.trim()))
}

fn busy(why: &'static str) -> Response {
    refuse(StatusCode::SERVICE_UNAVAILABLE, why, Some((header::RETRY_AFTER, "5")))
}

fn refuse(status: StatusCode, why: &'static str, more: Option<(header::HeaderName, &'static str)>) -> Response {
    let mut response = (status, why).into_response();
    if let Some((name, value)) = more {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(token_file: Option<&Path>) -> HttpArgs {
        HttpArgs {
            http: None,
            token_file: token_file.map(Path::to_owned),
            allowed_host: vec![],
            allowed_origin: vec![],
            max_sessions: 1,
            session_timeout: Duration::from_secs(1),
        }
    }

    #[test]
    fn another_address_than_loopback_demands_a_token() {
        let (here, there) = ("127.0.0.1:0", "0.0.0.0:0");
        assert!(tokens(&args(None), here.parse().expect("an address")).expect("none is needed").is_empty());
        let error = tokens(&args(None), there.parse().expect("an address")).expect_err("it is open");
        assert!(error.to_string().contains(TOKEN), "{error}");
    }

    #[test]
    fn tokens_are_compared_whole() {
        let known = TokenHash::of("0123456789abcdef");
        let of = |text: &'static str| bearer(Some(&HeaderValue::from_static(text)));
        assert_eq!(of("Bearer 0123456789abcdef"), Some(known.clone()));
        assert_eq!(of("bearer  0123456789abcdef "), Some(known.clone()));
        for wrong in
            ["Bearer 0123456789abcde", "Bearer 0123456789abcdefg", "Basic 0123456789abcdef", "0123456789abcdef", ""]
        {
            assert_ne!(of(wrong), Some(known.clone()), "{wrong}");
        }
        assert_eq!(bearer(None), None);
    }
}
