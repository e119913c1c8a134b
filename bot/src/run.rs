//! One process: platforms that hear and speak, the desk between them, and how all of it ends.

use crate::alerts::{self, Alerts, Diagnose, Routes, Rules};
use crate::config::Config;
use crate::desk::{Alerted, Desk, Needs};
use crate::discord::{self, DiscordConfig, DiscordPlatform};
use crate::health::{self, Health, Metrics};
use crate::outbox::Outbox;
use crate::platform::{Ear, Kind, Platform};
use crate::slack::{self, SlackConfig, SlackPlatform};
use crate::source;
use crate::store::Store;
use anyhow::{Context as _, anyhow};
use ecs_why_core::model::Moment;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long what runs may take to end: ECS kills a task 30 s after it has told it to stop.
const GRACE: Duration = Duration::from_secs(20);

/// Runs, until told to end.
///
/// # Errors
/// When something cannot be begun, or a platform gives up.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let end = CancellationToken::new();
    tokio::spawn(until_told(end.clone()));
    let metrics = Arc::new(Metrics::default());
    let mut health = Health::default();
    let mut platforms: Vec<Arc<dyn Platform>> = vec![];
    let slack = slack(&config)?;
    if let Some(slack) = &slack {
        health.needs("slack", Arc::clone(&slack.up));
        platforms.push(Arc::new(SlackPlatform::new(slack)?));
    }
    let discord = discord(&config)?;
    if let Some(discord) = &discord {
        health.needs("discord", Arc::clone(&discord.up));
        platforms.push(Arc::new(DiscordPlatform::new(discord)?));
    }
    let store = Store::open(&config.state).with_context(|| format!("`{}`", config.state.display()))?;
    let outbox = Outbox::new(store.clone(), platforms);
    let mut serving: JoinSet<(&'static str, anyhow::Result<()>)> = JoinSet::new();
    if let Some(listen) = config.health.map(|health| health.listen) {
        let served = health::serve(listen, Arc::new(health), Arc::clone(&metrics), end.clone());
        serving.spawn(async move { ("the port of health and metrics", served.await) });
    }
    // What was on its way is found before anything is said in its place.
    let restored = outbox.restore().await?;
    tracing::info!(
        found = restored.found,
        missing = restored.missing,
        unknown = restored.unknown,
        "messages of before"
    );
    let source = source::open(&config)?;
    let needs = Needs {
        source: Arc::clone(&source),
        store: store.clone(),
        outbox: outbox.clone(),
        metrics: Arc::clone(&metrics),
    };
    let desk = Desk::open(&config, needs).await?;
    let ear: Arc<dyn Ear> = Arc::clone(&desk) as Arc<dyn Ear>;
    if let Some(wanted) = &config.alerts {
        let queue = source::queue(&config, wanted).await?;
        let (config, end) = (config.clone(), end.clone());
        serving.spawn(async move {
            let alerted = tokio::select! {
                alerted = Alerted::open(&config, source) => Arc::new(alerted),
                () = end.cancelled() => return ("alerts", Ok(())),
            };
            let rules = Rules { threads: config.limits.threads.get(), ..Rules::default() };
            let (diagnose, routes) = (Arc::clone(&alerted) as Arc<dyn Diagnose>, alerted as Arc<dyn Routes>);
            let needs = alerts::Needs { store, outbox, diagnose, routes, metrics, now: Arc::new(Moment::now) };
            Alerts::new(needs, rules).run(queue.as_ref(), &end).await;
            ("alerts", Ok(()))
        });
    }
    if let Some(slack) = slack {
        let served = slack::serve(slack, Arc::clone(&ear), end.clone());
        serving.spawn(async move { ("Slack", served.await) });
    }
    if let Some(discord) = discord {
        let served = discord::serve(discord, ear, end.clone());
        serving.spawn(async move { ("Discord", served.await) });
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the bot runs");
    let ended = tokio::select! {
        () = end.cancelled() => Ok(()),
        Some(served) = serving.join_next() => given_up(served, &end),
    };
    end.cancel();
    tracing::info!("nothing more is heard; what runs is finished");
    let whole = desk.close(GRACE).await;
    while tokio::time::timeout(Duration::from_secs(2), serving.join_next()).await.is_ok_and(|one| one.is_some()) {}
    match whole {
        true => tracing::info!("the bot has ended"),
        false => tracing::warn!(
            "the bot has ended in the middle of questions: it goes on with them when it is started again"
        ),
    }
    ended
}

fn given_up(
    served: Result<(&'static str, anyhow::Result<()>), tokio::task::JoinError>,
    end: &CancellationToken,
) -> anyhow::Result<()> {
    match served {
        // It ended since it was told to.
        Ok((_, Ok(()))) if end.is_cancelled() => Ok(()),
        Ok((name, Ok(()))) => Err(anyhow!("{name} is no longer served")),
        Ok((name, Err(error))) => Err(error.context(format!("{name} cannot be served"))),
        Err(error) => Err(error).context("a part of the bot failed"),
    }
}

fn slack(config: &Config) -> anyhow::Result<Option<SlackConfig>> {
    let Some(slack) = &config.slack else { return Ok(None) };
    let token = |read: Result<_, String>| read.map_err(|error| anyhow!("Slack: {error}"));
    let roles = config.channels.iter().filter(|one| *one.platform.get_ref() == Kind::Slack).flat_map(|one| &one.roles);
    let mut groups: Vec<String> = roles.cloned().collect();
    groups.sort();
    groups.dedup();
    let (app_token, signing_secret) = match slack.http {
        Some(_) => (None, Some(token(slack.signing_secret().read())?)),
        None => (Some(token(slack.app_token().read())?), None),
    };
    Ok(Some(SlackConfig {
        app_token,
        signing_secret,
        http: slack.http,
        api_url: slack.api_url.clone(),
        command: slack.command().to_owned(),
        groups,
        ..SlackConfig::new(token(slack.bot_token().read())?)
    }))
}

/// How Discord is reached.
///
/// # Errors
/// When its token cannot be read.
pub fn discord(config: &Config) -> anyhow::Result<Option<DiscordConfig>> {
    let Some(discord) = &config.discord else { return Ok(None) };
    let token = discord.token().read().map_err(|error| anyhow!("Discord: {error}"))?;
    Ok(Some(DiscordConfig {
        application: discord.application.as_ref().and_then(|id| id.get_ref().parse().ok()),
        api_url: discord.api_url.clone(),
        ..DiscordConfig::new(token)
    }))
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
