//! The definition names no execution role, and needs one.

use crate::case::{Container, LaunchType};
use crate::causes::prelude::*;
use crate::launch::images::EcrUse;

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

impl Cause for ExecutionRoleMissing {
    type Subject = Whole;
    const ID: CauseId = CauseId::ExecutionRoleMissing;
    const READS: &'static [&'static [Source]] = &[&[Source::TaskDefinition]];

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
        let revision = case.revision().unwrap_or_else(|| "the definition".to_owned());
        let why = format!("{revision} names no execution role, and container {container} needs one for {what}");
        Ok(Finding::on(case.definition_arn.clone()).because(why).into())
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let role = format!("arn:{}:iam::{}:role/ecsTaskExecutionRole", case.region.partition, case.region.account);
        let fix = Fix::new("Name an execution role in a new revision", Risk::Medium)
            .making(Change::UseExecutionRole { role })
            .noting("ecsTaskExecutionRole is the name that the console gives: put your own role's ARN in its place");
        Ok(vec![fix])
    }
}
