//! What is said when there is no report: one paragraph, and one that says what to do.

use crate::args::ViewArgs;
use crate::commands::plugin::PluginError;
use crate::exit::Exit;
use ecs_why_core::account::{AccountError, EvidenceFileError};
use ecs_why_core::error::Error;
use ecs_why_core::given::GivenError;
use ecs_why_core::render::paragraph;
use ecs_why_core::settings::SettingsError;
use ecs_why_core::target::TargetError;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// Used wrongly: what the library does not know of.
#[derive(Debug, thiserror::Error)]
pub enum Usage {
    /// A file that was named cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// As typed.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// A file that was named cannot be written.
    #[error("cannot write the evidence to `{path}`")]
    Write {
        /// As typed.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// The evidence is about something else than the target.
    #[error("the evidence is about `{file}`, and not about `{typed}`")]
    OtherTarget {
        /// In the file.
        file: String,
        /// As typed.
        typed: String,
    },
    /// Settings that cannot be read.
    #[error("the configuration `{path}` is wrong")]
    Config {
        /// Where.
        path: String,
        /// What is wrong.
        source: SettingsError,
    },
    /// A task definition that cannot be read.
    #[error("the task definition `{path}` is wrong")]
    Definition {
        /// As typed.
        path: String,
        /// What is wrong.
        source: GivenError,
    },
    /// The older report cannot be used.
    #[error("`{path}` cannot be compared with: {why}")]
    Since {
        /// As typed.
        path: String,
        /// Why not.
        why: String,
    },
    /// Network options for something that has its own.
    #[error("`{0}` has network settings of its own: --subnets and its like are for a task definition")]
    Placement(String),
    /// Nothing to explain.
    #[error("there is no text to explain")]
    NoText,
    /// The text is longer than any that ECS writes.
    #[error("the text is longer than {0} MiB")]
    LongText(u64),
    /// What was given cannot be explained.
    #[error("{0}")]
    NotReadable(String),
    /// There is no such cause, story ...
    #[error("there is no {what} `{name}`{}", say_near(.near))]
    Unknown {
        /// The kind of thing.
        what: &'static str,
        /// As typed.
        name: String,
        /// Names that are like it.
        near: Vec<String>,
    },
    /// Nothing to tell.
    #[error("no story is recorded in this build")]
    NoStories,
    /// An account that the settings do not name.
    #[cfg_attr(not(feature = "live"), allow(dead_code))]
    #[error("the settings name no account `{name}`{}", say_near(.near))]
    NoAccount {
        /// As typed.
        name: String,
        /// Names that are like it.
        near: Vec<String>,
    },
    /// An option that means nothing here.
    #[error("{option} does not go with `ecs-why triage`: it is about one target")]
    OneTarget {
        /// As typed.
        option: &'static str,
    },
    /// Requests that nobody signs.
    #[error("--no-sign-request cannot be meant: ECS answers only who signs")]
    Unsigned,
    /// Built without the account.
    #[cfg_attr(feature = "live", allow(dead_code))]
    #[error("this ecs-why was built without AWS (feature `live`): it reads evidence files, texts and the demo only")]
    NotLive,
}

fn say_near(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!(". Is it {}?", near.join(" or ")) }
}

/// Up to three names that are like one, the nearest first.
pub fn near<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut near: Vec<(f64, &str)> = names.map(|known| (strsim::jaro_winkler(name, known), known)).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    // What is much less like it than the nearest only distracts.
    let least = near.first().map_or(0.8, |(likeness, _)| f64::max(0.8, likeness - 0.08));
    near.retain(|(likeness, _)| *likeness > least);
    near.into_iter().take(3).map(|(_, known)| known.to_owned()).collect()
}

/// Whether the reader of our output went away.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Wider than any message.
const WHOLE_LINE: usize = 100_000;

/// Says on standard error what is wrong and what to do.
pub fn tell(error: &anyhow::Error, view: &ViewArgs) -> ExitCode {
    let mut look = view.view().on_stderr();
    if !io::stderr().is_terminal() {
        // A log has a line for what is wrong and one for what to do, however long: that is what is searched for.
        look.width = WHOLE_LINE;
    }
    let mut err = io::stderr().lock();
    let style = if look.color { anstyle::AnsiColor::Red.on_default().bold() } else { anstyle::Style::new() };
    let text = paragraph(&format!("error: {error:#}"), &look);
    let text = text.strip_prefix("error:").unwrap_or(&text);
    let _ = write!(err, "{style}error:{style:#}{text}");
    if let Some(hint) = hint(error) {
        let _ = write!(err, "\n{}", paragraph(&hint, &look));
    }
    exit_of(error).into()
}

