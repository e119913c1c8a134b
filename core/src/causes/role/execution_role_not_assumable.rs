//! The execution role is not there, or does not trust ECS.

use super::denied::why;
use crate::causes::prelude::*;
use crate::iam::edit::{Place, with_statement};
use crate::iam::{Context, Decision, trusts};
use crate::launch::roles;
use serde_json::json;

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

const SERVICE: &str = "ecs-tasks.amazonaws.com";

/// What ECS tells of the task when it assumes a role for it.
fn trust_context(case: &Case<'_>) -> Context {
    let mut context = Context::new();
    let none = "0".repeat(32);
    let made = || case.arn("ecs", &format!("task/{}/{none}", case.cluster));
    context.set("aws:SourceAccount", &case.region.account);
    context.set("aws:SourceArn", case.task.map_or_else(made, |task| task.arn.clone()));
    context
}

/// AWS's policy for execution roles.
fn execution_policy(case: &Case<'_>) -> String {
    format!("arn:{}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy", case.region.partition)
}

/// The trust policy with a statement for ECS before the others.
fn trusting(text: Option<&str>) -> String {
    let ours = json!({"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"});
    with_statement(text, ours, Place::First)
}

impl Cause for ExecutionRoleNotAssumable {
    type Subject = Whole;
    const ID: CauseId = CauseId::ExecutionRoleNotAssumable;
    const READS: &'static [&'static [Source]] = &[&[Source::Role, Source::ManagedPolicy, Source::PolicyVersion]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(name) = case.execution_role()? else { return Ok(Verdict::NotApplicable) };
        let Some(role) = roles::read_role(case, facts, &name)? else {
            // What a new role would be given is asked along, and not after the verdict.
            let policy = execution_policy(case);
            if let Ok(Some(found)) = facts.managed_policy(policy.as_str()) {
                let _ = facts.policy_version(policy, &found.default_version);
            }
            let why = format!("the execution role {} does not exist", name.name);
            return Ok(Finding::on([name.name, name.text]).because(why).into());
        };
        let document = roles::document(facts, "iam:GetRole", "the trust policy", &role.trust)?;
        let decision = trusts(&document, SERVICE, &trust_context(case));
        match roles::known(facts, "sts:AssumeRole", decision)? {
            Decision::Denied(denial) => {
                let reason = match &denial {
                    crate::iam::Denial::Explicit { .. } => why(&denial),
                    crate::iam::Denial::Implicit { .. } => "no statement of its trust policy names it".to_owned(),
                };
                let why = format!("the execution role {} does not let {SERVICE} assume it: {reason}", role.name);
                Ok(Finding::on([role.name.clone(), role.arn.clone()]).because(why).into())
            }
            Decision::Allowed { .. } | Decision::Unknown { .. } => Ok(Verdict::Sound),
        }
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(name) = case.execution_role()? else { return Ok(vec![]) };
        let fix = match roles::read_role(case, facts, &name)? {
            Some(role) => Fix::new(format!("Let ECS assume role {}", role.name), Risk::Low)
                .making(Change::Trust { role: role.name.clone(), document: trusting(Some(&role.trust)) }),
            None => {
                let resource = name.text.split_once(":role").map_or("/", |(_, path)| path);
                let path = resource.rsplit_once('/').map_or("/".to_owned(), |(path, _)| format!("{path}/"));
                let arn = format!("arn:{}:iam::{}:role{path}{}", case.region.partition, case.region.account, name.name);
                let policy = execution_policy(case);
                let role = name.name.clone();
                Fix::new(format!("Make role {role}, with AWS's policy for execution roles"), Risk::Low)
                    .making(Change::CreateExecutionRole { role, path, trust: trusting(None), policy, arn })
                    .noting("if the role was renamed, name its new ARN in a new revision instead")
            }
        };
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

    const ID: CauseId = CauseId::ExecutionRoleNotAssumable;

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
        let made = Change::CreateExecutionRole {
            role: "web-execution".to_owned(),
            path: "/teams/web/".to_owned(),
            trust: trusting(None),
            policy: EXECUTION_POLICY.to_owned(),
            arn,
        };
        assert_eq!(fixes[0].changes, [made]);
        assert_eq!(gone.after(&fixes[0]).says(ID), Said::Sound);
        assert_eq!(gone.after(&fixes[0]).says(CauseId::EcrAuthDenied), Said::Sound, "with AWS's policy it may pull");
        let by_name = Fixture::fargate().revision(|one| one.execution_role = Some("bare".into())).absent(role("bare"));
        let [Change::CreateExecutionRole { path, arn, .. }] = &by_name.mended(ID)[0].changes[..] else {
            unreachable!()
        };
        assert_eq!((path.as_str(), arn.as_str()), ("/", role_arn("bare").as_str()));
    }
}
