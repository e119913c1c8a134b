//! The execution role is not there, or does not trust ECS.

use super::assumable::{EXECUTION, service_policy};
use crate::causes::prelude::*;
use crate::launch::roles;

documented! {
/// The execution role does not exist, or does not trust `ecs-tasks.amazonaws.com`.
///
/// # Why a task stops here
/// ECS assumes the execution role for the task before anything else. Where it cannot, no task is made at all: the service's
/// events are the only ones to say so.
/// # How it is told
/// The role is looked up by its name, and its trust policy is evaluated for `sts:AssumeRole` by `ecs-tasks.amazonaws.com`,
/// with the task's account and ARN where the policy asks for them.
/// # Prevention
/// Make role and definition in one stack, so that neither is renamed alone.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html>
pub struct ExecutionRoleNotAssumable;
}

/// AWS's policy for execution roles.
const POLICY: &str = "AmazonECSTaskExecutionRolePolicy";

impl Cause for ExecutionRoleNotAssumable {
    type Subject = Whole;
    const ID: CauseId = CauseId::ExecutionRoleNotAssumable;
    const READS: &'static [&'static [Source]] = &[&[Source::Role, Source::ManagedPolicy, Source::PolicyVersion]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(name) = case.execution_role()? else { return Ok(Verdict::NotApplicable) };
        if let Ok(None) = roles::read_role(case, facts, &name) {
            // What a new role would be given is asked along, and not after the verdict.
            let policy = service_policy(case, POLICY);
            if let Ok(Some(found)) = facts.managed_policy(policy.as_str()) {
                let _ = facts.policy_version(policy, &found.default_version);
            }
        }
        EXECUTION.judge(&name, case, facts)
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(name) = case.execution_role()? else { return Ok(vec![]) };
        let fix = EXECUTION.fix(&name, Some(service_policy(case, POLICY)), case, facts)?;
        let makes = matches!(fix.changes.as_slice(), [Change::CreateRole { .. }]);
        let note = "if the role was renamed, name its new ARN in a new revision instead";
        let fix = if makes { fix.noting(note) } else { fix };
        Ok(vec![
            fix.documented_at(
                "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
            ),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{EXECUTION_POLICY, Fixture, Said, role, role_arn, trust};
    use serde_json::json;

    const ID: CauseId = CauseId::ExecutionRoleNotAssumable;
    const SERVICE: &str = EXECUTION.service;

    fn trusting_only(text: String) -> Fixture {
        Fixture::fargate().role("web-execution", |role| role.trust = text)
    }

    fn conditioned(operator: &str, key: &str, value: &str) -> Fixture {
        let mut policy: serde_json::Value = serde_json::from_str(&trust(SERVICE)).expect("it is a policy");
        policy["Statement"][0]["Condition"] = json!({operator: {key: value}});
        trusting_only(policy.to_string())
    }

    #[test]
    fn the_trust_policy_must_name_ecs_tasks_and_its_conditions_must_hold() {
        let arn = "arn:aws:ecs:us-east-1:111111111111:*";
        let rows = [
            (trusting_only(trust(SERVICE)), Said::Sound, "as AWS writes it"),
            (trusting_only(trust("ecs.amazonaws.com")), Said::Fault, "the service's principal, not the tasks'"),
            (trusting_only(trust("ec2.amazonaws.com")), Said::Fault, "a role for instances"),
            (conditioned("StringEquals", "aws:SourceAccount", "111111111111"), Said::Sound, "this account"),
            (conditioned("StringEquals", "aws:SourceAccount", "222222222222"), Said::Fault, "another account"),
            (conditioned("ArnLike", "aws:SourceArn", arn), Said::Sound, "this region"),
            (conditioned("ArnLike", "aws:SourceArn", &arn.replace("us-east-1", "eu-west-1")), Said::Fault, "another"),
        ];
        for (fixture, said, why) in rows {
            assert_eq!(fixture.says(ID), said, "{why}");
        }
    }

    #[test]
    fn a_role_that_does_not_exist_or_trusts_others_is_named_with_its_arn() {
        let gone = Fixture::fargate().absent(role("web-execution")).finding(ID);
        assert_eq!(gone.resources, ["web-execution".to_owned(), role_arn("web-execution")]);
        assert_eq!(gone.explanation, "the execution role web-execution does not exist");
        let closed = trusting_only(trust("ec2.amazonaws.com")).finding(ID);
        assert_eq!(closed.resources, gone.resources);
        assert!(closed.explanation.ends_with("no statement of its trust policy names it"), "{closed:?}");
    }

    #[test]
    fn the_role_of_another_account_or_one_that_is_not_readable_is_not_known() {
        Fixture::fargate().absent(role("web-execution")).hangs_on(ID, &role("web-execution"));
        assert_eq!(trusting_only("{".to_owned()).says(ID), Said::Unknown);
        let foreign = Some("arn:aws:iam::222222222222:role/web-execution".to_owned());
        assert_eq!(Fixture::fargate().revision(|one| one.execution_role = foreign).says(ID), Said::Unknown);
        assert_eq!(Fixture::fargate().revision(|one| one.execution_role = None).says(ID), Said::NotApplicable);
    }

    #[test]
    fn the_trust_policy_is_opened_and_keeps_what_it_had() {
        let closed = trusting_only(trust("ec2.amazonaws.com"));
        let fixes = closed.mended(ID);
        let [Change::Trust { role, document }] = fixes[0].changes.as_slice() else { unreachable!() };
        assert_eq!(role, "web-execution");
        assert!(document.contains("ec2.amazonaws.com") && document.contains(SERVICE), "{document}");
        assert_eq!(closed.after(&fixes[0]).says(ID), Said::Sound);
    }

    #[test]
    fn a_role_that_is_gone_is_made_anew_under_its_own_path() {
        let arn = "arn:aws:iam::111111111111:role/teams/web/web-execution".to_owned();
        let named = arn.clone();
        let gone = Fixture::fargate().revision(|one| one.execution_role = Some(named)).absent(role("web-execution"));
        let fixes = gone.mended(ID);
        let made_trust = crate::iam::edit::with_statement(
            None,
            json!({"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}),
            crate::iam::edit::Place::First,
        );
        let made = Change::CreateRole {
            role: "web-execution".to_owned(),
            path: "/teams/web/".to_owned(),
            trust: made_trust,
            policy: Some(EXECUTION_POLICY.to_owned()),
            arn,
        };
        assert_eq!(fixes[0].changes, [made]);
        assert_eq!(gone.after(&fixes[0]).says(ID), Said::Sound);
        assert_eq!(gone.after(&fixes[0]).says(CauseId::EcrAuthDenied), Said::Sound, "with AWS's policy it may pull");
        let by_name = Fixture::fargate().revision(|one| one.execution_role = Some("bare".into())).absent(role("bare"));
        let [Change::CreateRole { path, arn, .. }] = &by_name.mended(ID)[0].changes[..] else { unreachable!() };
        assert_eq!((path.as_str(), arn.as_str()), ("/", role_arn("bare").as_str()));
    }
}
