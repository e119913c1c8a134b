//! `ecs-why` in a terminal: words in, a report out. What it says is decided in `ecs-why-core`.

mod account;
mod args;
mod commands;
mod complete;
mod config;
mod connection;
mod exit;
mod failure;
mod hint;
mod pager;
#[cfg(feature = "live")]
mod places;
#[cfg(feature = "live")]
mod status;
mod swallowed;
mod view;

use args::{Args, Command};
use clap::{CommandFactory, Parser};
use exit::Exit;
use pager::Out;
use std::io::Write;
use std::process::ExitCode;
use view::View;

fn main() -> ExitCode {
    failure::on_panic();
    // Where the variable is not set, this returns at once.
    clap_complete::CompleteEnv::with_factory(Args::command).var(complete::VARIABLE).complete();
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
    let pager = args.pager();
    let view = args.view.view(pager.as_ref());
    let mut out = Out::new(pager);
    let result = run(&args, &view, &mut out).and_then(|exit| {
        out.finish()?;
        Ok(exit)
    });
    match result {
        Ok(exit) => exit.into(),
        // Whoever read us has read enough.
        Err(error) if failure::is_broken_pipe(&error) => Exit::Report.into(),
        Err(error) => {
            // What is finished (a report whose evidence could not be saved) is still shown.
            let _ = out.finish();
            failure::tell(&error, &args.view)
        }
    }
}

fn run(args: &Args, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    match &args.command {
        None if args.target.is_none() && args.ask.evidence.is_none() => commands::recent::run(&args.ask, view, out),
        None => commands::why::run(args.target.as_deref(), &args.ask, view, out),
        Some(Command::Check(check)) => commands::check::run(check, &args.ask, view, out),
        Some(Command::Triage(triage)) => commands::triage::run(triage, &args.ask, view, out),
        Some(Command::Explain(explain)) => commands::explain::run(explain, view, out),
        Some(Command::Causes(causes)) => commands::causes::run(causes, view, out),
        Some(Command::Permissions(permissions)) => commands::permissions::run(permissions, view, out),
        Some(Command::Demo(demo)) => commands::demo::run(demo, view, out),
        Some(Command::Completions(shell)) => commands::completions::run(shell, out),
        Some(Command::Man(man)) => commands::man::run(man, out),
        Some(Command::Plugin(plugin)) => commands::plugin::run(plugin, &args.ask, view, out),
    }
}
