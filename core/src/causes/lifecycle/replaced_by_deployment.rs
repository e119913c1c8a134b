//! A deployment replaced the task.

use super::told_by_scheduler::{is_scheduled, successor};
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
    const READS: &'static [&'static [Source]] = &[&[Source::Service]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if is_scheduled(case) {
            case.service_known?;
        }
        let (true, Some(service), Some(task)) = (is_scheduled(case), case.service, case.task) else {
            return Ok(Verdict::NotApplicable);
        };
        // The service is what shows it: read here as well, it is the evidence.
        facts.service(&case.cluster, &service.name)?;
        let Some(next) = successor(case) else { return Ok(Verdict::NotApplicable) };
        if next.rollout_reason.as_deref().is_some_and(|reason| reason.contains("rolling back")) {
            return Ok(Verdict::NotApplicable);
        }
        let revision = next.definition.rsplit('/').next().unwrap_or(&next.definition);
        let why = format!("deployment {} of service {} replaced it with {revision}", next.id, service.name);
        Ok(Finding::on([next.id.clone(), service.name.clone(), task.arn.clone()]).because(why).into())
    }
}
