//! Why the statement that comes nearest to allowing a call does not: the slips that people make.

use crate::iam::{Effect, Missed, Nearest, PolicyKind, Statement, wildcard};
use crate::launch::roles::RoleRights;

/// What the nearest statement lacks, as the end of "it comes nearest and ...".
pub(crate) fn near_miss(rights: &RoleRights, near: &Nearest, action: &str, resource: &str) -> String {
    match &near.missed {
        Missed::Resource { policy_resources } => match policy_resources.iter().find_map(|one| slip(one, resource)) {
            Some(slip) => slip,
            None => format!("is for {} only", list(policy_resources)),
        },
        Missed::Action => match statement(rights, near).map(|found| kindred(found, action)) {
            Some(actions) if !actions.is_empty() => {
                format!("allows {}, which does not serve: the call is {action}", list(&actions))
            }
            _ => "allows other actions only".to_owned(),
        },
        Missed::Principal { .. } => "names somebody else".to_owned(),
        Missed::Condition { key } => format!("has a condition on {key} that does not hold"),
    }
}

fn statement<'r>(rights: &'r RoleRights, near: &Nearest) -> Option<&'r Statement> {
    let policy = match near.witness.kind {
        PolicyKind::Boundary => rights.boundary.as_ref(),
        _ => rights.identity.iter().find(|policy| policy.name == near.witness.policy),
    };
    policy?.document.statements().get(near.witness.statement).filter(|found| found.effect == Effect::Allow)
}

/// The actions of the same service that a statement names.
fn kindred(statement: &Statement, action: &str) -> Vec<String> {
    let service = action.split(':').next().unwrap_or_default().to_lowercase();
    let same = |named: &&String| named.to_lowercase().split(':').next() == Some(service.as_str());
    statement.action.entries().iter().filter(same).cloned().collect()
}

/// What is wrong with one ARN of a statement that was meant for this resource.
fn slip(pattern: &str, resource: &str) -> Option<String> {
    let meant = |changed: &str| wildcard(changed, resource);
    if resource.contains(":secretsmanager:") {
        if meant(&format!("{pattern}-??????")) {
            return Some(format!(
                "names {pattern} without the six characters at the end of a secret's ARN (`-??????`)"
            ));
        }
        let (ours, theirs) = (without_suffix(resource), without_suffix(pattern));
        if ours.is_some() && ours == theirs {
            return Some("is for a secret of the same name that had other characters at the end of its ARN".to_owned());
        }
    }
    if resource.contains(":logs:") && meant(&format!("{pattern}:*")) {
        return Some(format!("names {pattern} without `:*`, and so not the streams in it"));
    }
    if pattern.contains(":parameter//") && meant(&pattern.replace(":parameter//", ":parameter/")) {
        return Some(format!("names {pattern}, which has a slash too many"));
    }
    if resource.contains(":kms:") && pattern.contains(":alias/") {
        return Some(format!("names the alias {pattern}: a right to use a key has to name the key"));
    }
    if resource.contains(":s3:::") {
        if resource.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('/')) {
            return Some(format!("names the bucket {pattern} and not what is in it (`{pattern}/*`)"));
        }
        if !resource.contains('/') && pattern.strip_prefix(resource).is_some_and(|rest| rest.starts_with('/')) {
            return Some(format!("names what is in the bucket ({pattern}) and not the bucket itself"));
        }
    }
    for (part, what) in [(3, "region"), (4, "account")] {
        if meant(&with_part_of(pattern, resource, part)?) {
            return Some(format!("is for {what} {} only", pattern.split(':').nth(part).unwrap_or_default()));
        }
    }
    None
}

/// A secret's ARN without what Secrets Manager added to its name.
fn without_suffix(arn: &str) -> Option<&str> {
    let (head, tail) = arn.rsplit_once('-')?;
    (tail.len() == 6 && tail.chars().all(|c| c.is_ascii_alphanumeric())).then_some(head)
}

/// A pattern with one part of the resource's ARN in the place of its own.
fn with_part_of(pattern: &str, resource: &str, part: usize) -> Option<String> {
    let mut parts: Vec<&str> = pattern.splitn(6, ':').collect();
    *parts.get_mut(part)? = resource.splitn(6, ':').nth(part)?;
    Some(parts.join(":"))
}

/// The first of some names, and how many more there are.
pub(super) fn list(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slip_is_told_by_its_name() {
        let secret = "arn:aws:secretsmanager:us-east-1:1:secret:prod/db-AbCdEf";
        let stream = "arn:aws:logs:us-east-1:1:log-group:/ecs/web:log-stream:web/app/1";
        let rows = [
            ("arn:aws:secretsmanager:us-east-1:1:secret:prod/db", secret, "without the six characters"),
            ("arn:aws:secretsmanager:*:1:secret:prod/*-OldOne", secret, ""),
            ("arn:aws:secretsmanager:us-east-1:1:secret:prod/db-OldOne", secret, "had other characters"),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:prod/*", secret, "is for region eu-west-1 only"),
            ("arn:aws:secretsmanager:us-east-1:2:secret:prod/*", secret, "is for account 2 only"),
            ("arn:aws:logs:us-east-1:1:log-group:/ecs/web", stream, "without `:*`"),
            (
                "arn:aws:ssm:us-east-1:1:parameter//prod/*",
                "arn:aws:ssm:us-east-1:1:parameter/prod/a",
                "a slash too many",
            ),
            ("arn:aws:kms:us-east-1:1:alias/prod", "arn:aws:kms:us-east-1:1:key/k", "names the alias"),
            ("arn:aws:s3:::config", "arn:aws:s3:::config/app.env", "not what is in it"),
            ("arn:aws:s3:::config/*", "arn:aws:s3:::config", "not the bucket itself"),
            ("arn:aws:s3:::config/shared/*", "arn:aws:s3:::config/app.env", ""),
            ("*", "arn:aws:s3:::config", ""),
        ];
        for (pattern, resource, expected) in rows {
            match slip(pattern, resource) {
                Some(said) => assert!(!expected.is_empty() && said.contains(expected), "{pattern}: {said}"),
                None => assert_eq!(expected, "", "{pattern}"),
            }
        }
    }
}
