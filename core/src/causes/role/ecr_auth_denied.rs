//! The pulling role may not get a token of ECR.

use super::denied::{Grant, denial, why};
use crate::causes::prelude::*;
use crate::launch::images::EcrUse;
use crate::launch::pullers::{self, Puller};
use crate::launch::roles;

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
    const READS: &'static [&'static [Source]] = &[roles::READS, pullers::READS];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if !case.containers()?.iter().any(|container| EcrUse::of(container).is_some()) {
            return Ok(Verdict::NotApplicable);
        }
        let pullers = pullers::pullers(case, facts)?;
        let mut denied = vec![];
        for Puller { name, rights } in &pullers {
            let decision = roles::may(case, facts, rights, TOKEN, "*", None)?;
            match denial(decision) {
                Some(denial) => denied.push(format!("role {name} may not call {TOKEN}: {}", why(&denial))),
                None => return Ok(Verdict::Sound),
            }
        }
        match denied.is_empty() {
            // No role at all is another cause's.
            true => Ok(Verdict::NotApplicable),
            false => {
                let names = pullers.iter().map(|puller| puller.name.clone());
                Ok(Finding::on(names).because(denied.join("; ")).into())
            }
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
