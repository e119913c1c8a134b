//! What to do next, where a message does not say it itself. `docs/errors.md` shows all of them.

use crate::failure::{Usage, near};
use ecs_why_core::account::{AccountError, EvidenceFileError};
use ecs_why_core::error::Error;
use ecs_why_core::target::TargetError;

/// What to do, where the error itself does not say it.
pub fn hint(error: &anyhow::Error) -> Option<String> {
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
    if let Some(TargetError::OtherArn { what, .. }) = target_error(error) {
        if what.starts_with("a cluster") {
            return Some("For all of a cluster: `ecs-why triage CLUSTER`. Or name one task or service.".to_owned());
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
        Some(Error::NoSuchService { .. }) => {
            let hint = "Is it in another cluster, region or account? `aws ecs list-services --cluster CLUSTER` lists those of one.";
            return Some(hint.to_owned());
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
