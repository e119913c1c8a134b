//! The log group does not exist, and the task does not make it.

use crate::causes::prelude::*;
use crate::launch::logs::LogUse;

documented! {
/// The log group that a container writes to does not exist, and the task does not make it.
///
/// # Why a task stops here
/// The `awslogs` driver makes a stream in the group when the container starts. It makes the group only if the option
/// `awslogs-create-group` is `true` and the execution role may call `logs:CreateLogGroup`, which AWS's policy does not allow.
/// # How it is told
/// CloudWatch Logs is asked for the group by its exact name, in the region that the driver names.
/// # Prevention
/// Make the group in the stack of the service, with a retention.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html>
pub struct LogGroupMissing;
}

impl Cause for LogGroupMissing {
    type Subject = LogUse;
    const ID: CauseId = CauseId::LogGroupMissing;
    const READS: &'static [&'static [Source]] = &[&[Source::LogGroup]];

    fn judge(&self, log: &LogUse, _case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        // Whether the role may make it is the question of `log-permission-denied`.
        if log.creates_group {
            return Ok(Verdict::NotApplicable);
        }
        let finding = Finding::on([log.group.clone()]).in_container(&log.container);
        let Some(group) = facts.log_group(&log.region, &log.group)? else {
            let why =
                format!("log group {} of container {} does not exist in {}", log.group, log.container, log.region);
            return Ok(finding.because(why).into());
        };
        match (facts.moment(), group.created) {
            (Some(moment), Some(created)) if created > moment => {
                let why = format!("log group {} was made at {created:.0}, after the task had stopped", log.group);
                Ok(Verdict::Healed(finding.because(why).healed(created)))
            }
            _ => Ok(Verdict::Sound),
        }
    }

    fn fixes(&self, log: &LogUse, _case: &Case<'_>, _facts: &Facts<'_>) -> Fixes {
        let change = Change::CreateLogGroup { region: log.region.clone(), group: log.group.clone() };
        let fix = Fix::new(format!("Make the log group {}", log.group), Risk::Low)
            .making(change)
            .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html")
            .noting("it keeps its lines for ever until a retention is set");
        Ok(vec![fix])
    }
}
