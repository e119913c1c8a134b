//! One role for two purposes.

use super::prelude::*;

documented! {
/// Execution role and task role are the same.
///
/// # Why
/// ECS uses the execution role to start a task, the application uses the task role. With one role for both, the application
/// may read every secret of its own launch and pull images, and ECS has the application's rights; and whoever takes a right
/// away from one takes it from both.
/// # When it is said
/// Where the definition (or the override of a task) names one role for both.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html>
pub struct RolesShared;
}

impl Advice for RolesShared {
    const ID: &'static str = "roles-shared";
    const TITLE: &'static str = "Give the application a role of its own";
    const READS: &'static [&'static [Source]] = &[];

    fn give(&self, case: &Case<'_>, _: &Facts<'_>) -> Advised {
        let (Some(execution), Some(task)) = (case.execution_role()?, case.task_role()?) else { return Ok(None) };
        if (&execution.name, &execution.account) != (&task.name, &task.account) {
            return Ok(None);
        }
        let why = format!("role {} is both the execution role and the task role", task.name);
        Ok(Some(Tip::on([task.name]).because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::{silent_without, tip};
    use crate::causes::fixture::{Fixture, REVISION, definition};

    const ID: &str = RolesShared::ID;

    #[test]
    fn one_role_for_both_is_told() {
        let shared = Fixture::fargate().revision(|revision| revision.task_role.clone_from(&revision.execution_role));
        assert_eq!(tip(ID, &shared).map(|tip| tip.resources), Some(vec!["web-execution".to_owned()]));
        silent_without(ID, &shared, &definition(REVISION));
    }

    #[test]
    fn two_roles_or_one_alone_are_not() {
        assert_eq!(tip(ID, &Fixture::fargate()), None);
        assert_eq!(tip(ID, &Fixture::fargate().revision(|revision| revision.task_role = None)), None);
    }
}
