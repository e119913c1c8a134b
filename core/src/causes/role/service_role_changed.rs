//! The role that a service was given is not there, does not trust ECS, or lacks the rights for its load balancer.

use super::assumable::{SERVICE, service_policy};
use super::denied::{Grant, denial, why};
use crate::case::RoleName;
use crate::causes::prelude::*;
use crate::iam::Denial;
use crate::launch::roles::{self, RoleRights};
use crate::model::Unknown;
use std::rc::Rc;

documented! {
/// The role with which ECS keeps the service up lost its trust in `ecs.amazonaws.com`, its rights, or is gone.
///
/// # Why a task stops here
/// ECS registers tasks with the load balancer in the name of a role: the service-linked `AWSServiceRoleForECS`, a role of the
/// service's own as in old times, or the load balancer role of a blue/green service. Where it cannot be assumed, or may not
/// register targets, new tasks never serve, and the service's events say that ECS can no longer maintain it, without naming
/// the role.
/// # How it is told
/// The roles that the service names are looked up, their trust policies are evaluated for `ecs.amazonaws.com`, and an own role's
/// policies for `elasticloadbalancing:RegisterTargets` on the service's target groups. AWS says the same of a role of the task
/// definition: those are judged by causes of their own.
/// # Prevention
/// Give a service no role of its own where the service-linked one serves, and watch CloudTrail for `UpdateAssumeRolePolicy`,
/// `DetachRolePolicy` and `DeleteRole` on roles that services use.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html>
pub struct ServiceRoleChanged;
}

const DOCS: &str = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html";
const TARGETS: [&str; 2] = ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"];

/// A role that acts for a service.
struct Acting {
    name: RoleName,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// AWS made it, and nobody can edit it: it is there or not.
    Linked,
    /// Somebody made it for the service's load balancer, as in old times.
    Own,
    /// Somebody made it for the load balancer of blue/green deployments.
    BlueGreen,
}

fn acting(case: &Case<'_>) -> Vec<Acting> {
    let Some(service) = case.service else { return vec![] };
    let named = service.role.iter().map(|text| {
        let name = case.role_name(text);
        let kind = if name.name.starts_with("AWSServiceRoleFor") { Kind::Linked } else { Kind::Own };
        Acting { name, kind }
    });
    let others = service.balancer_roles.iter().map(|text| Acting { name: case.role_name(text), kind: Kind::BlueGreen });
    named.chain(others).collect()
}

impl Acting {
    fn judge(&self, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        // Asked along with the role, and not after it.
        let denied = self.denied(case, facts);
        match SERVICE.judge(&self.name, case, facts)? {
            Verdict::Sound => {}
            other => return Ok(other),
        }
        let Some((rights, denial)) = denied? else { return Ok(Verdict::Sound) };
        let why = format!("{} {} may not register targets: {}", SERVICE.what, rights.role.name, why(&denial));
        Ok(Finding::on([rights.role.name.clone(), rights.role.arn.clone()]).because(why).into())
    }

