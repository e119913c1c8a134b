//! What shows that a fix did help: commands for afterwards, the quickest first.

use crate::case::Case;
use crate::change::{Change, Fix, command};
use crate::evidence::{Answer, Facts, Known, Question};
use crate::launch::logs::log_uses;
use crate::launch::secrets::whole_arn;

/// Commands that show that a fix helped; none where only somebody's eyes can.
pub fn verify(case: &Case<'_>, facts: &Facts<'_>, fix: &Fix) -> Vec<String> {
    if fix.changes.iter().all(|change| matches!(change, Change::ByHand { .. })) {
        return vec![];
    }
    let mut all: Vec<String> = fix.changes.iter().filter_map(|change| may_now(facts, change)).collect();
    all.dedup();
    match case.service {
        Some(service) => {
            let target = format!("{}/{}", case.cluster, service.name);
            all.insert(0, command(["ecs-why", "check", &target]));
            let of = ["--cluster", &case.cluster, "--services", &service.name];
            all.push(command(["aws", "ecs", "wait", "services-stable"].into_iter().chain(of)));
            let events = ["--query", "services[].events[:5].[createdAt,message]", "--output", "text"];
            all.push(command(["aws", "ecs", "describe-services"].into_iter().chain(of).chain(events)));
            all.extend(service.target_groups.iter().map(|group| answers(group)));
            all.extend(logs(case));
        }
        None => {
            if let Some(check) = check_alone(case, fix) {
                all.insert(0, check);
            }
        }
    }
    all
}

/// IAM's own word on a right that was given.
fn may_now(facts: &Facts<'_>, change: &Change) -> Option<String> {
    let Change::Allow { role, actions, resources, .. } = change else { return None };
    let found = facts.kept(&Question::Role { role: role.clone() })?;
    let Answer::Known(Known::Role(found)) = &found.answer else { return None };
    let mut words =
        vec!["aws", "iam", "simulate-principal-policy", "--policy-source-arn", &found.arn, "--action-names"];
    words.extend(actions.iter().map(String::as_str));
    words.push("--resource-arns");
    let resources: Vec<String> = resources.iter().map(|one| whole_arn(facts, one)).collect();
    words.extend(resources.iter().map(String::as_str));
    words.extend(["--query", "EvaluationResults[].[EvalActionName,EvalDecision]", "--output", "text"]);
    Some(command(words))
}

/// Whether the tasks answer on their address and port, as the load balancer sees it.
fn answers(group: &str) -> String {
    let query = "TargetHealthDescriptions[].[Target.Id,Target.Port,TargetHealth.State]";
    let words = ["aws", "elbv2", "describe-target-health", "--target-group-arn", group];
    command(words.into_iter().chain(["--query", query, "--output", "text"]))
}

/// A container that starts writes its first lines within half a minute or so.
fn logs(case: &Case<'_>) -> Option<String> {
    let uses = log_uses(case).ok()?;
    let log = uses.first()?;
    let mut words = vec!["aws", "logs", "tail", &log.group, "--since", "5m"];
    if log.region != case.region.region {
        words.extend(["--region", &log.region]);
    }
    Some(command(words))
}

/// A definition that no service runs, in the network in which it was, or would be, run.
fn check_alone(case: &Case<'_>, fix: &Fix) -> Option<String> {
    let (definition, network) = (case.definition.ok()?, case.network.ok()?);
    // A new revision has a number that nobody knows yet, and what stands in a file has none.
    if !definition.is_registered() || fix.changes.iter().any(|change| change.in_words().is_some()) {
        return None;
    }
    let name = case.revision()?;
    let (subnets, groups) = (network.subnets.join(","), network.security_groups.join(","));
    let mut words = vec!["ecs-why", "check", &name, "--cluster", &case.cluster, "--subnets", &subnets];
    if !groups.is_empty() {
        words.extend(["--security-groups", &groups]);
    }
    if network.public_ip {
        words.extend(["--assign-public-ip", "ENABLED"]);
    }
    Some(command(words))
}
