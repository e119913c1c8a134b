//! The right that a role lacks may be on another role of the task.
//!
//! ECS takes secrets, images and logs with the execution role and gives the task role to the application; on an instance
//! there is a third one. Whoever grants a right to the wrong one of them sees it "allowed", and the task stops all the same.
//! A cause calls [`along`] before its first `?`, so that the other roles are read with the one that it judges, and ends its
//! explanation with [`told`].

use super::pullers;
use super::roles::{self, RoleRights};
use crate::case::{Case, LaunchType, RoleName};
use crate::evidence::{Facts, Source};
use crate::iam::{Denial, PolicyKind};
use crate::model::Unknown;
use indexmap::IndexMap;

/// What reading the other roles reads.
pub const READS: &[&[Source]] = &[roles::READS, pullers::READS];

/// A role of a launch, and what it is for.
struct Bearer {
    name: RoleName,
    what: &'static str,
    whose: &'static str,
}

/// Asks for the policies of all roles of the task, so that [`told`] costs no round of its own.
pub fn along(case: &Case<'_>, facts: &Facts<'_>) {
    for bearer in bearers(case, facts) {
        let _ = roles::rights(case, facts, &bearer.name);
    }
}

/// The end of a sentence that names the role which has the right that `lacking` has not; empty where there is none, or
/// where that is not known.
///
/// `allowed` says whether a role may make the call, with the policy of the resource where there is one. A denial that is
/// written down is not a right in the wrong place, nor is a boundary: nothing is told of them.
pub fn told(
    case: &Case<'_>,
    facts: &Facts<'_>,
    lacking: &[&str],
    denial: &Denial,
    allowed: impl Fn(&RoleRights) -> Result<bool, Unknown>,
) -> String {
    let Denial::Implicit { layer: PolicyKind::Identity, .. } = denial else { return String::new() };
    for Bearer { name, what, whose } in bearers(case, facts) {
        if lacking.contains(&name.name.as_str()) {
            continue;
        }
        let Ok(Some(rights)) = roles::rights(case, facts, &name) else { continue };
        if allowed(&rights) == Ok(true) {
            return format!("; the right is on the {what} role {}, which is {whose}", name.name);
        }
    }
    String::new()
}

/// The task's roles as far as they are known, each once: a role that has two duties is no wrong place for either.
fn bearers(case: &Case<'_>, facts: &Facts<'_>) -> Vec<Bearer> {
    let mut named: IndexMap<String, Bearer> = IndexMap::new();
    let mut add = |role: Result<Option<RoleName>, Unknown>, what, whose| {
        if let Ok(Some(name)) = role {
            named.entry(name.name.clone()).or_insert(Bearer { name, what, whose });
        }
    };
    add(case.task_role(), "task", "the application's");
    add(case.execution_role(), "execution", "for ECS itself, not for the application");
    if matches!(case.launch, LaunchType::Instance | LaunchType::Elsewhere) {
        add(pullers::instance_role(case, facts), "instance", "for the instance and its agent");
    }
    named.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{EXECUTION_POLICY, Fixture, INSTANCE_POLICY, inline, statement};
    use crate::iam::Decision;
    use crate::iam::Witness;

    const ACTION: &str = "s3:GetObject";
    const FILE: &str = "arn:aws:s3:::files/app.env";

    fn implicit(layer: PolicyKind) -> Denial {
        Denial::Implicit { layer, nearest: None }
    }

    fn said(fixture: &Fixture, lacking: &[&str], denial: &Denial) -> String {
        let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
        told(&case, &facts, lacking, denial, |rights| {
            let decision = roles::may(&case, &facts, rights, ACTION, FILE, None)?;
            Ok(matches!(decision, Decision::Allowed { .. }))
        })
    }

    fn file_for(fixture: Fixture, role: &str) -> Fixture {
        let plain = fixture.policies("web-execution", &[EXECUTION_POLICY], &[]).policies("web-task", &[], &[]);
        plain.policies(role, &[], &[("file", statement("Allow", &[ACTION], FILE))])
    }

    #[test]
    fn the_role_that_has_the_right_is_named_with_what_it_is_for() {
        let identity = implicit(PolicyKind::Identity);
        let task = file_for(Fixture::fargate(), "web-task");
        let expected = "; the right is on the task role web-task, which is the application's";
        assert_eq!(said(&task, &["web-execution"], &identity), expected);
        let execution = file_for(Fixture::fargate(), "web-execution");
        let expected =
            "; the right is on the execution role web-execution, which is for ECS itself, not for the application";
        assert_eq!(said(&execution, &["web-task"], &identity), expected);
        let instance = file_for(Fixture::ec2(), "web-instance");
        let expected = "; the right is on the instance role web-instance, which is for the instance and its agent";
        assert_eq!(said(&instance, &["web-execution"], &identity), expected);
        let on_fargate = file_for(Fixture::fargate(), "web-instance");
        assert_eq!(said(&on_fargate, &["web-execution"], &identity), "", "Fargate knows no instance");
    }

    #[test]
    fn nothing_is_told_where_no_other_role_has_it_or_that_is_not_known() {
        let identity = implicit(PolicyKind::Identity);
        let task = file_for(Fixture::fargate(), "web-task");
        assert_eq!(said(&task, &["web-execution", "web-task"], &identity), "", "both lack it");
        assert_eq!(said(&task.clone().gap(inline("web-task")), &["web-execution"], &identity), "");
        let one = task.revision(|one| one.task_role = one.execution_role.clone());
        assert_eq!(said(&one, &["web-execution"], &identity), "", "one role for both");
        let nobody = file_for(Fixture::ec2(), "other").policies("web-instance", &[INSTANCE_POLICY], &[]);
        assert_eq!(said(&nobody, &["web-execution"], &identity), "");
    }

    #[test]
    fn a_denial_in_writing_and_a_boundary_are_no_right_in_the_wrong_place() {
        let task = file_for(Fixture::fargate(), "web-task");
        let policy = "deny".to_owned();
        let by = Witness { policy, kind: PolicyKind::Identity, sid: None, statement: 0 };
        assert_eq!(said(&task, &["web-execution"], &Denial::Explicit { by }), "");
        assert_eq!(said(&task, &["web-execution"], &implicit(PolicyKind::Boundary)), "");
    }
}
