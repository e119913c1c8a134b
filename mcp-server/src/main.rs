//! `ecs-why-mcp`: the diagnosis as tools for AI assistants, over the Model Context Protocol. What it says is decided in
//! `ecs-why-core`.

mod args;
mod caller;
mod choose;
mod completion;
mod config;
mod errors;
mod find;
mod http;
#[cfg(feature = "live")]
mod live;
mod log;
mod progress;
mod prompts;
mod recorded;
mod redact;
mod resources;
mod schema;
mod server;
mod shared;
mod source;
mod store;
mod tools;

use anyhow::Context as _;
use args::Args;
use clap::Parser as _;
use redact::Redactor;
use rmcp::ServiceExt as _;
use server::Server;
use shared::{LISTENERS, Shared, salt};
use source::Source;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use store::Store;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Long texts that are read at once, besides standard input and output: a thousand calls are not a thousand threads.
const BLOCKING: usize = 8;

/// Wrong usage, as with `ecs-why`.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    listen_to_panics();
    let subscriber = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false);
    subscriber.with_env_filter(tracing_subscriber::EnvFilter::new(levels(&args.log))).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return told(&error.into()),
    };
    let served = runtime.block_on(run(&args));
    // Requests that are still out are not waited for.
    runtime.shutdown_background();
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => told(&error),
    }
}

/// Ours from the level that is wanted; of others only what goes wrong, since they would tell what is read.
fn levels(wanted: &str) -> String {
    format!("off,ecs_why_mcp={wanted}")
}

fn told(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
    USAGE.into()
}

/// Where, and not what: a message may quote what was read.
fn listen_to_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(
            std::io::stderr(),
            "error: this is a fault of ecs-why-mcp {version} itself{place}: please report it"
        );
    }));
}

async fn run(args: &Args) -> anyhow::Result<()> {
    let settings = config::settings(args.config.as_deref())?;
    let shared = Arc::new(Shared {
        store: Store::default(),
        redactor: args.redact.then(|| Arc::new(Redactor::default())),
        rules: settings.fixes.clone(),
        logs: settings.mcp.logs.unwrap_or_default(),
        time_limit: args.time_limit,
        permits: Semaphore::new(args.max_diagnoses as usize),
        news: tokio::sync::broadcast::Sender::new(64),
        listeners: Semaphore::new(LISTENERS),
        salt: salt(),
        source: source(args, settings)?,
    });
    let end = CancellationToken::new();
    tokio::spawn(until_told(end.clone()));
    match args.http.http {
        Some(address) => http::serve(&args.http, address, shared, end).await,
        None => stdio(shared, end).await,
    }
}

/// Speaks on standard input and output, until the client closes or we are told to end.
async fn stdio(shared: Arc<Shared>, end: CancellationToken) -> anyhow::Result<()> {
    let transport = (tokio::io::stdin(), tokio::io::stdout());
    let running = match Server::new(shared).serve_with_ct(transport, end.clone()).await {
        Ok(running) => running,
        // A client that goes before it has said anything wants nothing.
        Err(
            rmcp::service::ServerInitializeError::ConnectionClosed(_) | rmcp::service::ServerInitializeError::Cancelled,
        ) => {
            return Ok(());
        }
        Err(error) => return Err(error).context("the client did not begin as the protocol says"),
    };
    running.waiting().await.context("the connection broke")?;
    Ok(())
}

/// Ctrl-C, or what service managers send.
async fn until_told(end: CancellationToken) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut told) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = told.recv() => {}
            }
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
    end.cancel();
}

/// Recordings if there are any; else the accounts.
fn source(args: &Args, settings: ecs_why_core::settings::Settings) -> anyhow::Result<Source> {
    if !args.evidence.is_empty() {
        return Ok(Source::Recorded(recorded::Recordings::open(&args.evidence)?));
    }
    #[cfg(feature = "live")]
    {
        Ok(Source::Live(live::Accounts::new(args, settings)))
    }
    #[cfg(not(feature = "live"))]
    {
        let _ = settings;
        // A text can still be explained.
        Ok(Source::Recorded(recorded::Recordings::open(&[])?))
    }
}
