//! The load balancer cannot reach the task's port.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The load balancer cannot reach the task's port.
///
/// # Why a task stops here
/// A security group that does not admit the load balancer, another port than the one on which the application listens, or
/// an application that listens on 127.0.0.1 only.
/// # How it is told
/// By "Request timed out" in the words of ECS: an application that is too slow reads the same.
/// # Prevention
/// A rule for the load balancer's group in the module of the service.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-service-load-balancers.html>
pub struct HealthCheckPortUnreachable;
}

impl Cause for HealthCheckPortUnreachable {
    type Subject = Whole;
    const ID: CauseId = CauseId::HealthCheckPortUnreachable;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let port =
                symptom.facts.get("port").map_or_else(|| "the task's port".to_owned(), |port| format!("port {port}"));
            format!("{port} of the task did not answer the load balancer's health check")
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
        Ok(vec![told::look("Open the port to the load balancer, or correct it", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            HealthCheckPortUnreachable::ID,
            "ServiceSchedulerInitiated",
            &["(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) (port 8080) is unhealthy in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) due to \
                 (reason Request timed out)"],
            &["(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) (port 8080) is unhealthy in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) due to \
                 (reason Health checks failed with these codes: [404])"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            HealthCheckPortUnreachable::ID,
            "ServiceSchedulerInitiated",
            "(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) \
             (port 8080) is unhealthy in (target-group \
             arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) \
             due to (reason Request timed out)",
        );
        assert!(command.contains("describe-target-health"), "{command}");
    }
}
