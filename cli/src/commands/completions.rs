//! `ecs-why completions`: what a shell needs so that Tab completes our words.

use crate::args::{Args, CompletionsArgs};
use crate::complete;
use crate::exit::Exit;
use crate::failure::Usage;
use clap::CommandFactory as _;
use clap_complete::env::Shells;
use std::io::Write;
use std::path::Path;

/// Prints the registration for a shell.
pub fn run(args: &CompletionsArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    #[cfg(feature = "live")]
    if let Some(place) = &args.refresh {
        return complete::refresh(place).map(|()| Exit::Report);
    }
    let shell = args.shell.map(|shell| shell.name().to_owned()).or_else(of_environment).ok_or(Usage::NoShell)?;
    let shells = Shells::builtins();
    let completer = shells.completer(&shell).ok_or(Usage::NoShell)?;
    let name = Args::command().get_name().to_owned();
    let mut script = Vec::new();
    // By its name and not by its path: it may be moved, and is then still found.
    completer.write_registration(complete::VARIABLE, &name, &name, &name, &mut script)?;
    out.write_all(&script)?;
    Ok(Exit::Report)
}

/// The login shell, if it is one of those.
fn of_environment() -> Option<String> {
    let shell = std::env::var("SHELL").ok()?;
    Path::new(&shell).file_stem().map(|name| name.to_string_lossy().into_owned())
}
