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
