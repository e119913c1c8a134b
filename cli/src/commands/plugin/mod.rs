//! `ecs-why plugin`: `aws ecs why` and `aws why` in the AWS CLI, by the way that breaks nothing (docs/aws-cli.md).

mod apply;
mod clis;
mod complete;
mod error;
mod files;
mod ini;
mod install;
mod places;
mod plan;
mod proof;
mod receipt;
mod running;
mod status;
mod told;
mod uninstall;
mod way;

use crate::args::{AskArgs, PluginCommand};
use crate::exit::Exit;
use crate::view::View;
pub use error::PluginError;
use std::io::Write;

/// Does it, and says what was done. That it does not work is a fault, for scripts too.
pub fn run(command: &PluginCommand, ask: &AskArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    let (told, wanted) = match command {
        PluginCommand::Install(args) => (install::install(args)?, !args.dry_run),
        PluginCommand::Uninstall(args) => (uninstall::uninstall(args)?, false),
        PluginCommand::Status => (status::status()?, true),
        PluginCommand::Complete { words } => {
            complete::complete(words, out)?;
            return Ok(Exit::Report);
        }
        PluginCommand::Candidates { words } => {
            complete::candidates(words, out)?;
            return Ok(Exit::Report);
        }
        PluginCommand::Proof => {
            let answer = proof::Answer { proof: ask.region.clone(), binary: plan::own_path()? };
            writeln!(out, "{}", serde_json::to_string(&answer)?)?;
            return Ok(Exit::Report);
        }
    };
    told.write(view, out)?;
    Ok(if wanted && !told.works { Exit::Fault } else { Exit::Report })
}
