//! The load balancer is not enabled in the task's zone.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The load balancer is not enabled in the task's zone.
///
/// # Why a task stops here
/// A load balancer sends requests and checks only into zones that are enabled for it. A task elsewhere is never healthy,
/// whatever it answers.
/// # How it is told
/// By the words of ECS.
/// # Prevention
/// One list of zones for the load balancer and the service.
/// # AWS
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-subnets.html>
pub struct LoadBalancerZoneDisabled;
}

impl Cause for LoadBalancerZoneDisabled {
    type Subject = Whole;
    const ID: CauseId = CauseId::LoadBalancerZoneDisabled;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let group = symptom.fact("target_group").unwrap_or("the target group");
            format!("the task is in a zone that is not enabled for the load balancer of {group}")
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_service(
            case,
            "Enable the zone for the load balancer, or keep the tasks out of it",
            "[loadBalancers,networkConfiguration]",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            LoadBalancerZoneDisabled::ID,
            "ServiceSchedulerInitiated",
            &["(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) (port 8080) is unhealthy in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) due to \
                 (reason Target is in an Availability Zone that is not enabled for the load balancer)"],
            &["(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) (port 8080) is unhealthy in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) due to \
                 (reason Health checks failed)"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            LoadBalancerZoneDisabled::ID,
            "ServiceSchedulerInitiated",
            "(service web) (task 795dee6c45ab4ad5aa0a4ab7c5ee0e4f) \
             (port 8080) is unhealthy in (target-group \
             arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef) \
             due to (reason Target is in an Availability Zone that \
             is not enabled for the load balancer)",
        );
        assert!(command.contains("networkConfiguration"), "{command}");
    }
}
