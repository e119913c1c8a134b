//! The target group is gone, or the task could not be registered in it.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The target group is gone, or the task could not be registered in it.
///
/// # Why a task stops here
/// A service keeps the target groups that it was made with. One that was deleted, is in another VPC or wants targets of
/// another type refuses each task.
/// # How it is told
/// By the load balancer's error in the words of ECS.
/// # Prevention
/// Delete a service before its target group, in one module.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
pub struct TargetGroupMissing;
}

impl Cause for TargetGroupMissing {
    type Subject = Whole;
    const ID: CauseId = CauseId::TargetGroupMissing;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let group = symptom.fact("target_group").unwrap_or("the target group");
            format!("{group} is gone, or does not take the task as a target")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_service(case, "Give the service a target group that there is", "loadBalancers"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            TargetGroupMissing::ID,
            "ServiceSchedulerInitiated",
            &[
                "(service web) (task 1) is not healthy in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) due to \
                 TARGET GROUP IS NOT FOUND",
                "(service web) failed to register targets in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) with (error \
                 The IP address '10.0.1.2' is not within the VPC)",
            ],
            &["(service web) failed to register targets in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) with (error \
                 Rate exceeded)"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            TargetGroupMissing::ID,
            "ServiceSchedulerInitiated",
            "(service web) (task 1) is not healthy in (target-group \
             arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) \
             due to TARGET GROUP IS NOT FOUND",
        );
        assert!(command.contains("loadBalancers"), "{command}");
    }
}
