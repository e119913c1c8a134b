//! Health, readiness and metrics on a port of their own.

mod metrics;

pub use metrics::{Metrics, Named};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What has to stand before the bot is ready.
#[derive(Default)]
pub struct Health {
    parts: Vec<(&'static str, Arc<AtomicBool>)>,
}

impl Health {
    /// Something that has to stand, and whether it does.
    pub fn needs(&mut self, name: &'static str, stands: Arc<AtomicBool>) {
        self.parts.push((name, stands));
    }

    fn missing(&self) -> Vec<&'static str> {
        let down = |part: &&(&'static str, Arc<AtomicBool>)| !part.1.load(Ordering::Relaxed);
        self.parts.iter().filter(down).map(|part| part.0).collect()
    }
}

#[derive(Clone)]
struct Told {
    health: Arc<Health>,
    metrics: Arc<Metrics>,
}

/// Serves it, until it ends.
///
/// # Errors
/// When the port cannot be had.
pub async fn serve(
    listen: SocketAddr,
    health: Arc<Health>,
    metrics: Arc<Metrics>,
    end: CancellationToken,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    tracing::info!(address = %listener.local_addr()?, "health and metrics are served");
    let routes = routes(health, metrics);
    axum::serve(listener, routes).with_graceful_shutdown(async move { end.cancelled().await }).await?;
    Ok(())
}

fn routes(health: Arc<Health>, metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/health", get(|| async { "ok\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(measured))
        .with_state(Told { health, metrics })
}

async fn ready(State(told): State<Told>) -> impl IntoResponse {
    match told.health.missing() {
        none if none.is_empty() => (StatusCode::OK, "ready\n".to_owned()),
        missing => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {}\n", missing.join(", "))),
    }
}

async fn measured(State(told): State<Told>) -> impl IntoResponse {
    let form = [(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    (form, told.metrics.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_ready_when_all_parts_stand() {
        let slack = Arc::new(AtomicBool::new(false));
        let mut health = Health::default();
        health.needs("slack", Arc::clone(&slack));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let metrics = Arc::new(Metrics::default());
        metrics.refused.get_or_create(&Named::of("channel")).inc();
        let app = routes(Arc::new(health), metrics);
        tokio::spawn(async move { axum::serve(listener, app).await });
        assert!(get(address, "/health").await.starts_with("HTTP/1.1 200"));
        let waiting = get(address, "/ready").await;
        assert!(waiting.starts_with("HTTP/1.1 503") && waiting.contains("slack"), "{waiting}");
        slack.store(true, Ordering::Relaxed);
        assert!(get(address, "/ready").await.starts_with("HTTP/1.1 200"));
        let metrics = get(address, "/metrics").await;
        assert!(
            metrics.contains("ecs_why_bot_refused_total{name=\"channel\"} 1") && metrics.contains("# EOF"),
            "{metrics}"
        );
    }

    async fn get(address: SocketAddr, path: &str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        answer
    }
}
