//! The load balancer's health check failed.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The load balancer's health check failed.
///
/// # Why a task stops here
/// A target that fails its checks is unhealthy, and the scheduler replaces its task once the grace period is over.
/// # How it is told
/// By the words of ECS; a status or a time-out in them tells more, and is a cause of its own.
/// # Prevention
/// A health path and a port of their own, tried before a release.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-service-load-balancers.html>
pub struct LoadBalancerHealthCheckFailed;
}

impl Cause for LoadBalancerHealthCheckFailed {
    type Subject = Whole;
    const ID: CauseId = CauseId::LoadBalancerHealthCheckFailed;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let group = symptom.fact("target_group").unwrap_or("the target group");
            format!("the task failed the health checks of {group}")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(group) = case.symptom.as_ref().and_then(|symptom| symptom.fact("target_group")) else {
            return Ok(vec![]);
        };
        if !group.starts_with("arn:") {
            return Ok(vec![]);
        }
        let query = "TargetHealthDescriptions[].[Target.Id,Target.Port,TargetHealth.State,TargetHealth.Reason,TargetHealth.Description]";
        let words = ["aws", "elbv2", "describe-target-health", "--target-group-arn", group, "--query", query];
        Ok(vec![told::look("Read what the checks answer, and mend that", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            LoadBalancerHealthCheckFailed::ID,
            "ServiceSchedulerInitiated",
            &[
                "Task failed ELB health checks in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef)",
                "(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) (port 8080) is unhealthy in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) due to \
                 (reason Health checks failed)",
            ],
            &["Task failed container health checks"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            LoadBalancerHealthCheckFailed::ID,
            "ServiceSchedulerInitiated",
            "Task failed ELB health checks in (target-group \
             arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef)",
        );
        assert!(command.contains("describe-target-health --target-group-arn arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef"), "{command}");
    }
}
