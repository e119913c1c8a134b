//! The container instance under the task was stopped, terminated or deregistered.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The container instance under the task was stopped, terminated or deregistered.
///
/// # Why a task stops here
/// What runs on an instance ends with it. Auto Scaling terminates instances when it scales in or replaces them.
/// # How it is told
/// By the words of ECS, which name the instance.
/// # Prevention
/// Managed draining and managed termination protection on the capacity provider.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html>
pub struct HostTerminated;
}

impl Cause for HostTerminated {
    type Subject = Whole;
    const ID: CauseId = CauseId::HostTerminated;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the container instance under the task was stopped, terminated or deregistered".to_owned()
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
            HostTerminated::ID,
            "TerminationNotice",
            &[
                "Host EC2 (instance i-0123456789abcdef0) terminated.",
                "Container instance deregistration forced by user",
            ],
            &["Your Spot Task was interrupted."],
        );
    }
}
