//! What can be typed.

use crate::complete;
use crate::connection::ConnectionArgs;
use crate::pager::{self, Pager};
use crate::view::{Output, View};
use clap::{Parser, Subcommand};
use ecs_why_core::model::ecs::NetworkConfiguration;
use ecs_why_core::report::SCHEMA_VERSION;
use ecs_why_core::target::Placement;
use std::path::PathBuf;
use std::sync::LazyLock;

/// Why did an Amazon ECS task stop, or not start?
#[derive(Debug, Parser)]
#[command(name = "ecs-why", version, long_version = LONG_VERSION.as_str(), override_usage = "ecs-why [OPTIONS] [TARGET]\n       ecs-why [OPTIONS] COMMAND", after_help = EXAMPLES)]
pub struct Args {
    /// A task (ARN, CLUSTER/TASK-ID), a service (CLUSTER/SERVICE), or a link to the ECS console; without one: what failed in
    /// the last hour
    #[arg(add = complete::targets())]
    pub target: Option<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub ask: AskArgs,
    #[command(flatten)]
    pub view: ViewArgs,
}

/// With the commit that it was built from, where that is known, and the version of the JSON that it writes.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let commit = Some(env!("ECS_WHY_COMMIT")).filter(|commit| !commit.is_empty());
    let commit = commit.map(|commit| format!("commit {commit}, ")).unwrap_or_default();
    format!("{} ({commit}report schema {SCHEMA_VERSION})", env!("CARGO_PKG_VERSION"))
});

const EXAMPLES: &str = "\
Examples:
  ecs-why                                     what failed in the last hour, to choose from
  ecs-why triage prod                         all that fails in a cluster, grouped by cause
  ecs-why prod/payments                       the last failure of a service
  ecs-why check prod/payments                 would it start? and advice
  ecs-why check web.json --subnets subnet-1   the same, before it is registered
  ecs-why explain \"CannotPullContainer...\"    a stop reason alone, without AWS
  aws ecs describe-tasks ... | ecs-why explain
  ecs-why demo                                a recorded failure, without AWS
A name that is also a command: ecs-why --cluster prod -- check
Exit codes: 0 a report, 1 check: a fault, 2 usage, 3 check: unclear, 4 not found, 5 no access,
            6 AWS unreachable, 70 our own fault";

/// Everything but a diagnosis.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Would the tasks of a service or task definition start? With advice
    Check(CheckArgs),
    /// All that fails in clusters, grouped by cause: the worst first
    Triage(TriageArgs),
    /// Read a stop reason, an event, log lines or describe-tasks JSON; asks AWS nothing
    Explain(ExplainArgs),
    /// List causes and advice, or print the page of one
    Causes(CausesArgs),
    /// Print an IAM policy that allows all that is read
    Permissions(PermissionsArgs),
    /// Show the report of a recorded failure
    Demo(DemoArgs),
    /// Print what makes Tab complete: source <(ecs-why completions bash)
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all commands into a folder
    Man(ManArgs),
    /// `aws ecs why`: put it into the AWS CLI, or take it out
    #[command(subcommand)]
    Plugin(PluginCommand),
}

/// `plugin`.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Make `aws ecs why` and `aws why` work, by the way that breaks nothing
    Install(PluginInstallArgs),
    /// Take out exactly what was installed
    Uninstall(PluginUninstallArgs),
    /// Tell what is installed, and show with the real `aws` whether it works
    Status,
    /// What bash asks when Tab is pressed behind `aws`: `complete -C 'ecs-why plugin complete' aws`
    #[command(hide = true)]
    Complete {
        /// What bash says besides.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// What could stand at the end of a line of ours
    #[command(hide = true)]
    Candidates {
        /// The line.
        #[arg(last = true)]
        words: Vec<String>,
    },
    /// What `aws` is asked to run, to show that it does
    #[command(hide = true)]
    Proof,
}

/// `plugin install`.
#[derive(Debug, clap::Args)]
pub struct PluginInstallArgs {
    /// Say what would be changed, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The alias, even where the Python plug-in would do
    #[arg(long)]
    pub alias: bool,
}

/// `plugin uninstall`.
#[derive(Debug, clap::Args)]
pub struct PluginUninstallArgs {
    /// Say what would be changed, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What is asked of an account, or of a file instead.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct AskArgs {
    /// The cluster of a task or service that is named without one
    #[arg(long, value_name = "NAME", add = complete::clusters())]
    pub cluster: Option<String>,
    /// The region, if the target does not name it
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The profile with the credentials
    #[arg(long, value_name = "NAME", add = complete::profiles())]
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
    /// Say what has changed since a report that was kept as JSON
    #[arg(long, value_name = "REPORT")]
    pub since: Option<PathBuf>,
    /// House rules for fixes, instead of `.ecs-why.toml` and your own
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub connection: ConnectionArgs,
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
            since: own.since.or(before.since),
            config: own.config.or(before.config),
            connection: own.connection.or(before.connection),
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
    /// Do not show long text page by page, whatever AWS_PAGER and PAGER say
    #[arg(long, visible_alias = "no-cli-pager", global = true, hide_short_help = true)]
    pub no_pager: bool,
}

impl Args {
    /// What shows long text page by page; nothing where it is meant for a file or another program.
    pub fn pager(&self) -> Option<Pager> {
        match &self.command {
            Some(Command::Explain(ExplainArgs { batch: true, .. })) => None,
            Some(Command::Permissions(_) | Command::Completions(_)) => None,
            _ => self.view.pager(self.ask.profile.as_deref()),
        }
    }
}

impl ViewArgs {
    /// The pager that is set.
    fn pager(&self, profile: Option<&str>) -> Option<Pager> {
        let of_profile = || pager::of_profile(profile);
        if self.no_pager { None } else { Pager::found(|name| std::env::var(name).ok(), of_profile) }
    }

