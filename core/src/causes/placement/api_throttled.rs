//! An AWS API throttles ECS itself.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// An AWS API throttles ECS itself.
///
/// # Why a task stops here
/// ECS calls EC2, Elastic Load Balancing and Cloud Map for a task, with the budget of the account. When many deployments
/// or scripts spend it at once, ECS is told to wait, and tries again by itself.
/// # How it is told
/// By the words of ECS. It is no quota, and not the back-off of a service whose tasks fail.
/// # Prevention
/// Spread deployments and scheduled starts, and use events instead of polling.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/operating-at-scale-dealing-with-throttles.html>
pub struct ApiThrottled;
}

impl Cause for ApiThrottled {
    type Subject = Whole;
    const ID: CauseId = CauseId::ApiThrottled;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "an AWS API throttles ECS at this time; the scheduler tries again by itself".to_owned()
        })
    }

    fn fixes(&self, _: &Whole, _: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let words = [
            "aws",
            "cloudtrail",
            "lookup-events",
            "--lookup-attributes",
            "AttributeKey=Username,AttributeValue=ecs-service-scheduler",
            "--max-results",
            "20",
        ];
        Ok(vec![told::look("Wait, and slow down who else spends the same API's budget", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            ApiThrottled::ID,
            "ServiceSchedulerInitiated",
            &[
                "(service web) operations are being throttled on elb. Will try again later.",
                "Error retrieving subnet information for [subnet-abc123]: Rate exceeded (ErrorCode: Throttling)",
                "(service web) failed to register targets in (target-group web) with (error Rate exceeded)",
            ],
            &[
                "(service web) is unable to consistently start tasks successfully.",
                "CannotPullContainerError: Error response from daemon: toomanyrequests: Rate exceeded",
            ],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            ApiThrottled::ID,
            "ServiceSchedulerInitiated",
            "(service web) operations are being throttled on elb. \
             Will try again later.",
        );
        assert!(command.contains("cloudtrail lookup-events"), "{command}");
    }
}
