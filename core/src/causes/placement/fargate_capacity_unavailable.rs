//! AWS has no Fargate capacity of this kind in the zone at this time.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// AWS has no Fargate capacity of this kind in the zone at this time.
///
/// # Why a task stops here
/// Capacity differs by zone, size and CPU architecture, and Fargate Spot has least. It comes back by itself.
/// # How it is told
/// By the words of ECS; nothing in the account is at fault.
/// # Prevention
/// Three zones or more, a base on FARGATE beside FARGATE_SPOT, and callers of RunTask that try again.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html>
pub struct FargateCapacityUnavailable;
}

impl Cause for FargateCapacityUnavailable {
    type Subject = Whole;
    const ID: CauseId = CauseId::FargateCapacityUnavailable;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "AWS has no Fargate capacity of this kind in the zone at this time; a service tries again by itself"
                .to_owned()
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(told::look_at_service(
            case,
            "Wait, or let the service use more zones",
            "[capacityProviderStrategy,networkConfiguration]",
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
            FargateCapacityUnavailable::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try \
                 again later or in a different availability zone.",
                "RESOURCE:FARGATE",
            ],
            &["(service web) was unable to place a task. Reason: You've reached the limit on the number of vCPUs \
                 you can run concurrently."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            FargateCapacityUnavailable::ID,
            "TaskFailedToStart",
            "(service web) was unable to place a task. Reason: \
             Capacity is unavailable at this time. Please try again \
             later or in a different availability zone.",
        );
        assert!(command.contains("describe-services"), "{command}");
    }
}
