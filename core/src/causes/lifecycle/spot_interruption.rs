//! AWS took the Spot capacity back.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// AWS took the Spot capacity back.
///
/// # Why a task stops here
/// Fargate Spot runs on capacity that is left over, and gives two minutes of notice when it is needed elsewhere.
/// # How it is told
/// By the stop code or the words of ECS.
/// # Prevention
/// A base on FARGATE beside FARGATE_SPOT, and an application that ends in time on SIGTERM.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html>
pub struct SpotInterruption;
}

impl Cause for SpotInterruption {
    type Subject = Whole;
    const ID: CauseId = CauseId::SpotInterruption;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| "AWS took the Spot capacity back, with two minutes of notice".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            SpotInterruption::ID,
            "SpotInterruption",
            &["Your Spot Task was interrupted.", "SpotInterruptionError: reclaimed"],
            &[],
        );
    }
}
