//! The log group does not exist, and the task does not make it.

use crate::causes::prelude::*;
use crate::launch::logs::LogUse;

documented! {
/// The log group that a container writes to does not exist, and the task does not make it.
///
/// # Why a task stops here
/// The `awslogs` driver makes a stream in the group when the container starts. It makes the group only if the option
/// `awslogs-create-group` is `true` and the execution role may call `logs:CreateLogGroup`, which AWS's policy does not
/// allow.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, at, log_group};
    use crate::evidence::Known;
    use crate::model::stores::LogGroup;

    const ID: CauseId = CauseId::LogGroupMissing;

    fn made_at(time: &str) -> Fixture {
        let group = LogGroup { name: "/ecs/web".to_owned(), created: Some(at(time)) };
        Fixture::fargate().with(log_group("/ecs/web"), Known::LogGroup(group))
    }

    #[test]
    fn a_group_that_is_not_there_is_at_fault() {
        let found = Fixture::fargate().absent(log_group("/ecs/web")).finding(ID);
        assert_eq!(found.resources, ["/ecs/web"]);
        assert_eq!(found.explanation, "log group /ecs/web of container app does not exist in us-east-1");
    }

    #[test]
    fn a_group_that_was_made_after_the_stop_was_missing_then() {
        assert_eq!(made_at("10:04").says(ID), Said::Sound);
        assert_eq!(made_at("10:30").finding(ID).healed_at, Some(at("10:30")));
        assert_eq!(made_at("10:30").says(ID), Said::Healed);
        assert_eq!(made_at("10:30").check().says(ID), Said::Sound);
    }

    #[test]
    fn where_the_task_makes_it_or_logs_elsewhere_there_is_nothing_to_miss() {
        let absent = Fixture::fargate().absent(log_group("/ecs/web"));
        let option = |name: &str, value: &str| {
            let (name, value) = (name.to_owned(), value.to_owned());
            absent.clone().app(|app| {
                app.log.as_mut().expect("it logs").options.insert(name, value);
            })
        };
        assert_eq!(option("awslogs-create-group", "true").says(ID), Said::NotApplicable);
        assert_eq!(option("awslogs-create-group", "false").says(ID), Said::Fault);
        assert_eq!(absent.clone().app(|app| app.log = None).says(ID), Said::NotApplicable);
        let elsewhere = option("awslogs-region", "eu-west-1");
        assert_eq!(elsewhere.says(ID), Said::Unknown, "the group of another region was not asked for");
    }

    #[test]
    fn it_hangs_on_the_group_alone() {
        Fixture::fargate().absent(log_group("/ecs/web")).hangs_on(ID, &log_group("/ecs/web"));
    }

    #[test]
    fn making_the_group_mends_it() {
        let absent = Fixture::fargate().absent(log_group("/ecs/web"));
        let fixes = absent.mended(ID);
        let change = Change::CreateLogGroup { region: "us-east-1".to_owned(), group: "/ecs/web".to_owned() };
        assert_eq!(fixes[0].changes, [change]);
        assert_eq!(absent.after(&fixes[0]).says(ID), Said::Sound);
    }
}
