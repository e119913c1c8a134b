//! What can be typed.

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Why did an Amazon ECS task stop, or not start? In the incident channel, in Slack and Discord.
///
/// It reads the accounts of its configuration and changes nothing in them. Exit codes: 0 it ended well, 2 the configuration or the
/// command line is wrong, 70 it failed.
#[derive(Debug, Clone, Parser)]
#[command(name = "ecs-why-bot", version)]
pub struct Args {
    /// The configuration
    #[arg(long, global = true, value_name = "FILE", env = "ECS_WHY_BOT_CONFIG", default_value = "ecs-why-bot.toml")]
    pub config: PathBuf,
    /// What to do; without it: run
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, Default, Subcommand)]
pub enum Command {
    /// Listen and answer, until told to end
    #[default]
    Run,
    /// Say all that is wrong with the configuration, and ask nobody
    CheckConfig {
        /// Do not look whether the tokens are where the configuration says
        #[arg(long)]
        without_tokens: bool,
    },
    /// Make the slash command known to Discord
    Register {
        /// In this guild alone, at once; else everywhere
        #[arg(long, value_name = "ID")]
        guild: Option<u64>,
    },
    /// Print the manifest of the Slack app
    Manifest,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn without_a_command_it_runs() {
        let args = Args::try_parse_from(["ecs-why-bot", "--config", "a.toml"]).expect("well formed");
        assert!(matches!(args.command.unwrap_or_default(), Command::Run));
        let args = Args::try_parse_from(["ecs-why-bot", "check-config", "--config", "b.toml"]).expect("well formed");
        assert_eq!(args.config, PathBuf::from("b.toml"));
    }
}
