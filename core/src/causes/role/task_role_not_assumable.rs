//! The task role is not there, or does not trust ECS.

use super::assumable::TASK;
use crate::causes::prelude::*;

documented! {
/// The task role does not exist, or does not trust `ecs-tasks.amazonaws.com`.
///
/// # Why a task stops here
/// ECS assumes the task role, whose credentials the application gets, before it makes the task. Where it cannot, no task is
/// made at all: the service's events are the only ones to say so, with the role's ARN. A role that was deleted and made again
/// under its name is another role, and a condition on `aws:SourceArn` that names a cluster never holds: ECS names the task.
/// # How it is told
/// The role is looked up by its name, and its trust policy is evaluated for `sts:AssumeRole` by `ecs-tasks.amazonaws.com`,
/// with the task's account and ARN where the policy asks for them. A role that was made after the task had stopped was not
/// there for it.
/// # Prevention
/// Make role and definition in one stack, and never delete a role that a revision in use names. What is deployed needs
/// `iam:PassRole` on it, or the new revision is refused.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>
pub struct TaskRoleNotAssumable;
}

impl Cause for TaskRoleNotAssumable {
    type Subject = Whole;
    const ID: CauseId = CauseId::TaskRoleNotAssumable;
    const READS: &'static [&'static [Source]] = &[&[Source::Role]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        match case.task_role()? {
            Some(name) => TASK.judge(&name, case, facts),
            None => Ok(Verdict::NotApplicable),
        }
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(name) = case.task_role()? else { return Ok(vec![]) };
        let fix = TASK.fix(&name, None, case, facts)?;
        let makes = matches!(fix.changes.as_slice(), [Change::CreateRole { .. }]);
        let fix = if makes {
            fix.noting(
                "it is made without rights: add what the application needs, or name another role in a new revision",
            )
        } else {
            fix
        };
        Ok(vec![fix.documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html")])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, at, role, role_arn, trust};

    const ID: CauseId = CauseId::TaskRoleNotAssumable;

    fn trusting_only(service: &str) -> Fixture {
        let text = trust(service);
        Fixture::fargate().role("web-task", |role| role.trust = text)
    }

    #[test]
    fn the_task_role_must_be_there_and_trust_the_tasks() {
        assert_eq!(trusting_only("ecs-tasks.amazonaws.com").says(ID), Said::Sound);
        assert_eq!(trusting_only("ecs.amazonaws.com").says(ID), Said::Fault, "the service's principal, not the tasks'");
        assert_eq!(Fixture::fargate().absent(role("web-task")).says(ID), Said::Fault);
        assert_eq!(Fixture::fargate().revision(|one| one.task_role = None).says(ID), Said::NotApplicable);
        let foreign = Some("arn:aws:iam::222222222222:role/web-task".to_owned());
        assert_eq!(Fixture::fargate().revision(|one| one.task_role = foreign).says(ID), Said::Unknown);
        Fixture::fargate().absent(role("web-task")).hangs_on(ID, &role("web-task"));
        trusting_only("ec2.amazonaws.com").never_turns(ID);
    }

    #[test]
    fn an_override_of_the_task_wins_over_the_definition() {
        let named = Fixture::fargate().task(|task| task.overrides.task_role = Some(role_arn("special")));
        assert_eq!(named.absent(role("special")).finding(ID).resources, ["special".to_owned(), role_arn("special")]);
    }

    #[test]
    fn a_role_that_was_made_since_is_no_fault_any_more() {
        let since = Fixture::fargate().role("web-task", |role| role.created = Some(at("10:30")));
        assert_eq!((since.says(ID), since.finding(ID).healed_at), (Said::Healed, Some(at("10:30"))));
    }

    #[test]
    fn its_trust_is_opened_or_it_is_made_anew() {
        let closed = trusting_only("ec2.amazonaws.com");
        let fixes = closed.mended(ID);
        let [Change::Trust { role: name, document }] = fixes[0].changes.as_slice() else { unreachable!() };
        assert!(name == "web-task" && document.contains("ec2.amazonaws.com") && document.contains("ecs-tasks"));
        assert_eq!(closed.after(&fixes[0]).says(ID), Said::Sound);
        let gone = Fixture::fargate().absent(role("web-task"));
        let fixes = gone.mended(ID);
        assert!(matches!(fixes[0].changes.as_slice(), [Change::CreateRole { policy: None, .. }]));
        assert_eq!(gone.after(&fixes[0]).says(ID), Said::Sound);
    }
}
