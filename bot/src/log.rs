//! Logs: ours, and of others nothing, since their lines may hold tokens and what people said.

use crate::audit;
use crate::config::{Log, LogFormat};
use anyhow::Context as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::Arc;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, fmt};

type Boxed<S> = Box<dyn Layer<S> + Send + Sync>;

/// Begins to log.
///
/// # Errors
/// When the file for the audit cannot be written.
pub fn begin(log: &Log) -> anyhow::Result<()> {
    let ours = Targets::new().with_target("ecs_why_bot", level(log)).with_target(audit::TARGET, LevelFilter::OFF);
    tracing_subscriber::registry().with(lines(log).with_filter(ours)).with(audits(log)?).init();
    listen_to_panics();
    Ok(())
}

fn level(log: &Log) -> LevelFilter {
    log.level.as_str().parse().unwrap_or(LevelFilter::INFO)
}

fn lines<S: Subscriber + for<'s> LookupSpan<'s>>(log: &Log) -> Boxed<S> {
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    match log.format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines.boxed(),
    }
}

/// Always JSON: it is for programs.
fn audits<S: Subscriber + for<'s> LookupSpan<'s>>(log: &Log) -> anyhow::Result<Boxed<S>> {
    let only = Targets::new().with_target(audit::TARGET, LevelFilter::INFO);
    let lines = fmt::layer().json().flatten_event(true);
    Ok(match &log.audit {
        None => lines.with_writer(std::io::stderr).with_filter(only).boxed(),
        Some(path) => {
            let opened = OpenOptions::new().create(true).append(true).open(path);
            let file = opened.with_context(|| format!("cannot write the audit to `{}`", path.display()))?;
            lines.with_writer(Arc::new(file)).with_filter(only).boxed()
        }
    })
}

/// Where, and not what: a message may quote what was read.
fn listen_to_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(
            std::io::stderr(),
            "error: this is a fault of ecs-why-bot {version} itself{place}: please report it"
        );
    }));
}
