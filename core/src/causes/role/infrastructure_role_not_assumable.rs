//! The role with which ECS makes volumes is not there, or does not trust ECS.

use super::assumable::{INFRASTRUCTURE, service_policy};
use crate::case::RoleName;
use crate::causes::prelude::*;

documented! {
/// The ECS infrastructure role does not exist, or does not trust `ecs.amazonaws.com`.
///
/// # Why a task stops here
/// With this role ECS itself makes and attaches the EBS volumes of tasks (and certificates for Service Connect, targets for VPC
/// Lattice). The principal is `ecs.amazonaws.com`, not the `ecs-tasks.amazonaws.com` of the other roles. A volume is attached
/// after the task was placed, so the task is made, and stops.
/// # How it is told
/// The deployment, or the stop reason, names the role; it is looked up by its name, and its trust policy is evaluated for
/// `sts:AssumeRole` by `ecs.amazonaws.com`. Where role and trust are sound, ECS says the same of a caller who may not pass the
/// role and of a role that was made a minute before.
/// # Prevention
/// Keep the role in the module of the service, with AWS's policy for volumes, and neither delete nor narrow it while tasks with
/// volumes run.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html>
pub struct InfrastructureRoleNotAssumable;
}

/// The roles of the deployment, and the one of which the stop says that ECS could not assume it.
fn roles(case: &Case<'_>) -> Vec<RoleName> {
    let named = case.deployment.map_or(&[][..], |deployment| &deployment.infrastructure_roles);
    let told = case
        .symptom
        .as_ref()
        .filter(|symptom| symptom.first() == CauseId::InfrastructureRoleNotAssumable)
        .and_then(|symptom| symptom.facts.get("role")?.as_str());
    let mut all: Vec<RoleName> = vec![];
    for text in named.iter().map(String::as_str).chain(told) {
        let role = case.role_name(text);
        if !all.iter().any(|other| other.name == role.name) {
            all.push(role);
        }
    }
    all
}

impl Cause for InfrastructureRoleNotAssumable {
    type Subject = Whole;
    const ID: CauseId = CauseId::InfrastructureRoleNotAssumable;
    const READS: &'static [&'static [Source]] = &[&[Source::Role]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        // All of them are read before one that is not known ends it.
        let judged: Vec<Judgement> = roles(case).iter().map(|name| INFRASTRUCTURE.judge(name, case, facts)).collect();
        let mut verdict = Verdict::NotApplicable;
        for one in judged {
            match one? {
                fault @ Verdict::Fault(_) => return Ok(fault),
                healed @ Verdict::Healed(_) => verdict = healed,
                Verdict::Sound if verdict == Verdict::NotApplicable => verdict = Verdict::Sound,
                _ => {}
            }
        }
        Ok(verdict)
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let mut fixes = vec![];
        for name in &roles(case) {
            if matches!(INFRASTRUCTURE.judge(name, case, facts)?, Verdict::Fault(_)) {
                let policy = service_policy(case, "AmazonECSInfrastructureRolePolicyForVolumes");
                let docs = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html";
                fixes.push(INFRASTRUCTURE.fix(name, Some(policy), case, facts)?.documented_at(docs));
            }
        }
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, role, role_arn, trust};

    const ID: CauseId = CauseId::InfrastructureRoleNotAssumable;

    fn with_volumes(service: &str) -> Fixture {
        let text = trust(service);
        Fixture::fargate()
            .service(|one| one.deployments.iter_mut().for_each(|d| d.infrastructure_roles = vec![role_arn("volumes")]))
            .role("volumes", |role| role.trust = text)
    }

    #[test]
    fn it_must_trust_ecs_itself_and_not_its_tasks() {
        assert_eq!(with_volumes("ecs.amazonaws.com").says(ID), Said::Sound);
        let closed = with_volumes("ecs-tasks.amazonaws.com");
        assert_eq!(closed.says(ID), Said::Fault);
        let found = closed.finding(ID);
        assert_eq!(found.resources, ["volumes".to_owned(), role_arn("volumes")]);
        assert!(
            found.explanation.starts_with("the infrastructure role volumes does not let ecs.amazonaws.com assume it")
        );
        closed.hangs_on(ID, &role("volumes"));
        closed.never_turns(ID);
        assert_eq!(Fixture::fargate().says(ID), Said::NotApplicable, "no volume, no role");
    }

    #[test]
    fn a_task_without_a_service_has_only_its_stop_to_name_the_role() {
        let reason = format!(
            "ECS was unable to assume the configured ECS Infrastructure Role '{}'. Please verify that the role being passed has the proper trust relationship with Amazon ECS.",
            role_arn("volumes")
        );
        let told = Fixture::fargate().stopped("TaskFailedToStart", &reason);
        assert_eq!(told.clone().absent(role("volumes")).says(ID), Said::Fault);
        let text = trust("ecs.amazonaws.com");
        assert_eq!(told.role("volumes", |role| role.trust = text).says(ID), Said::Sound);
    }

    #[test]
    fn its_trust_is_opened_or_it_is_made_anew_with_awss_policy() {
        let closed = with_volumes("ecs-tasks.amazonaws.com");
        let fixes = closed.mended(ID);
        assert!(matches!(&fixes[0].changes[..], [Change::Trust { role, .. }] if role == "volumes"));
        assert_eq!(closed.after(&fixes[0]).says(ID), Said::Sound);
        let gone = with_volumes("ecs.amazonaws.com").absent(role("volumes"));
        let fixes = gone.mended(ID);
        let [Change::CreateRole { policy: Some(policy), trust, .. }] = &fixes[0].changes[..] else { unreachable!() };
        assert!(
            policy.ends_with("/AmazonECSInfrastructureRolePolicyForVolumes") && trust.contains("ecs.amazonaws.com")
        );
        assert_eq!(gone.after(&fixes[0]).says(ID), Said::Sound);
    }
}
