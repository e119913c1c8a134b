//! A subnet of the task is in a zone where Fargate does not run.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// A subnet of the task is in a zone where Fargate does not run.
///
/// # Why a task stops here
/// Some zones have no Fargate, or not for Windows. A task that lands there is refused each time, and others of the same
/// service start.
/// # How it is told
/// ECS says no more than "Internal error", and AWS gives this one reason for it. The id of the zone (not its name, which
/// differs by account) decides.
/// # Prevention
/// Choose zones by their ids when subnets are made.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html>
pub struct FargateZoneUnsupported;
}

impl Cause for FargateZoneUnsupported {
    type Subject = Whole;
    const ID: CauseId = CauseId::FargateZoneUnsupported;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "ECS could not place the task and says only that there was an internal error, which it does for a zone without Fargate".to_owned()
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
            FargateZoneUnsupported::ID,
            "TaskFailedToStart",
            &["service (web) was unable to place a task. Reason: Internal error."],
            &["(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try \
                 again later or in a different availability zone."],
        );
    }
}