/// The same where not even the arguments are known.
pub fn refuse(error: &impl std::error::Error) -> ExitCode {
    let look = ecs_why_core::render::Look::default();
    let _ = io::stderr().lock().write_all(paragraph(&format!("error: {error}"), &look).as_bytes());
    Exit::Usage.into()
}

fn exit_of(error: &anyhow::Error) -> Exit {
    if let Some(error) = error.downcast_ref::<Error>() {
        return Exit::of_error(error);
    }
    if let Some(error) = error.downcast_ref::<AccountError>() {
        return Exit::of_account(error);
    }
    // An output that cannot be written (a full disk) is nothing that we could mend.
    let usage = error.is::<Usage>()
        || error.is::<PluginError>()
        || error.is::<TargetError>()
        || error.is::<EvidenceFileError>()
        || error.is::<io::Error>();
    #[cfg(feature = "live")]
    let usage = usage || error.is::<ecs_why_aws::OpenError>();
    if usage { Exit::Usage } else { Exit::Own }
}

/// What to do, where the error itself does not say it.
fn hint(error: &anyhow::Error) -> Option<String> {
    if let Some(usage) = error.downcast_ref::<Usage>() {
        return hint_of_usage(usage);
    }
    if let Some(TargetError::NoCluster(name)) = error.downcast_ref::<TargetError>() {
        let commands =
            near(name, ["check", "triage", "explain", "causes", "permissions", "demo", "plugin"].into_iter());
        return commands.first().map(|command| format!("Or is the command `ecs-why {command}` meant?"));
    }
    let damaged = match error.downcast_ref::<Error>() {
        Some(Error::EvidenceFile(error)) => Some(error),
        _ => error.downcast_ref::<EvidenceFileError>(),
    };
    if damaged.is_some_and(|error| matches!(error, EvidenceFileError::Damaged(_))) {
        return Some("Such a file is written by `ecs-why TARGET --save-evidence FILE`.".to_owned());
    }
    if let Some(TargetError::TwoClusters { .. }) = target_error(error) {
        return Some(
            "Name the cluster in one place only: leave out --cluster, or the part before the slash.".to_owned(),
        );
    }
    if let Some(TargetError::OtherArn { arn, what }) = target_error(error) {
        if let (true, Some((_, cluster))) = (what.starts_with("a cluster"), arn.rsplit_once('/')) {
            return Some(format!("For all of a cluster: `ecs-why triage {cluster}`. Or name one task or service."));
        }
        return Some("Name the task or the service: its ARN, `CLUSTER/TASK-ID` or `CLUSTER/SERVICE`.".to_owned());
    }
    #[cfg(feature = "live")]
    if let Some(error) = error.downcast_ref::<ecs_why_aws::OpenError>() {
        return hint_of_opening(error);
    }
    let account = match error.downcast_ref::<Error>() {
        Some(Error::Account(error)) => Some(error),
        Some(Error::NoSuchCluster { .. } | Error::NoSuchTaskDefinition { .. }) => {
            return Some("Is it in another region or account? Choose them with --region and --profile.".to_owned());
        }
        Some(Error::NoSuchService { cluster, .. }) => {
            return Some(format!(
                "Is it in another cluster, region or account? `aws ecs list-services --cluster {cluster}` lists those of this one."
            ));
        }
        Some(Error::NoAnswer { .. }) => return Some(REACH.to_owned()),
        Some(_) => None,
        None => error.downcast_ref::<AccountError>(),
    };
    account.map(|error| {
        let hint = match error {
            // It says what to run itself.
            AccountError::NoCredentials(why)
                if ["`aws ", ": mend the profile", "set both", "sign in", "must allow"].iter().any(|said| why.contains(said)) =>
            {
                "Or name another profile with --profile; `ecs-why explain` and `ecs-why demo` need no credentials."
            }
            AccountError::NoCredentials(_) => {
                "Sign in (`aws sso login`, `aws configure`), or name a profile with --profile. `ecs-why explain` and \
                 `ecs-why demo` need no credentials."
            }
            AccountError::BadCredentials(_) => {
                "They have expired, or belong to nobody any more: sign in again (`aws sso login`), or name another profile \
                 with --profile."
            }
            AccountError::Unreachable(_) => REACH,
        };
        hint.to_owned()
    })
}

fn target_error(error: &anyhow::Error) -> Option<&TargetError> {
    match error.downcast_ref::<Error>() {
        Some(Error::Target(error)) => Some(error),
        _ => error.downcast_ref::<TargetError>(),
    }
}

