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
