//! The pulling role may not get a token of ECR.

use super::denied::{Grant, denial, sound_or_healed, why};
use crate::causes::prelude::*;
use crate::launch::images::EcrUse;
use crate::launch::pullers::{self, Puller};
use crate::launch::roles;
use crate::launch::since;
use crate::launch::wrong_role;

documented! {
/// The role that pulls the image may not call `ecr:GetAuthorizationToken`, so no image can be pulled from ECR.
///
/// # Why a task stops here
/// Before anything is pulled from a private registry of ECR, a token is fetched with the task execution role (on EC2 also
/// with the instance's role). The action knows no resources: a statement for a repository's ARN does not allow it, only `*`
/// does, and a repository's policy cannot grant it.
/// # How it is told
/// The role's policies and its permissions boundary are evaluated for the call. On EC2 either role may be the one that
/// pulls, and both must lack the right.
/// # Prevention
/// Attach `AmazonECSTaskExecutionRolePolicy` to execution roles, and `ecs-why check` a service before it is released.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html>
pub struct EcrAuthDenied;
}

const TOKEN: &str = "ecr:GetAuthorizationToken";

impl Cause for EcrAuthDenied {
    type Subject = Whole;
    const ID: CauseId = CauseId::EcrAuthDenied;
    const READS: &'static [&'static [Source]] = &[roles::READS, pullers::READS, since::READS];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if !case.containers()?.iter().any(|container| EcrUse::of(container).is_some()) {
            return Ok(Verdict::NotApplicable);
        }
        let pullers = pullers::pullers(case, facts);
        wrong_role::along(case, facts);
        if let Some(role) = case.execution_role()? {
            since::along(Self::ID, case, facts, &role);
        }
        let pullers = pullers?;
        let lacking: Vec<&str> = pullers.iter().map(|puller| puller.name.as_str()).collect();
        let (mut denied, mut elsewhere) = (vec![], String::new());
        for Puller { name, rights } in &pullers {
            let decision = roles::may(case, facts, rights, TOKEN, "*", None)?;
            let Some(denial) = denial(decision) else {
                return sound_or_healed(Self::ID, case, facts, rights, (TOKEN, "*"));
            };
            elsewhere = wrong_role::told(case, facts, &lacking, &denial, |other| {
                Ok(self::denial(roles::may(case, facts, other, TOKEN, "*", None)?).is_none())
            });
            denied.push(format!("role {name} may not call {TOKEN}: {}", why(&denial)));
        }
        match denied.is_empty() {
            // No role at all is another cause's.
            true => Ok(Verdict::NotApplicable),
            false => Ok(Finding::on(lacking).because(denied.join("; ") + &elsewhere).into()),
        }
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let mut fixes = vec![];
        for Puller { rights, .. } in &pullers::pullers(case, facts)? {
            let Some(denial) = denial(roles::may(case, facts, rights, TOKEN, "*", None)?) else { continue };
            let grant = Grant { rights, purpose: "ecr-token", actions: &[TOKEN], resources: &["*".to_owned()] };
            fixes.extend(grant.fix(&denial, facts));
            let policy =
                format!("arn:{}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy", case.region.partition);
            if !rights.identity.iter().any(|one| one.name == policy) {
                let title = format!("Attach AWS's policy for execution roles to {}", rights.role.name);
                let change = Change::Attach { role: rights.role.name.clone(), policy };
                fixes.push(
                    Fix::new(title, Risk::Low)
                        .making(change)
                        .noting("it also allows pulling from every repository and writing to every log group"),
                );
            }
            break;
        }
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        CONTAINER_INSTANCE, EXECUTION_POLICY, Fixture, INSTANCE_POLICY, REPOSITORY, Said, attached, inline, role,
        statement,
    };
    use crate::evidence::Question;

    const ID: CauseId = CauseId::EcrAuthDenied;

    fn bare(fixture: Fixture) -> Fixture {
        fixture.policies("web-execution", &[], &[])
    }

    #[test]
    fn only_a_statement_for_everything_allows_the_token() {
        let with = |policy| Fixture::fargate().policies("web-execution", &[], &[("pull", policy)]).says(ID);
        assert_eq!(with(statement("Allow", &[TOKEN], "*")), Said::Sound);
        assert_eq!(with(statement("Allow", &["ecr:Get*"], "*")), Said::Sound);
        assert_eq!(with(statement("Allow", &[TOKEN], REPOSITORY)), Said::Fault);
        let denied = [("deny", statement("Deny", &["ecr:*"], "*"))];
        assert_eq!(Fixture::fargate().policies("web-execution", &[EXECUTION_POLICY], &denied).says(ID), Said::Fault);
        assert_eq!(Fixture::fargate().app(|app| app.image = "nginx".to_owned()).says(ID), Said::NotApplicable);
        assert_eq!(bare(Fixture::fargate()).absent(role("web-execution")).says(ID), Said::NotApplicable);
    }

    #[test]
    fn the_finding_names_the_role_and_the_statement_that_comes_nearest() {
        let found = bare(Fixture::fargate()).finding(ID);
        assert_eq!(found.resources, ["web-execution"]);
        assert_eq!(
            found.explanation,
            "role web-execution may not call ecr:GetAuthorizationToken: no policy of the role allows it"
        );
        let near = statement("Allow", &[TOKEN], REPOSITORY);
        let near = Fixture::fargate().policies("web-execution", &[], &[("pull", near)]).finding(ID).explanation;
        let nearest = format!("(statement 1 of inline policy `pull` comes nearest and is for {REPOSITORY} only)");
        assert!(near.ends_with(&nearest), "{near}");
    }

    #[test]
    fn a_token_that_the_application_may_get_is_said_to_be_on_the_wrong_role() {
        let token = [("token", statement("Allow", &[TOKEN], "*"))];
        let end = "; the right is on the task role web-task, which is the application's";
        let told = |fixture: Fixture| fixture.policies("web-task", &[], &token).finding(ID).explanation;
        assert!(told(bare(Fixture::fargate())).ends_with(end));
        let both = told(bare(Fixture::ec2()).policies("web-instance", &[], &[]));
        assert_eq!(both.matches("the right is on").count(), 1, "{both}");
    }

    #[test]
    fn on_an_instance_either_role_may_pull_and_both_must_lack_the_right() {
        let neither = bare(Fixture::ec2()).policies("web-instance", &[], &[]);
        assert_eq!([bare(Fixture::ec2()).says(ID), neither.says(ID)], [Said::Sound, Said::Fault]);
        assert_eq!(neither.finding(ID).resources, ["web-execution", "web-instance"]);
        let host =
            Question::ContainerInstance { cluster: "prod".into(), container_instance: CONTAINER_INSTANCE.into() };
        neither.hangs_on(ID, &host);
        neither.hangs_on(ID, &Question::InstanceProfile { profile: "web-instances".into() });
        neither.never_turns(ID);
        assert_eq!(neither.absent(host).says(ID), Said::Unknown, "an instance that is gone took its role with it");
    }

    #[test]
    fn a_policy_that_was_not_read_may_allow_it() {
        let other = Question::InlinePolicy { role: "web-execution".into(), policy: "other".into() };
        let denied = Fixture::fargate().policies(
            "web-execution",
            &[INSTANCE_POLICY],
            &[("other", statement("Allow", &["s3:*"], "*"))],
        );
        let denied = denied.managed(INSTANCE_POLICY, &statement("Allow", &["ecs:*"], "*"));
        let managed = Question::ManagedPolicy { policy: INSTANCE_POLICY.into() };
        let version = Question::PolicyVersion { policy: INSTANCE_POLICY.into(), version: "v1".into() };
        for question in
            [role("web-execution"), attached("web-execution"), inline("web-execution"), other, managed, version]
        {
            denied.hangs_on(ID, &question);
        }
    }

    #[test]
    fn the_right_or_awss_policy_mends_it_under_a_name_that_is_free() {
        let fixes = bare(Fixture::fargate()).mended(ID);
        let [Change::Allow { policy, resources, .. }] = fixes[0].changes.as_slice() else { unreachable!() };
        assert_eq!((policy.as_str(), resources.as_slice()), ("ecs-why-ecr-token", &["*".to_owned()][..]));
        let attach = Change::Attach { role: "web-execution".to_owned(), policy: EXECUTION_POLICY.to_owned() };
        assert_eq!(fixes[1].changes, [attach]);
        let taken = [("ecs-why-ecr-token", statement("Allow", &["s3:*"], "*"))];
        let taken = Fixture::fargate().policies("web-execution", &[], &taken).mended(ID);
        assert!(matches!(&taken[0].changes[..], [Change::Allow { policy, .. }] if policy == "ecs-why-ecr-token-2"));
    }
}
