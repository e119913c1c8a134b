//! A fix that does not remove its cause in the walk is a bug of ours; so is a fault that commands heal and that has no fix.

use ecs_why_core::diagnosis::{audit, replay};
use ecs_why_core::report::{Report, Status};
use ecs_why_tests::{implemented, on_each, scenarios, shell};

/// Known to be wrong: where the way to a NAT or the internet is broken, an endpoint for one service is offered, and the rest stays
/// unreachable. Such a fix is left out of the report. An entry goes when its bug does.
const KNOWN: [&str; 0] = [];

#[test]
fn every_fix_removes_its_cause() {
    on_each(&scenarios(), |one| {
        if KNOWN.contains(&one.name.as_str()) {
            return vec![];
        }
        let useless = audit(&one.file).useless_fixes.into_iter();
        let twin = one.mended.as_ref().map(|file| audit(file).useless_fixes).unwrap_or_default();
        useless.chain(twin).map(|fix| format!("a fix that leaves its cause: {fix}")).collect()
    });
}

/// What the lab can heal by commands has a fix with commands, and a verdict on it.
#[test]
fn what_can_be_healed_has_a_fix() {
    on_each(&scenarios(), |one| {
        let report = replay(&one.file).expect("it was recorded");
        let mut wrong = vec![];
        for cause in report.causes.iter().filter(|cause| cause.status == Status::Confirmed && !cause.latent) {
            let id = cause.id.to_string();
            if !one.expect.fixable || !one.expect.root.contains(&id) || !implemented(&id) || cause.healed_at.is_some() {
                continue;
            }
            let fixes = report.fixes.iter().filter(|fix| cause.fixes.contains(&fix.id));
            match fixes.clone().find(|fix| !fix.commands.is_empty()) {
                None => wrong.push(format!("`{id}` can be healed, and has no fix with commands")),
                Some(fix) if fix.proof.detail.is_empty() => wrong.push(format!("{} says nothing of its proof", fix.id)),
                Some(_) => {}
            }
        }
        wrong
    });
}

fn commands(report: &Report) -> Vec<String> {
    report.fixes.iter().flat_map(|fix| fix.commands.clone()).collect()
}

/// Commands run as they are in a POSIX shell: it finds nothing wrong with them, and each one calls the AWS CLI.
#[test]
fn commands_are_complete() {
    on_each(&scenarios(), |one| {
        let report = replay(&one.file).expect("it was recorded");
        let mut wrong = vec![];
        for command in commands(&report) {
            let ran = shell(std::slice::from_ref(&command), "{}");
            if !ran.stderr.is_empty() || ran.calls.is_empty() || !ran.made.is_empty() {
                wrong.push(format!("{command}: {ran:?}"));
            }
            for option in ran.calls.iter().flatten().filter(|word| word.contains('<') || word.contains("REPLACE")) {
                wrong.push(format!("{command}: {option} has to be filled in"));
            }
        }
        wrong
    });
}

fn log_group(word: &str) -> &str {
    if word.contains(":log-group:") { word.trim_end_matches(":*") } else { word }
}

/// What the lab refuses to run, and rightly (`TOO_WIDE`).
#[test]
fn no_fix_opens_too_much() {
    on_each(&scenarios(), |one| {
        let report = replay(&one.file).expect("it was recorded");
        let mut wrong = vec![];
        for command in commands(&report) {
            let dense: String = command.chars().filter(|c| !c.is_whitespace()).collect();
            // A log group's ARN ends so, and is one group for all that.
            let dense = dense.split('"').map(log_group).collect::<Vec<_>>().join("\"");
            let opens = |words: &[&str]| words.iter().any(|word| dense.contains(word));
            let everybody =
                opens(&["set-repository-policy", "put-resource-policy", "put-key-policy", "put-bucket-policy"])
                    && opens(&[r#""Principal":"*""#, r#""Principal":{"AWS":"*"}"#]);
            let inwards = dense.contains("authorize-security-group-ingress") && dense.contains("0.0.0.0/0");
            let all =
                opens(&[r#""Action":"*""#, r#""Action":["*""#, r#":*""#, "AdministratorAccess", "PowerUserAccess"]);
            if everybody || inwards || (all && dense.contains("--policy-document")) {
                wrong.push(format!("too wide: {command}"));
            }
        }
        wrong
    });
}
