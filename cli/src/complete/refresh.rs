//! Listing names for completion, in a process of its own.

use super::Place;
use super::cache::{Cache, Names};
use ecs_why_aws::{Live, Options};
use ecs_why_core::diagnosis::Engine;
use futures_util::StreamExt as _;
use futures_util::stream;
use indexmap::IndexMap;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// An account with more clusters than that has their names offered, and the services of the first.
const CLUSTERS: usize = 50;
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Starts a process that lists, and does not wait for it.
pub fn in_background(place: &Place) {
    let (Ok(program), Ok(place)) = (std::env::current_exe(), serde_json::to_string(place)) else { return };
    let mut command = Command::new(program);
    command.args(["completions", "--refresh", &place]).env_remove(super::VARIABLE);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        // Ctrl-C at the prompt is not for it.
        command.process_group(0);
    }
    let _ = command.spawn();
}

/// Lists the names of a place and keeps them.
pub fn refresh(place: &str) -> anyhow::Result<()> {
    let place: Place = serde_json::from_str(place)?;
    let Some(cache) = Cache::of(&place) else { return Ok(()) };
    cache.note_asking()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listed = runtime.block_on(async { tokio::time::timeout(PATIENCE, list(&place)).await });
    runtime.shutdown_background();
    Ok(cache.keep(&listed??)?)
}

async fn list(place: &Place) -> anyhow::Result<Names> {
    let Place { profile, region, endpoint_url } = place.clone();
    let account = Live::open(&Options { profile, region, endpoint_url, ..Options::default() }).await?;
    let region = account.region().to_owned();
    let engine = Engine::new(Arc::new(account.in_background()), region);
    let clusters = engine.clusters().await?;
    let (first, rest) = clusters.split_at(clusters.len().min(CLUSTERS));
    let listing = first.iter().map(|cluster| async { (cluster.clone(), engine.services(cluster).await) });
    let mut of_each: IndexMap<_, _> = stream::iter(listing).buffer_unordered(8).collect().await;
    let mut services = IndexMap::new();
    for cluster in first {
        // What may not be listed is offered without services.
        let names = of_each.swap_remove(cluster).and_then(Result::ok).unwrap_or_default();
        services.insert(cluster.clone(), names);
    }
    services.extend(rest.iter().map(|cluster| (cluster.clone(), vec![])));
    Ok(Names { services })
}
