//! `ecs-why-bot`: the diagnosis in the incident channel, in Slack and Discord. What it says is decided in `ecs-why-core`.

mod alerts;
mod allow;
mod args;
mod audit;
#[cfg(test)]
mod cards;
mod config;
mod desk;
mod discord;
mod health;
mod limits;
mod log;
mod memory;
mod outbox;
mod platform;
mod room;
mod run;
mod slack;
mod source;
mod store;
mod words;

use anyhow::{Context as _, anyhow};
use args::{Args, Command};
use clap::Parser as _;
use config::{Config, ConfigError, Problem};
use std::io::Write as _;
use std::process::ExitCode;

/// The configuration or the command line is wrong.
const WRONG: u8 = 2;
/// It failed: <https://man.freebsd.org/cgi/man.cgi?query=sysexits> calls it `EX_SOFTWARE`.
const FAILED: u8 = 70;
/// Long texts that are read at once: a thousand questions are not a thousand threads.
const BLOCKING: usize = 8;

fn main() -> ExitCode {
    // The AWS SDK and the platforms' clients bring a provider each, and then rustls takes neither by itself.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let args = Args::parse();
    let command = args.command.unwrap_or_default();
    if let Command::Manifest = command {
        return said(slack::MANIFEST);
    }
    let config = match config::read(&args.config) {
        Ok(config) => config,
        Err(error) => return wrong(error),
    };
    match command {
        Command::Manifest => said(slack::MANIFEST),
        Command::CheckConfig { without_tokens } => check(&config, without_tokens),
        Command::Register { guild } => ended(register(&config, guild)),
        Command::Run => ended(run(config)),
    }
}

fn run(config: Config) -> anyhow::Result<()> {
    log::begin(&config.log)?;
    let runtime = runtime()?;
    let done = runtime.block_on(run::run(config));
    // Requests that are still out are not waited for.
    runtime.shutdown_background();
    done
}

fn register(config: &Config, guild: Option<u64>) -> anyhow::Result<()> {
    let discord = run::discord(config)?.ok_or_else(|| anyhow!("the configuration has no `[discord]`"))?;
    let commands = runtime()?.block_on(discord::register(&discord, guild))?;
    let _ = writeln!(std::io::stdout(), "{commands} command(s) are known to Discord now");
    Ok(())
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).max_blocking_threads(BLOCKING).enable_all().build().context("no runtime could be made")
}

fn check(config: &Config, without_tokens: bool) -> ExitCode {
    let problems = if without_tokens { vec![] } else { config.token_problems() };
    match problems.is_empty() {
        true => said("the configuration is well formed\n"),
        false => told(&problems),
    }
}

fn said(text: &str) -> ExitCode {
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn wrong(error: ConfigError) -> ExitCode {
    let mut errors = std::io::stderr().lock();
    let _ = match &error {
        ConfigError::Unread { source, .. } => writeln!(errors, "error: {error}: {source}"),
        ConfigError::Wrong { .. } => writeln!(errors, "error: {error}"),
    };
    match error {
        ConfigError::Unread { .. } => WRONG.into(),
        ConfigError::Wrong { problems, .. } => {
            drop(errors);
            told(&problems)
        }
    }
}

fn told(problems: &[Problem]) -> ExitCode {
    let mut errors = std::io::stderr().lock();
    for problem in problems {
        let _ = writeln!(errors, "{problem}");
    }
    WRONG.into()
}

fn ended(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            FAILED.into()
        }
    }
}