    /// Why an own role may not register targets, if it may not. What the other kinds may do AWS's policies say.
    fn denied(&self, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<(Rc<RoleRights>, Denial)>, Unknown> {
        let groups = case.service.map_or(&[][..], |service| &service.target_groups);
        if self.kind != Kind::Own || groups.is_empty() {
            return Ok(None);
        }
        let Some(rights) = roles::rights(case, facts, &self.name)? else { return Ok(None) };
        for group in groups {
            for action in TARGETS {
                if let Some(denial) = denial(roles::may(case, facts, &rights, action, group, None)?) {
                    return Ok(Some((rights, denial)));
                }
            }
        }
        Ok(None)
    }

    fn policy(&self, case: &Case<'_>) -> String {
        match self.kind {
            Kind::Linked | Kind::Own => service_policy(case, "AmazonEC2ContainerServiceRole"),
            Kind::BlueGreen => {
                let partition = &case.region.partition;
                format!("arn:{partition}:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers")
            }
        }
    }

    fn fixes(&self, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let policy = self.policy(case);
        if self.kind == Kind::Linked {
            let make = crate::change::command([
                "aws",
                "iam",
                "create-service-linked-role",
                "--aws-service-name",
                "ecs.amazonaws.com",
            ]);
            let fix = Fix::new("Make the service-linked role of ECS again", Risk::Low)
                .making(Change::ByHand { commands: vec![make] });
            return Ok(vec![fix]);
        }
        if !matches!(SERVICE.judge(&self.name, case, facts)?, Verdict::Sound | Verdict::Healed(_)) {
            return Ok(vec![SERVICE.fix(&self.name, Some(policy), case, facts)?]);
        }
        let Some((rights, denial)) = self.denied(case, facts)? else { return Ok(vec![]) };
        let groups = case.service.map_or(&[][..], |service| &service.target_groups);
        let grant = Grant { rights: &rights, purpose: "targets", actions: &TARGETS, resources: groups };
        let mut fixes = grant.fix(&denial, facts);
        if matches!(denial, Denial::Implicit { .. }) && !rights.identity.iter().any(|one| one.name == policy) {
            let title = format!("Attach AWS's policy for service roles to {}", rights.role.name);
            fixes.push(Fix::new(title, Risk::Low).making(Change::Attach { role: rights.role.name.clone(), policy }));
        }
        Ok(fixes)
    }
}

impl Cause for ServiceRoleChanged {
    type Subject = Whole;
    const ID: CauseId = CauseId::ServiceRoleChanged;
    const READS: &'static [&'static [Source]] = &[roles::READS];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        case.service_known?;
        // All of them are read before one that is not known ends it.
        let judged: Vec<Judgement> = acting(case).iter().map(|role| role.judge(case, facts)).collect();
        let mut verdict = Verdict::NotApplicable;
        for one in judged {
            match one? {
                fault @ Verdict::Fault(_) => return Ok(fault),
                healed @ Verdict::Healed(_) => verdict = healed,
                _ if verdict == Verdict::NotApplicable => verdict = Verdict::Sound,
                _ => {}
            }
        }
        Ok(verdict)
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let mut fixes = vec![];
        for role in &acting(case) {
            if matches!(role.judge(case, facts)?, Verdict::Fault(_)) {
                fixes.extend(role.fixes(case, facts)?.into_iter().map(|fix| fix.documented_at(DOCS)));
            }
        }
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, inline, role, role_arn, statement, trust};

    const ID: CauseId = CauseId::ServiceRoleChanged;
    const GROUP: &str = "arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/web/0123456789abcdef";

    fn given(service: &str, actions: &[&str]) -> Fixture {
        let text = trust(service);
        let policy = statement("Allow", actions, "*");
        let fixture = Fixture::fargate().policies("ecsServiceRole", &[], &[("balancer", policy)]);
        fixture.role("ecsServiceRole", |role| role.trust = text).service(|one| {
            one.role = Some(role_arn("ecsServiceRole"));
            one.target_groups = vec![GROUP.to_owned()];
        })
    }

    #[test]
    fn a_role_of_its_own_must_trust_ecs_and_may_register_targets() {
        let rows = [
            (given("ecs.amazonaws.com", &TARGETS), Said::Sound, "as it was"),
            (given("ec2.amazonaws.com", &TARGETS), Said::Fault, "it trusts instances"),
            (given("ecs.amazonaws.com", &TARGETS[..1]), Said::Fault, "it may not take targets out"),
            (given("ecs.amazonaws.com", &[]).service(|one| one.target_groups.clear()), Said::Sound, "no balancer"),
            (given("ecs.amazonaws.com", &TARGETS).absent(role("ecsServiceRole")), Said::Fault, "it is gone"),
            (Fixture::fargate(), Said::NotApplicable, "the service names none"),
        ];
        for (fixture, said, why) in rows {
            assert_eq!(fixture.says(ID), said, "{why}");
        }
        let closed = given("ec2.amazonaws.com", &TARGETS);
        assert_eq!(closed.finding(ID).resources, ["ecsServiceRole".to_owned(), role_arn("ecsServiceRole")]);
        closed.hangs_on(ID, &role("ecsServiceRole"));
        closed.never_turns(ID);
        given("ecs.amazonaws.com", &[]).hangs_on(ID, &inline("ecsServiceRole"));
    }

    #[test]
    fn the_service_linked_role_is_there_or_not() {
        let name = "AWSServiceRoleForECS";
        let linked = |text: &str| {
            let text = trust(text);
            let arn = format!("arn:aws:iam::111111111111:role/aws-service-role/ecs.amazonaws.com/{name}");
            Fixture::fargate().role(name, |role| role.trust = text).service(|one| {
                one.role = Some(arn);
                one.target_groups = vec![GROUP.to_owned()];
            })
        };
        assert_eq!(linked("ecs.amazonaws.com").says(ID), Said::Sound, "what it may do AWS decides");
        let gone = linked("ecs.amazonaws.com").absent(role(name));
        assert_eq!(gone.says(ID), Said::Fault);
        let [Change::ByHand { commands }] = &gone.mended(ID)[0].changes[..] else { unreachable!() };
        assert_eq!(commands[0], "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com");
    }

    #[test]
    fn a_role_for_blue_green_deployments_is_looked_at_as_well() {
        let text = trust("ec2.amazonaws.com");
        let fixture = Fixture::fargate()
            .role("blueGreen", |role| role.trust = text)
            .service(|one| one.balancer_roles = vec![role_arn("blueGreen")]);
        assert_eq!(fixture.says(ID), Said::Fault);
        let gone = fixture.absent(role("blueGreen"));
        let [Change::CreateRole { policy: Some(policy), .. }] = &gone.mended(ID)[0].changes[..] else { unreachable!() };
        assert_eq!(policy, "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers");
    }

    #[test]
    fn trust_and_rights_are_given_back() {
        let closed = given("ec2.amazonaws.com", &TARGETS);
        let fixes = closed.mended(ID);
        assert!(matches!(&fixes[0].changes[..], [Change::Trust { .. }]));
        assert_eq!(closed.after(&fixes[0]).says(ID), Said::Sound);
        let bare = given("ecs.amazonaws.com", &["ec2:Describe*"]);
        let fixes = bare.mended(ID);
        let [Change::Allow { actions, resources, .. }] = &fixes[0].changes[..] else { unreachable!() };
        assert_eq!(
            (actions.as_slice(), resources.as_slice()),
            (&TARGETS.map(str::to_owned)[..], &[GROUP.to_owned()][..])
        );
        assert_eq!(bare.after(&fixes[0]).says(ID), Said::Sound);
        assert!(matches!(&fixes[1].changes[..], [Change::Attach { .. }]));
    }
}