#[cfg(feature = "live")]
fn hint_of_opening(error: &ecs_why_aws::OpenError) -> Option<String> {
    use ecs_why_aws::OpenError;

    let hint = match error {
        // They say it themselves.
        OpenError::NoRegion | OpenError::BadRegion { .. } | OpenError::BadEndpoint(_) => return None,
        OpenError::NoSuchProfile { .. } => {
            "`aws configure list-profiles` lists them; AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE say where the files are."
        }
        OpenError::Files(_) => {
            "Mend the line, or name another file with AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE."
        }
        OpenError::CaBundle { .. } => {
            "Name a file with certificates in PEM with --ca-bundle, AWS_CA_BUNDLE or `ca_bundle` of the profile; without one the \
             system's are trusted."
        }
    };
    Some(hint.to_owned())
}

const REACH: &str = "Look at the network, at the proxy (HTTPS_PROXY, NO_PROXY), at the name of the region and at --endpoint-url; where a company signs \
     its own certificates, name them with --ca-bundle. --debug tells every request.";

fn hint_of_usage(usage: &Usage) -> Option<String> {
    let hint = match usage {
        Usage::NoText => {
            "Give it as an argument, or send it to standard input: a stop reason, a service event, lines of the agent's log, \
             an event of EventBridge, or the output of `aws ecs describe-tasks` or `describe-services`."
        }
        Usage::Write { .. } => "The report itself is complete.",
        Usage::Unknown { what: "cause", .. } => "`ecs-why causes` lists them all.",
        Usage::Unknown { .. } => "`ecs-why demo --list` lists them all.",
        Usage::NoStories => "The stories are evidence files in `cli/stories/`.",
        Usage::Unsigned => "Leave it out; `ecs-why explain` and `ecs-why demo` need no credentials.",
        Usage::NotLive => "Build it with the default features to ask an account.",
        Usage::Config { .. } => {
            "Under `[fixes]` may stand: public-ip, open-ingress and managed-policies (\"allowed\" or \"never\"), and prefer (\"nat\" \
             or \"endpoints\"); under `[accounts.NAME]`: profile, role, external-id and regions (a list)."
        }
        Usage::Definition { .. } => {
            "It is what `aws ecs register-task-definition --cli-input-json` takes; `--generate-cli-skeleton` prints an empty one."
        }
        Usage::Since { .. } => "Such a report is printed by `ecs-why TARGET --output json`.",
        Usage::NoAccount { .. } => {
            "Name it in `.ecs-why.toml` or `~/.config/ecs-why/config.toml`: `[accounts.prod]` with `profile = \"...\"` or \
             `role = \"arn:aws:iam::...\"`, and `regions = [\"...\"]`."
        }
        Usage::Placement(_) => "Leave them out: the service's own count.",
        Usage::OneTarget { .. } => "Leave it out, or name a target: `ecs-why CLUSTER/SERVICE`.",
        Usage::Read { .. } => "Name a file that is there and that you may read; `-` is standard input.",
        Usage::OtherTarget { .. } => "Leave the target out: the file's own counts.",
        Usage::LongText(_) => "Give only the stop reason, or the task's part of it.",
        Usage::NotReadable(_) => return None,
    };
    Some(hint.to_owned())
}

/// A panic is a fault of ours: it says so, and how to tell us, and ends with [`Exit::Own`].
pub fn on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
        let payload = panic.payload();
        let what = payload.downcast_ref::<&str>().copied().map(str::to_owned);
        let what = what.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        let text = format!(
            "error: this is a fault of ecs-why {} itself: {what}{place}. Please report it at {}/issues, with what you typed; \
             an evidence file (--save-evidence) helps most, if you may share it.",
            env!("CARGO_PKG_VERSION"),
            env!("CARGO_PKG_REPOSITORY"),
        );
        let _ = io::stderr().write_all(paragraph(&text, &ecs_why_core::render::Look::default()).as_bytes());
        std::process::exit(Exit::Own as i32);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_come_nearest_first() {
        let names = ["image-tag-not-found", "image-digest-not-found", "scaled-in", "out-of-memory"];
        assert_eq!(
            near("image-tag-missing", names.into_iter()).first().map(String::as_str),
            Some("image-tag-not-found")
        );
        assert!(near("zzz", names.into_iter()).is_empty());
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(is_broken_pipe(&gone().into()));
        assert!(is_broken_pipe(&anyhow::Error::from(gone()).context("cannot write")));
        assert!(!is_broken_pipe(&Usage::NoText.into()));
    }
}