    /// The look that was asked for, on this terminal.
    pub fn view(&self, pager: Option<&Pager>) -> View {
        View::new(self.output, self.color, self.verbose, pager.is_none_or(Pager::is_less))
    }
}

/// `check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// CLUSTER/SERVICE, a service's ARN or link, FAMILY:REVISION, a task definition's ARN, or its JSON (FILE.json, `-`)
    #[arg(add = complete::targets())]
    pub target: Option<String>,
    #[command(flatten)]
    pub placement: PlacementArgs,
    #[command(flatten)]
    pub ask: AskArgs,
}

/// How a task definition would be run: what stands in no definition, and is not guessed.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "For a task definition")]
pub struct PlacementArgs {
    /// The subnets of its tasks, with commas between them
    #[arg(long, value_name = "SUBNETS", value_delimiter = ',')]
    pub subnets: Vec<String>,
    /// Their security groups; none: the VPC's default group
    #[arg(long, value_name = "GROUPS", value_delimiter = ',', requires = "subnets")]
    pub security_groups: Vec<String>,
    /// Whether they get a public address; not given: they get none, as with ECS itself
    #[arg(long, value_name = "ENABLED|DISABLED", value_enum, ignore_case = true, num_args = 0..=1, default_missing_value = "enabled", requires = "subnets")]
    pub assign_public_ip: Option<AssignPublicIp>,
    /// What runs them; not given: what the definition requires
    #[arg(long, value_name = "TYPE", value_enum, ignore_case = true)]
    pub launch_type: Option<LaunchType>,
    /// The platform version of Fargate
    #[arg(long, value_name = "VERSION")]
    pub platform_version: Option<String>,
}

/// In the words of `awsvpcConfiguration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum AssignPublicIp {
    Enabled,
    Disabled,
}

/// In the words of `--launch-type` of the AWS CLI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LaunchType {
    Fargate,
    Ec2,
    External,
}

impl PlacementArgs {
    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        self.subnets.is_empty() && self.launch_type.is_none() && self.platform_version.is_none()
    }

    /// What was said, in a cluster.
    pub fn in_cluster(&self, cluster: Option<String>) -> Placement {
        let network = NetworkConfiguration {
            subnets: self.subnets.clone(),
            security_groups: self.security_groups.clone(),
            public_ip: self.assign_public_ip == Some(AssignPublicIp::Enabled),
        };
        let launch_type = self.launch_type.map(|kind| match kind {
            LaunchType::Fargate => "FARGATE",
            LaunchType::Ec2 => "EC2",
            LaunchType::External => "EXTERNAL",
        });
        Placement {
            cluster,
            network: (!self.subnets.is_empty()).then_some(network),
            launch_type: launch_type.map(str::to_owned),
            platform_version: self.platform_version.clone(),
        }
    }
}

/// `triage`.
#[derive(Debug, clap::Args)]
pub struct TriageArgs {
    /// The clusters, by name or ARN; none: all of the region
    #[arg(add = complete::clusters())]
    pub clusters: Vec<String>,
    /// Several regions, with commas between them
    #[arg(long, value_name = "REGIONS", value_delimiter = ',')]
    pub regions: Vec<String>,
    /// Accounts that the settings name (`[accounts.NAME]`), with commas between them; `all` means each of them
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub accounts: Vec<String>,
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
    /// A cause or a piece of advice, as reports name it
    #[arg(add = complete::pages())]
    pub id: Option<String>,
}

/// `permissions`.
#[derive(Debug, clap::Args)]
pub struct PermissionsArgs {
    /// Also deny what would read a secret's value: for a principal that does nothing else
    #[arg(long)]
    pub strict: bool,
}

/// `completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell; without it the one that SHELL names
    pub shell: Option<Shell>,
    /// Our own, when names are completed: list those of a place.
    #[cfg(feature = "live")]
    #[arg(long, hide = true)]
    pub refresh: Option<String>,
}

/// Shells that can complete our words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    Bash,
    Elvish,
    Fish,
    #[value(name = "powershell", alias = "pwsh")]
    Pwsh,
    Zsh,
}

impl Shell {
    /// As the completion engine calls it.
    pub fn name(self) -> &'static str {
        match self {
            Shell::Bash => "bash",
            Shell::Elvish => "elvish",
            Shell::Fish => "fish",
            Shell::Pwsh => "powershell",
            Shell::Zsh => "zsh",
        }
    }
}

/// `man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Where to write the pages of all commands
    #[arg(value_hint = clap::ValueHint::DirPath)]
    pub folder: Option<PathBuf>,
}

/// `demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// The story
    #[arg(conflicts_with = "list", add = crate::commands::demo::stories())]
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
        let before = ["ecs-why", "--region", "a", "--cluster", "b", "--debug", "--cli-read-timeout", "1"];
        let behind = ["check", "web", "--region", "c", "--cli-read-timeout", "0"];
        let args = Args::parse_from(before.iter().chain(&behind));
        let Some(Command::Check(check)) = &args.command else { panic!("{args:?}") };
        let ask = check.ask.or(&args.ask);
        assert_eq!((ask.region.as_deref(), ask.cluster.as_deref()), (Some("c"), Some("b")));
        assert_eq!((ask.connection.debug, ask.connection.cli_read_timeout), (true, Some(0)));
    }

    #[test]
    fn what_looks_like_a_command_is_a_target_after_two_dashes() {
        let args = Args::parse_from(["ecs-why", "--cluster", "prod", "--", "check"]);
        assert_eq!((args.target.as_deref(), args.command.is_none()), (Some("check"), true));
    }
}
