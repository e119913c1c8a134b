//! The container instance is being drained.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The container instance is being drained.
///
/// # Why a task stops here
/// An instance that is set to DRAINING takes no tasks, and those of services move elsewhere as far as
/// `minimumHealthyPercent` allows.
/// # How it is told
/// By the words of ECS.
/// # Prevention
/// Nothing is wrong: somebody, or managed draining, wants the instance empty.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html>
pub struct InstanceDraining;
}

impl Cause for InstanceDraining {
    type Subject = Whole;
    const ID: CauseId = CauseId::InstanceDraining;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the container instance of the task is being drained, and its tasks move elsewhere".to_owned()
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
            InstanceDraining::ID,
            "ServiceSchedulerInitiated",
            &["container instance is in DRAINING state"],
            &["Host EC2 (instance i-0123456789abcdef0) terminated."],
        );
    }
}
