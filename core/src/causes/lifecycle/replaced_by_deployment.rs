//! A deployment replaced the task.

use super::told_by_scheduler::{Reason, is_scheduled, reason};
use crate::causes::prelude::*;

documented! {
/// A newer deployment of the service replaced the task.
///
/// # Why a task stops here
/// A release, a forced deployment or a roll-back starts new tasks and stops the old ones. The platform did what it was
/// asked.
/// # How it is told
/// The task belongs to a deployment that another one followed before the task was told to stop.
/// # Prevention
/// Nothing is wrong. Give the application time to end what it does after SIGTERM.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html>
pub struct ReplacedByDeployment;
}

impl Cause for ReplacedByDeployment {
    type Subject = Whole;
    const ID: CauseId = CauseId::ReplacedByDeployment;
    const READS: &'static [&'static [Source]] = &[&[Source::Service, Source::ServiceDeployments]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if !is_scheduled(case) {
            return Ok(Verdict::NotApplicable);
        }
        let reason = reason(case, facts)?;
        let (Some(Reason::Replaced { by, revision, rolls_back }), Some(service), Some(task)) =
            (reason, case.service, case.task)
        else {
            return Ok(Verdict::NotApplicable);
        };
        if rolls_back {
            return Ok(Verdict::NotApplicable);
        }
        let with = revision.map_or(String::new(), |revision| format!(" with {revision}"));
        let why = format!("deployment {by} of service {} replaced it{with}", service.name);
        Ok(Finding::on([by, service.name.clone(), task.arn.clone()]).because(why).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{BEFORE, DEPLOYMENT, Fixture, Said, TASK, deployment, service};

    const ID: CauseId = CauseId::ReplacedByDeployment;

    fn followed_at(created: &str, reason: Option<&str>) -> Fixture {
        let mut next = deployment("ecs-svc/43", BEFORE, "PRIMARY", created);
        next.rollout_reason = reason.map(str::to_owned);
        Fixture::fargate()
            .stopped("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/43)")
            .service(|service| service.deployments.insert(0, next))
    }

    #[test]
    fn a_deployment_that_began_while_the_task_lived_replaced_it() {
        let found = followed_at("10:04", None).finding(ID);
        assert_eq!(found.resources, ["ecs-svc/43", "web", TASK]);
        assert_eq!(found.explanation, "deployment ecs-svc/43 of service web replaced it with web:41");
    }

    #[test]
    fn one_from_before_the_task_or_after_its_stop_or_a_roll_back_did_not() {
        for (created, reason, why) in [
            ("09:00", None, "before the task was made"),
            ("10:30", None, "after it was told to stop"),
            ("10:04", Some("deployment failed: rolling back to ecs-svc/41"), "a roll-back is another cause"),
        ] {
            assert_eq!(followed_at(created, reason).says(ID), Said::NotApplicable, "{why}");
        }
        let own =
            Fixture::fargate().stopped("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment x)");
        assert_eq!(own.service(|one| one.deployments.retain(|one| one.id == DEPLOYMENT)).says(ID), Said::NotApplicable);
    }

    #[test]
    fn without_the_service_it_is_not_known() {
        assert_eq!(followed_at("10:04", None).gap(service()).says(ID), Said::Unknown);
        assert_eq!(followed_at("10:04", None).check().says(ID), Said::NotApplicable);
    }
}
