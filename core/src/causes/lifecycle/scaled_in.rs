//! The service was scaled in.

use super::told_by_scheduler::{Reason, is_scheduled, reason};
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
    const READS: &'static [&'static [Source]] = &[&[Source::Service, Source::ServiceDeployments]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if !is_scheduled(case) {
            return Ok(Verdict::NotApplicable);
        }
        let reason = reason(case, facts)?;
        let (Some(Reason::Fewer), Some(task), Some(service)) = (reason, case.task, case.service) else {
            return Ok(Verdict::NotApplicable);
        };
        // A zone rebalance stops tasks of the same deployment as well, and says so in the service's events.
        let id = task.arn.rsplit('/').next().unwrap_or(&task.arn);
        let moved = |message: &str| message.contains(id) && message.to_lowercase().contains("rebalanc");
        if service.events.iter().any(|event| moved(&event.message)) {
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
    use crate::causes::fixture::{BEFORE, Fixture, Said, TASK, at, deployment, service, service_deployments};
    use crate::evidence::Known;
    use crate::model::ecs::{ServiceDeployment, ServiceEvent};

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
        let rebalanced = |task: &str| {
            let message = format!("(service web) stopped 1 tasks: (task {task}) for AvailabilityZone rebalancing.");
            scheduled().service(|service| service.events = vec![ServiceEvent { at: at("10:04"), message }]).says(ID)
        };
        let own = TASK.rsplit('/').next().unwrap_or_default();
        assert_eq!([rebalanced(own), rebalanced("another")], [Said::NotApplicable, Said::Fault]);
    }

    #[test]
    fn what_the_service_lists_no_more_is_looked_up_among_older_deployments() {
        let older = |created: &[&str]| {
            let one = |created: &&str| ServiceDeployment {
                arn: format!("arn:aws:ecs:us-east-1:111111111111:service-deployment/prod/web/{created}"),
                revision: None,
                status: "SUCCESSFUL".to_owned(),
                status_reason: None,
                created: Some(at(created)),
                finished: None,
            };
            scheduled()
                .task(|task| task.started_by = Some("ecs-svc/9".to_owned()))
                .with(service_deployments(), Known::ServiceDeployments(created.iter().map(one).collect()))
        };
        assert_eq!(older(&["09:00"]).says(ID), Said::Fault, "nothing began while the task ran");
        assert_eq!(older(&["10:03", "09:00"]).says(ID), Said::NotApplicable);
        assert_eq!(older(&["10:03", "09:00"]).says(CauseId::ReplacedByDeployment), Said::Fault);
        assert_eq!(older(&["10:30"]).says(ID), Said::Unknown, "the list does not reach back so far");
        older(&["09:00"]).hangs_on(ID, &service_deployments());
    }

    #[test]
    fn a_deployment_that_failed_is_rolled_back_and_not_scaled_in() {
        let failed = scheduled().service(|service| {
            let own = service.deployments.iter_mut().find(|one| one.id == "ecs-svc/42");
            own.expect("the fixture's deployment").rollout = Some("FAILED".to_owned());
        });
        let gone = |status: &str| {
            let own = ServiceDeployment {
                arn: "arn:aws:ecs:us-east-1:111111111111:service-deployment/prod/web/9".to_owned(),
                revision: None,
                status: status.to_owned(),
                status_reason: None,
                created: Some(at("09:00")),
                finished: None,
            };
            scheduled()
                .task(|task| task.started_by = Some("ecs-svc/9".to_owned()))
                .with(service_deployments(), Known::ServiceDeployments(vec![own]))
        };
        for fixture in [failed, gone("ROLLBACK_SUCCESSFUL")] {
            assert_eq!(fixture.says(ID), Said::NotApplicable);
            assert_eq!(fixture.says(CauseId::ReplacedByDeployment), Said::NotApplicable);
        }
        assert_eq!(gone("SUCCESSFUL").says(ID), Said::Fault, "its sound twin");
    }

    #[test]
    fn without_the_service_it_is_not_known_and_for_another_stop_no_question() {
        assert_eq!(scheduled().gap(service()).says(ID), Said::Unknown);
        assert_eq!(scheduled().without(&service()).says(ID), Said::Unknown);
        assert_eq!(Fixture::fargate().gap(service()).says(ID), Said::NotApplicable);
        assert_eq!(scheduled().check().says(ID), Said::NotApplicable);
    }
}
