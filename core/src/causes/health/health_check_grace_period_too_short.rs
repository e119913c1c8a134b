//! The task was judged before it had time to start.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The task was judged before it had time to start.
///
/// # Why a task stops here
/// From its start a task's checks count unless the service has a grace period (`healthCheckGracePeriodSeconds`, none by
/// default). An application that needs longer than the threshold times the interval never becomes healthy.
/// # How it is told
/// No message says so: it is one of those that failed checks allow, and the times of the task decide.
/// # Prevention
/// A grace period from the measured time of the start.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html>
pub struct HealthCheckGracePeriodTooShort;
}

impl Cause for HealthCheckGracePeriodTooShort {
    type Subject = Whole;
    const ID: CauseId = CauseId::HealthCheckGracePeriodTooShort;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the task was judged by its health checks before it had time to start".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            HealthCheckGracePeriodTooShort::ID,
            "ServiceSchedulerInitiated",
            &[],
            &["Task failed ELB health checks in (target-group \
                 arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef)"],
        );
    }
}
