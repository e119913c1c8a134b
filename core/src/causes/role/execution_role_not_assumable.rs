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

/// The trust policy with a statement for ECS before the others.
fn trusting(text: Option<&str>) -> String {
    let ours = json!({"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"});
    with_statement(text, ours, Place::First)
}

impl Cause for ExecutionRoleNotAssumable {
    type Subject = Whole;
    const ID: CauseId = CauseId::ExecutionRoleNotAssumable;
    const READS: &'static [&'static [Source]] = &[&[Source::Role]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(name) = case.execution_role()? else { return Ok(Verdict::NotApplicable) };
        let Some(role) = roles::read_role(case, facts, &name)? else {
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
                let policy = format!(
                    "arn:{}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
                    case.region.partition
                );
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
