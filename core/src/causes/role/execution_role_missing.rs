//! The definition names no execution role, and needs one.

use crate::case::{Container, LaunchType, RoleName};
use crate::causes::prelude::*;
use crate::launch::images::EcrUse;
use crate::launch::roles;

documented! {
/// The task needs a task execution role, and its definition names none.
///
/// # Why a task stops here
/// Secrets, parameters, environment files and the credentials of private registries are always fetched with the execution
/// role; on Fargate images of ECR and the `awslogs` driver need it too. Without one there is nobody to ask as.
/// # How it is told
/// From the definition, and the task's overrides, which win over it.
/// # Prevention
/// Name an execution role in every definition. Fargate refuses some definitions without one; EC2 does not.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html>
pub struct ExecutionRoleMissing;
}

/// What of a container needs the role, in words.
fn needed_for(container: &Container, fargate: bool) -> Option<&'static str> {
    let definition = &container.definition;
    if !definition.secrets.is_empty() || definition.log.as_ref().is_some_and(|log| !log.secrets.is_empty()) {
        Some("its secrets")
    } else if definition.repository_credentials.is_some() {
        Some("its registry's credentials")
    } else if !definition.environment_files.is_empty() {
        Some("its environment files")
    } else if fargate && EcrUse::of(container).is_some() {
        Some("its image in ECR")
    } else if fargate && definition.log.as_ref().is_some_and(|log| log.driver == "awslogs") {
        Some("its log driver")
    } else {
        None
    }
}

/// The name that the console gives to execution roles.
fn usual_role(case: &Case<'_>) -> RoleName {
    let name = "ecsTaskExecutionRole".to_owned();
    let account = case.region.account.clone();
    let text = format!("arn:{}:iam::{account}:role/{name}", case.region.partition);
    RoleName { name, text, account }
}

impl Cause for ExecutionRoleMissing {
    type Subject = Whole;
    const ID: CauseId = CauseId::ExecutionRoleMissing;
    const READS: &'static [&'static [Source]] = &[&[Source::TaskDefinition], roles::READS];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let fargate = matches!(case.launch, LaunchType::Fargate | LaunchType::FargateOld);
        let containers = case.containers()?;
        let need = containers.iter().find_map(|one| Some((one.name(), needed_for(one, fargate)?)));
        let Some((container, what)) = need else { return Ok(Verdict::NotApplicable) };
        // The definition is what shows it: read here as well, it is the evidence.
        if let Some(arn) = &case.definition_arn {
            facts.task_definition(arn.as_str())?;
        }
        if case.execution_role()?.is_some() {
            return Ok(Verdict::Sound);
        }
        // What the role that the fix names may do is asked along, and not after the verdict.
        let _ = roles::rights(case, facts, &usual_role(case));
        let revision = case.revision().unwrap_or_else(|| "the definition".to_owned());
        let why = format!("{revision} names no execution role, and container {container} needs one for {what}");
        Ok(Finding::on(case.definition_arn.clone()).because(why).into())
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let role = usual_role(case).text;
        let fix = Fix::new("Name an execution role in a new revision", Risk::Medium)
            .making(Change::UseExecutionRole { role })
            .noting("ecsTaskExecutionRole is the name that the console gives: put your own role's ARN in its place");
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, Said, a_role, definition, role, role_arn};
    use crate::evidence::Known;

    const ID: CauseId = CauseId::ExecutionRoleMissing;

    fn none() -> Fixture {
        Fixture::fargate().revision(|revision| revision.execution_role = None)
    }

    #[test]
    fn what_needs_the_role_depends_on_the_platform() {
        let plain = |fixture: Fixture| {
            fixture.revision(|revision| revision.execution_role = None).app(|app| {
                app.secrets.clear();
                app.log = None;
            })
        };
        let public = |fixture: Fixture| plain(fixture).app(|app| app.image = "nginx:1".to_owned());
        let logging = |fixture: Fixture| {
            let log = crate::causes::fixture::app().log;
            public(fixture).app(|app| app.log = log)
        };
        let rows: [(&str, Said, Said); 6] = [
            ("an image of ECR", plain(Fixture::fargate()).says(ID), plain(Fixture::ec2()).says(ID)),
            ("a public image", public(Fixture::fargate()).says(ID), public(Fixture::ec2()).says(ID)),
            ("the log driver", logging(Fixture::fargate()).says(ID), logging(Fixture::ec2()).says(ID)),
            ("secrets", none().says(ID), Fixture::ec2().revision(|one| one.execution_role = None).says(ID)),
            (
                "environment files",
                public(Fixture::fargate()).app(|app| app.environment_files = vec!["arn:aws:s3:::b/k".into()]).says(ID),
                public(Fixture::ec2()).app(|app| app.environment_files = vec!["arn:aws:s3:::b/k".into()]).says(ID),
            ),
            (
                "a registry's credentials",
                public(Fixture::fargate()).app(|app| app.repository_credentials = Some("hub".into())).says(ID),
                public(Fixture::ec2()).app(|app| app.repository_credentials = Some("hub".into())).says(ID),
            ),
        ];
        let (fault, not) = (Said::Fault, Said::NotApplicable);
        let expected = [(fault, not), (not, not), (fault, not), (fault, fault), (fault, fault), (fault, fault)];
        for ((what, fargate, instance), expected) in rows.into_iter().zip(expected) {
            assert_eq!((fargate, instance), expected, "{what}");
        }
    }

    #[test]
    fn the_finding_names_the_revision_the_container_and_what_for() {
        let found = none().finding(ID);
        assert_eq!(found.resources, [REVISION]);
        assert_eq!(found.explanation, "web:42 names no execution role, and container app needs one for its secrets");
        assert_eq!(Fixture::fargate().says(ID), Said::Sound);
    }

    #[test]
    fn an_override_of_the_task_wins_over_the_definition() {
        let overridden = none().task(|task| task.overrides.execution_role = Some(role_arn("other")));
        assert_eq!(overridden.says(ID), Said::Sound);
        assert_eq!(overridden.check().says(ID), Said::Fault, "the next task has no override");
    }

    #[test]
    fn without_the_definition_it_is_not_known() {
        assert_eq!(none().gap(definition(REVISION)).says(ID), Said::Unknown);
        assert_eq!(none().absent(definition(REVISION)).says(ID), Said::Unknown);
    }

    #[test]
    fn a_role_in_a_new_revision_mends_it() {
        let mendable = none().with(role("ecsTaskExecutionRole"), Known::Role(a_role("ecsTaskExecutionRole")));
        let fixes = mendable.mended(ID);
        assert_eq!(fixes[0].changes, [Change::UseExecutionRole { role: role_arn("ecsTaskExecutionRole") }]);
        assert_eq!(mendable.after(&fixes[0]).says(ID), Said::Sound);
    }
}
