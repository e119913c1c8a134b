//! The service moved the task to another availability zone.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The service moved the task to another availability zone.
///
/// # Why a task stops here
/// A service that balances zones starts a task where there are too few and then stops one where there are too many. It is
/// on by default for new services.
/// # How it is told
/// By the service's events.
/// # Prevention
/// Protect tasks that must not be interrupted, or switch rebalancing off.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html>
pub struct AvailabilityZoneRebalanced;
}

impl Cause for AvailabilityZoneRebalanced {
    type Subject = Whole;
    const ID: CauseId = CauseId::AvailabilityZoneRebalanced;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the service balances its tasks over the zones, and stopped one where there were too many".to_owned()
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
            AvailabilityZoneRebalanced::ID,
            "ServiceSchedulerInitiated",
            &[
                "(service api) has stopped 1 running tasks in eu-central-1a due to AZ rebalancing: (task 0123).",
                "(service api) is not AZ balanced with 2 tasks in eu-central-1a, 0 tasks in eu-central-1b. AZ \
                 Rebalancing in progress.",
            ],
            &["(service api) has stopped 2 running tasks: (task 9d85800c30b349039d104d52b506b930)."],
        );
    }
}
