//! What can be typed.

use crate::view::{Output, View};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Why did an Amazon ECS task stop, or not start?
#[derive(Debug, Parser)]
#[command(name = "ecs-why", version, arg_required_else_help = true, override_usage = "ecs-why [OPTIONS] TARGET\n       ecs-why [OPTIONS] COMMAND", after_help = EXAMPLES)]
pub struct Args {
    /// A task (ARN, CLUSTER/TASK-ID), a service (CLUSTER/SERVICE), or a link to the ECS console
    pub target: Option<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub ask: AskArgs,
    #[command(flatten)]
    pub view: ViewArgs,
}

const EXAMPLES: &str = "\
Examples:
  ecs-why prod/payments                       the last failure of a service
  ecs-why arn:aws:ecs:eu-west-1:...:task/...  one task
  ecs-why check prod/payments                 would it start?
  ecs-why explain \"CannotPullContainer...\"    a stop reason alone, without AWS
  aws ecs describe-tasks ... | ecs-why explain
  ecs-why demo                                a recorded failure, without AWS

A name that is also a command: ecs-why --cluster prod -- check
Exit codes: 0 a report, 1 check: a fault, 2 usage, 3 check: unclear,
            4 not found, 5 no access, 6 AWS unreachable, 70 our own fault";

/// Everything but a diagnosis.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Would a service's tasks start? The same walk, without a failure
    Check(CheckArgs),
    /// Read a stop reason, an event, log lines or describe-tasks JSON; asks AWS nothing
    Explain(ExplainArgs),
    /// List the causes that are known, or print the page of one
    Causes(CausesArgs),
    /// Print an IAM policy that allows all that is read
    Permissions(PermissionsArgs),
    /// Show the report of a recorded failure
    Demo(DemoArgs),
}

/// What is asked of an account, or of a file instead.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AskArgs {
    /// The cluster of a task or service that is named without one
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,
    /// The region, if the target does not name it
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The profile with the credentials
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Where to send all requests instead of AWS
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Do not read the last log lines of the guilty container
    #[arg(long)]
    pub no_logs: bool,
    /// Keep what was read, to make the same report later
    #[arg(long, value_name = "FILE", conflicts_with = "evidence")]
    pub save_evidence: Option<PathBuf>,
    /// Report from such a file (`-`: standard input) and ask AWS nothing
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
}

impl AskArgs {
    /// Options stand before a command or behind it; behind it wins.
    pub fn or(&self, before: &AskArgs) -> AskArgs {
        let (own, before) = (self.clone(), before.clone());
        AskArgs {
            cluster: own.cluster.or(before.cluster),
            region: own.region.or(before.region),
            profile: own.profile.or(before.profile),
            endpoint_url: own.endpoint_url.or(before.endpoint_url),
            no_logs: own.no_logs || before.no_logs,
            save_evidence: own.save_evidence.or(before.save_evidence),
            evidence: own.evidence.or(before.evidence),
        }
    }
}

/// How a report looks.
#[derive(Debug, Clone, clap::Args)]
pub struct ViewArgs {
    /// The form of the report
    #[arg(long, short, visible_alias = "as", value_enum, default_value_t, value_name = "FORM", global = true)]
    pub output: Output,
    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: clap::ColorChoice,
    /// All of the report instead of what matters most
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

impl ViewArgs {
    /// The look that was asked for, on this terminal.
    pub fn view(&self) -> View {
        View::new(self.output, self.color, self.verbose)
    }
}

/// `check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// CLUSTER/SERVICE, the service's ARN, or a link to the ECS console
    pub target: Option<String>,
    #[command(flatten)]
    pub ask: AskArgs,
}

/// `explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The text; without it (or with `-`) standard input is read
    pub text: Vec<String>,
    /// Read JSON lines (text, field, stop_code, exit_code, launch_type) and answer each with a report on a line
    #[arg(long, conflicts_with = "text")]
    pub batch: bool,
}

/// `causes`.
#[derive(Debug, clap::Args)]
pub struct CausesArgs {
    /// A cause, as reports name it
    pub id: Option<String>,
}

/// `permissions`.
#[derive(Debug, clap::Args)]
pub struct PermissionsArgs {
    /// Also deny what would read a secret's value: for a principal that does nothing else
    #[arg(long)]
    pub strict: bool,
}

/// `demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// The story
    #[arg(conflicts_with = "list")]
    pub story: Option<String>,
    /// List the stories
    #[arg(long)]
    pub list: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn options_stand_on_either_side_of_a_command() {
        let args = Args::parse_from(["ecs-why", "--region", "a", "--cluster", "b", "check", "web", "--region", "c"]);
        let Some(Command::Check(check)) = &args.command else { panic!("{args:?}") };
        let ask = check.ask.or(&args.ask);
        assert_eq!((ask.region.as_deref(), ask.cluster.as_deref()), (Some("c"), Some("b")));
    }

    #[test]
    fn what_looks_like_a_command_is_a_target_after_two_dashes() {
        let args = Args::parse_from(["ecs-why", "--cluster", "prod", "--", "check"]);
        assert_eq!((args.target.as_deref(), args.command.is_none()), (Some("check"), true));
    }
}
