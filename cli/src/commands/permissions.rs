//! `ecs-why permissions`: the policy that allows all that is read, made from the questions themselves.

use crate::args::PermissionsArgs;
use crate::exit::Exit;
use crate::view::View;
use ecs_why_core::causes::{self, Permission, permissions};
use ecs_why_core::model::{CauseId, Stage};
use ecs_why_core::render;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};

/// The policy on standard output, ready to be piped; what each action is for on standard error, if somebody looks.
pub fn run(args: &PermissionsArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    let permissions = permissions();
    writeln!(out, "{}", render::value(&policy(&permissions, args.strict)))?;
    out.flush()?;
    if view.look.verbose || io::stderr().is_terminal() {
        io::stderr().lock().write_all(lost(&permissions, &view.on_stderr()).as_bytes())?;
    }
    Ok(Exit::Report)
}

/// The statements, in order, and the services whose actions they hold; what is of none of them comes last.
const STATEMENTS: &[(&str, &[&str])] = &[
    ("Ecs", &["ecs", "autoscaling", "application-autoscaling"]),
    ("Iam", &["iam"]),
    ("Ecr", &["ecr"]),
    ("Network", &["ec2"]),
    ("Secrets", &["secretsmanager", "ssm", "kms"]),
    ("LogsAndTrail", &["logs", "cloudtrail", "events"]),
    ("Balancers", &["elasticloadbalancing"]),
    ("Files", &["elasticfilesystem", "s3"]),
    ("Quotas", &["servicequotas", "cloudwatch"]),
    ("Other", &[]),
];

/// What must never be read. Nothing here calls it: this is for who wants it in writing.
const NEVER: &[&str] = &[
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "ssm:GetParameterHistory",
    "kms:Decrypt",
];

/// `sts:GetCallerIdentity` needs no permission, and no policy can take it away.
fn needed(permission: &&Permission) -> bool {
    !permission.action.starts_with("sts:")
}

fn statement_of(action: &str) -> &'static str {
    let service = action.split_once(':').map_or(action, |(service, _)| service);
    STATEMENTS.iter().find(|(_, services)| services.contains(&service)).map_or("Other", |(sid, _)| sid)
}

fn policy(permissions: &[Permission], strict: bool) -> Value {
    let mut statements = Vec::new();
    for (sid, _) in STATEMENTS {
        let actions = permissions.iter().filter(needed).map(|permission| permission.action);
        let actions: BTreeSet<&str> = actions.filter(|action| statement_of(action) == *sid).collect();
        if !actions.is_empty() {
            statements.push(json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*"}));
        }
    }
    if strict {
        statements.push(json!({"Sid": "Strict", "Effect": "Deny", "Action": NEVER, "Resource": "*"}));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// All causes of a stage in one word, others by name.
fn by_stage(ids: &[CauseId]) -> Vec<String> {
    let mut list = vec![];
    for stage in Stage::LAUNCH.into_iter().chain([Stage::Lifecycle, Stage::Unknown]) {
        let known: Vec<CauseId> =
            causes::all().iter().map(|cause| cause.id()).filter(|id| id.stage() == stage).collect();
        if known.len() > 2 && known.iter().all(|id| ids.contains(id)) {
            list.push(format!("all of {stage}"));
        } else {
            list.extend(ids.iter().filter(|id| id.stage() == stage).map(|id| id.to_string()));
        }
    }
    list
}

fn lost(permissions: &[Permission], look: &render::Look) -> String {
    let mut text = String::from("\n");
    text += &render::paragraph("Without one of these the rest still works, and these causes stay undecided:", look);
    let (decide, others): (Vec<_>, Vec<_>) =
        permissions.iter().filter(needed).partition(|permission| !permission.causes.is_empty());
    for permission in decide {
        text +=
            &render::paragraph(&format!("  {}: {}", permission.action, by_stage(&permission.causes).join(", ")), look);
    }
    if !others.is_empty() {
        let others: Vec<&str> = others.iter().map(|permission| permission.action).collect();
        text += &render::paragraph(&format!("No cause alone depends on {}.", others.join(", ")), look);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<Permission> {
        vec![
            Permission { action: "sts:GetCallerIdentity", causes: vec![] },
            Permission { action: "ec2:DescribeSubnets", causes: vec![CauseId::SubnetOutOfAddresses] },
            Permission { action: "ecs:DescribeTasks", causes: vec![] },
            Permission { action: "xray:GetTraces", causes: vec![] },
        ]
    }

    #[test]
    fn a_policy_has_a_statement_a_service() {
        let policy = policy(&some(), false);
        let sids: Vec<_> = policy["Statement"].as_array().into_iter().flatten().map(|s| s["Sid"].as_str()).collect();
        assert_eq!(sids, [Some("Ecs"), Some("Network"), Some("Other")]);
        assert!(!policy.to_string().contains("sts:"));
    }

    #[test]
    fn a_strict_one_denies_what_is_never_read() {
        assert_eq!(policy(&some(), true)["Statement"][3]["Effect"], "Deny");
        let asked: Vec<&str> = ecs_why_core::evidence::Source::ALL.iter().map(|source| source.action()).collect();
        assert!(NEVER.iter().all(|action| !asked.contains(action)));
    }

    #[test]
    fn what_is_lost_is_said() {
        assert!(lost(&some(), &render::Look::default()).contains("ec2:DescribeSubnets: subnet-out-of-addresses"));
    }

    #[test]
    fn all_causes_of_a_stage_are_one_word() {
        let all: Vec<CauseId> = causes::all().iter().map(|cause| cause.id()).collect();
        let reachability: Vec<CauseId> = all.iter().copied().filter(|id| id.stage() == Stage::Reachability).collect();
        assert_eq!(by_stage(&reachability), ["all of reachability"]);
        assert_eq!(by_stage(&reachability[..2]), [reachability[0].to_string(), reachability[1].to_string()]);
    }

    #[test]
    fn a_policy_fits_into_a_managed_one() {
        // IAM's limit for a managed policy, spaces not counted.
        assert!(policy(&permissions(), true).to_string().len() < 6144);
    }
}
