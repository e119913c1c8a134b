//! The application answers the load balancer's health check with a status that is not accepted.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The application answers the load balancer's health check with a status that is not accepted.
///
/// # Why a task stops here
/// A check succeeds with a status of its matcher, 200 unless another is set. A login page answers 302 or 401, a path that
/// is not there 404.
/// # How it is told
/// By the status in the words of ECS; a status of 500 and above may be that of an application that is not up yet.
/// # Prevention
/// A path for health that needs no login and does not redirect.
/// # AWS
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>
pub struct HealthCheckWrongStatus;
}

impl Cause for HealthCheckWrongStatus {
    type Subject = Whole;
    const ID: CauseId = CauseId::HealthCheckWrongStatus;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let group = symptom.fact("target_group").unwrap_or("the target group");
            let status = symptom.facts.get("http_status").map_or_else(String::new, |status| format!(" {status}"));
            format!("the application answers the health check of {group} with a status{status} that it does not accept")
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
        Ok(vec![told::look("Let the check ask a path that answers 200", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            HealthCheckWrongStatus::ID,
            "ServiceSchedulerInitiated",
            &[
                "(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) (port 8080) is unhealthy in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) due to \
                 (reason Health checks failed with these codes: [404])",
                "(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) (port 8080) is unhealthy in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) due to \
                 (reason Health checks failed with these codes: [302]).",
            ],
            &["(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) (port 8080) is unhealthy in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) due to \
                 (reason Request timed out)"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            HealthCheckWrongStatus::ID,
            "ServiceSchedulerInitiated",
            "(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) \
             (port 8080) is unhealthy in (target-group \
             arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) \
             due to (reason Health checks failed with these codes: \
             [404])",
        );
        assert!(command.contains("describe-target-health"), "{command}");
    }
}
