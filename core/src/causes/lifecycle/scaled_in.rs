//! The service was scaled in.

use super::told_by_scheduler::{is_scheduled, successor};
use crate::causes::prelude::*;

documented! {
/// The service was told to run fewer tasks, and the scheduler stopped this one.
///
/// # Why a task stops here
/// When the desired count falls, by hand or by auto scaling, the scheduler chooses tasks and stops them. The platform did
/// what it was asked.
/// # How it is told
/// ECS uses the same words for scaling in and for a deployment: the task's deployment is compared with those of the
/// service. It is scaling in if no other deployment had begun when the task was told to stop.
/// # Prevention
/// Nothing is wrong. Protect tasks that must not be interrupted with task protection.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html>
pub struct ScaledIn;
}

impl Cause for ScaledIn {
    type Subject = Whole;
    const ID: CauseId = CauseId::ScaledIn;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        if is_scheduled(case) {
            case.service_known?;
        }
        let (true, Some(task), Some(service)) = (is_scheduled(case), case.task, case.service) else {
            return Ok(Verdict::NotApplicable);
        };
        let current = service.deployments.iter().any(|one| Some(one.id.as_str()) == task.started_by.as_deref());
        // A zone rebalance stops tasks of the same deployment as well, and says so in the service's events.
        let rebalanced = service.events.iter().any(|event| event.message.to_lowercase().contains("rebalanc"));
        if successor(case).is_some() || !current || rebalanced {
            return Ok(Verdict::NotApplicable);
        }
        let why = format!(
            "service {} was scaled in: the scheduler stopped a task of its current deployment, and it wants {} tasks now",
            service.name, service.desired
        );
        Ok(Finding::on([service.name.clone(), task.arn.clone()]).because(why).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{BEFORE, Fixture, Said, TASK, at, deployment, service};
    use crate::model::ecs::ServiceEvent;

    const ID: CauseId = CauseId::ScaledIn;

    fn scheduled() -> Fixture {
        Fixture::fargate()
            .stopped("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/42)")
            .service(|service| service.desired = 1)
    }

    #[test]
    fn the_scheduler_stopped_a_task_of_the_current_deployment() {
        let found = scheduled().finding(ID);
        assert_eq!(found.resources, ["web", TASK]);
        assert!(found.explanation.ends_with("it wants 1 tasks now"), "{found:?}");
    }

    #[test]
    fn a_deployment_that_had_begun_a_rebalance_or_another_deployments_task_is_no_scaling_in() {
        let followed = |created: &str| {
            let next = deployment("ecs-svc/43", BEFORE, "PRIMARY", created);
            scheduled().service(|service| service.deployments.insert(0, next)).says(ID)
        };
        assert_eq!(followed("10:04"), Said::NotApplicable, "replaced");
        assert_eq!(followed("10:30"), Said::Fault, "it began after the stop");
        let rebalanced = ServiceEvent { at: at("10:04"), message: "(service web) is rebalancing tasks".to_owned() };
        assert_eq!(scheduled().service(|service| service.events = vec![rebalanced]).says(ID), Said::NotApplicable);
        assert_eq!(scheduled().task(|task| task.started_by = Some("ecs-svc/9".into())).says(ID), Said::NotApplicable);
    }

    #[test]
    fn without_the_service_it_is_not_known_and_for_another_stop_no_question() {
        assert_eq!(scheduled().gap(service()).says(ID), Said::Unknown);
        assert_eq!(scheduled().without(&service()).says(ID), Said::Unknown);
        assert_eq!(Fixture::fargate().gap(service()).says(ID), Said::NotApplicable);
        assert_eq!(scheduled().check().says(ID), Said::NotApplicable);
    }
}
