//! `ecs-why` in a terminal: words in, a report out. What it says is decided in `ecs-why-core`.

mod account;
mod args;
mod commands;
mod config;
mod connection;
mod exit;
mod failure;
mod hint;
#[cfg(feature = "live")]
mod places;
#[cfg(feature = "live")]
mod status;
mod swallowed;
mod view;

use args::{Args, Command};
use clap::{CommandFactory, Parser};
use exit::Exit;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    failure::on_panic();
    let typed = match swallowed::arguments() {
        Ok(typed) => typed,
        Err(refusal) => return failure::refuse(&refusal),
    };
    let args = Args::parse_from(typed);
    if args.target.is_some() && args.command.is_some() {
        let conflict =
            "a target stands before the command: put it behind, or after `--` if it only looks like a command";
        Args::command().error(clap::error::ErrorKind::ArgumentConflict, conflict).exit();
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let result = run(&args, &mut out).and_then(|exit| {
        out.flush()?;
        Ok(exit)
    });
    match result {
        Ok(exit) => exit.into(),
        // Whoever read us has read enough.
        Err(error) if failure::is_broken_pipe(&error) => Exit::Report.into(),
        Err(error) => {
            // What is finished (a report whose evidence could not be saved) is still shown.
            let _ = out.flush();
            failure::tell(&error, &args.view)
        }
    }
}

fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<Exit> {
    let view = args.view.view();
    match &args.command {
        None if args.target.is_none() && args.ask.evidence.is_none() => commands::recent::run(&args.ask, &view, out),
        None => commands::why::run(args.target.as_deref(), &args.ask, &view, out),
        Some(Command::Check(check)) => commands::check::run(check, &args.ask, &view, out),
        Some(Command::Triage(triage)) => commands::triage::run(triage, &args.ask, &view, out),
        Some(Command::Explain(explain)) => commands::explain::run(explain, &view, out),
        Some(Command::Causes(causes)) => commands::causes::run(causes, &view, out),
        Some(Command::Permissions(permissions)) => commands::permissions::run(permissions, &view, out),
        Some(Command::Demo(demo)) => commands::demo::run(demo, &view, out),
        Some(Command::Plugin(plugin)) => commands::plugin::run(plugin, &args.ask, &view, out),
    }
}
