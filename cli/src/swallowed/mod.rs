//! Options that the AWS CLI took off the line before it called us through an alias, which it does not hand on.
//!
//! `aws why X --profile prod` would ask the account of the default profile, and nobody would see it. The alias of `ecs-why plugin install`
//! says so in a variable; the options are then read from the command line of the CLI, which is an ancestor of ours. Where that cannot be
//! read, or does not fit to what arrived, nothing is asked at all.

mod line;

use line::Line;
pub use line::split as globals;
use std::ffi::OsString;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// The variable, and what the alias puts there.
const CALLED_BY: (&str, &str) = ("ECS_WHY_CALLED_BY", "aws-alias");

/// Why nothing is asked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No ancestor is the CLI with our own arguments.
    #[error(
        "the AWS CLI keeps --profile, --region and its other options from an alias, and they cannot be read from its own command line \
         here: call `ecs-why` itself, with these options or with AWS_PROFILE and AWS_REGION in the environment"
    )]
    NotRead,
    /// An option that an alias cannot honour.
    #[error("{option} does not go with an alias of the AWS CLI: {instead}")]
    Meaningless {
        /// As in `aws`.
        option: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// Two forms.
    #[error("`--output json` and `{0}` both say how the report shall look: leave one away")]
    TwoForms(String),
}

/// Our arguments with what was swallowed; as they are if no alias called us.
///
/// # Errors
/// When something was swallowed that cannot be recovered, or cannot be honoured.
pub fn arguments() -> Result<Vec<OsString>, Refusal> {
    let typed: Vec<OsString> = std::env::args_os().collect();
    if std::env::var_os(CALLED_BY.0).is_none_or(|value| value != CALLED_BY.1) {
        return Ok(typed);
    }
    restored(typed, &ancestors())
}

fn restored(mut typed: Vec<OsString>, ancestors: &[Vec<String>]) -> Result<Vec<OsString>, Refusal> {
    let own = typed.iter().skip(1).map(|argument| argument.clone().into_string());
    let own: Vec<String> = own.collect::<Result<_, _>>().map_err(|_| Refusal::NotRead)?;
    let line = ancestors.iter().find_map(|words| Line::of(words, &own)).ok_or(Refusal::NotRead)?;
    let options = line.options(&own)?;
    // Before all others: what stands behind wins.
    typed.splice(1..1, options.into_iter().map(OsString::from));
    Ok(typed)
}

/// The command lines of our ancestors, the nearest first; one that is not UTF-8 is none.
fn ancestors() -> Vec<Vec<String>> {
    let Ok(mut system) = System::new() else { return vec![] };
    let what = ProcessRefreshKind::nothing().with_cmd(UpdateKind::Always);
    let mut lines = vec![];
    let mut next = sysinfo::get_current_pid().ok();
    // No tree of processes is this deep, but a table that changes meanwhile may go in a circle.
    for _ in 0..64 {
        let Some(pid) = next else { break };
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, what);
        let Some(process) = system.process(pid) else { break };
        let words = process.cmd().iter().map(|word| word.clone().into_string());
        lines.extend(words.collect::<Result<Vec<String>, _>>().ok());
        next = process.parent().filter(|parent| *parent != Pid::from(0));
    }
    // The first is ourselves.
    lines.drain(..1.min(lines.len()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn told(own: &str, ancestors: &[&str]) -> Result<String, Refusal> {
        let typed = format!("ecs-why {own}");
        let typed = typed.split_whitespace().map(OsString::from).collect();
        let ancestors: Vec<Vec<String>> = ancestors.iter().map(|line| words(line)).collect();
        restored(typed, &ancestors).map(|words| words.join(" ".as_ref()).to_string_lossy().into_owned())
    }

    const SHELL: &str = "sh -c f() {...}; f prod/web";

    #[test]
    fn what_was_swallowed_comes_back_wherever_it_stood() {
        for line in [
            "/usr/bin/python3 /usr/bin/aws --profile prod why prod/web",
            "/usr/bin/python3 /usr/bin/aws why --profile prod prod/web",
            "/usr/bin/python3 -E /usr/bin/aws why prod/web --profile=prod",
            "/usr/local/bin/aws ecs --profile prod why prod/web",
            "C:\\Program Files\\Amazon\\AWSCLIV2\\aws.exe why prod/web --prof prod",
            "python -m awscli why prod/web --profile prod",
        ] {
            assert_eq!(
                told("prod/web", &[SHELL, line, "bash"]).as_deref(),
                Ok("ecs-why --profile prod prod/web"),
                "{line}"
            );
        }
    }

    #[test]
    fn what_was_not_swallowed_is_not_made_up() {
        assert_eq!(told("prod/web", &[SHELL, "python3 aws why prod/web"]).as_deref(), Ok("ecs-why prod/web"));
        let more = "python3 aws why prod/web --cluster b --profiles x";
        assert_eq!(
            told("prod/web --cluster b --profiles x", &[more]).as_deref(),
            Ok("ecs-why prod/web --cluster b --profiles x")
        );
        let behind = "python3 aws why -- --profile";
        assert_eq!(told("-- --profile", &[behind]).as_deref(), Ok("ecs-why -- --profile"));
    }

    #[test]
    fn a_line_that_does_not_fit_is_refused() {
        for ancestors in [
            &[][..],
            &["bash"],
            &[SHELL, "python3 aws w prod/web"],
            &["python3 aws why prod/other --profile a"],
            &["python3 aws why prod/web --profile"],
            &["python3 aws why prod/web --no-c"],
        ] {
            assert_eq!(told("prod/web", ancestors), Err(Refusal::NotRead), "{ancestors:?}");
        }
    }

    #[test]
    fn the_nearest_command_line_counts() {
        let lines = [SHELL, "python3 aws why prod/web --region near", "python3 aws why prod/web --region far"];
        assert_eq!(told("prod/web", &lines).as_deref(), Ok("ecs-why --region near prod/web"));
    }

    #[test]
    fn our_own_ancestors_can_be_read() {
        assert!(!ancestors().is_empty());
    }
}
