//! The execution role may do more than a launch needs.

use super::prelude::*;
use crate::iam::Decision;
use crate::launch::roles::{self, may, rights};

documented! {
/// The execution role may do more than start tasks.
///
/// # Why
/// ECS uses the execution role for a launch alone: a token, the images, the log stream, the secrets that the definition
/// names. Whoever may run tasks may have everything else that this role may, too: any secret as an environment variable,
/// for one.
/// # When it is said
/// Calls that no launch makes (delete a repository, push an image, change a secret, pass a role, start instances ...) and
/// secrets and parameters that the definition does not name are tried on the role's policies, as IAM would decide them.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html>
pub struct RoleTooWide;
}

impl Advice for RoleTooWide {
    const ID: &'static str = "role-too-wide";
    const TITLE: &'static str = "Take from the execution role what a launch does not need";
    const READS: &'static [&'static [Source]] = &[roles::READS];

    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> Advised {
        let Some(role) = case.execution_role()? else { return Ok(None) };
        let Some(rights) = rights(case, facts, &role)? else { return Ok(None) };
        let region = &case.region;
        let global = |service: &str, resource: &str| format!("arn:{}:{service}:::{resource}", region.partition);
        let tried = [
            (
                "read any secret",
                "secretsmanager:GetSecretValue",
                case.arn("secretsmanager", "secret:of-somebody-else-AbCdEf"),
            ),
            ("read any parameter", "ssm:GetParameters", case.arn("ssm", "parameter/of/somebody/else")),
            (
                "change secrets",
                "secretsmanager:PutSecretValue",
                case.arn("secretsmanager", "secret:of-somebody-else-AbCdEf"),
            ),
            ("push images", "ecr:PutImage", case.arn("ecr", "repository/of-somebody-else")),
            ("delete repositories", "ecr:DeleteRepository", case.arn("ecr", "repository/of-somebody-else")),
            ("delete objects of any bucket", "s3:DeleteObject", global("s3", "bucket-of-somebody-else/key")),
            (
                "pass roles",
                "iam:PassRole",
                format!("arn:{}:iam::{}:role/of-somebody-else", region.partition, region.account),
            ),
            ("start instances", "ec2:RunInstances", case.arn("ec2", "instance/*")),
        ];
        let mut found = vec![];
        let mut policies: Vec<String> = vec![];
        for (what, action, resource) in tried {
            if let Ok(Decision::Allowed { by }) = may(case, facts, &rights, action, &resource, None) {
                found.push(format!("{what} ({action})"));
                if !policies.contains(&by.policy) {
                    policies.push(by.policy);
                }
            }
        }
        if found.is_empty() {
            return Ok(None);
        }
        let why = format!("role {} may {}, by {}", role.name, found.join(", "), some_of(&policies));
        Ok(Some(Tip::on([vec![role.name.clone()], policies].concat()).because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::{silent_without, tip};
    use crate::causes::fixture::{EXECUTION_POLICY, Fixture, inline, statement};

    const ID: &str = RoleTooWide::ID;

    fn allowed(actions: &[&str], resource: &str) -> Fixture {
        let more = statement("Allow", actions, resource);
        Fixture::fargate().policies("web-execution", &[EXECUTION_POLICY], &[("more", more)])
    }

    #[test]
    fn a_role_that_may_do_everything_is_told_with_the_policy() {
        let found = tip(ID, &allowed(&["*"], "*")).expect("it may do everything");
        assert_eq!(found.resources, ["web-execution", "inline policy `more`"]);
        assert!(found.explanation.contains("delete repositories (ecr:DeleteRepository)"), "{}", found.explanation);
        silent_without(ID, &allowed(&["*"], "*"), &inline("web-execution"));
    }

    #[test]
    fn secrets_of_others_are_too_much() {
        let found = tip(ID, &allowed(&["secretsmanager:GetSecretValue"], "*")).expect("it may read all");
        assert!(
            found
                .explanation
                .starts_with("role web-execution may read any secret (secretsmanager:GetSecretValue), by ")
        );
    }

    #[test]
    fn what_a_launch_needs_is_not() {
        assert_eq!(tip(ID, &Fixture::fargate()), None);
        let own = allowed(&["ecr:*"], "arn:aws:ecr:us-east-1:111111111111:repository/team/web");
        assert_eq!(tip(ID, &own), None, "what it may do to its own repository is judged by nobody here");
    }
}
