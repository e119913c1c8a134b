//! The authorization token that was sent to the registry had expired.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The authorization token that was sent to the registry had expired.
///
/// # Why a task stops here
/// A token of ECR lasts twelve hours. ECS gets new ones by itself; what was logged in by hand on a host, or put into a
/// pull secret, runs out. A host whose clock is wrong sees every token as expired.
/// # How it is told
/// By the registry's own words.
/// # Prevention
/// Keep no passwords of ECR anywhere.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html>
pub struct RegistryTokenExpired;
}

impl Cause for RegistryTokenExpired {
    type Subject = Whole;
    const ID: CauseId = CauseId::RegistryTokenExpired;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let image = symptom.fact("image").or(symptom.fact("registry")).unwrap_or("the image");
            format!("the token that was sent for {image} had expired")
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
            RegistryTokenExpired::ID,
            "TaskFailedToStart",
            &[
                "denied: Your authorization token has expired. Reauthenticate and try again.",
                "CannotPullContainerError: Error response from daemon: pull access denied for \
                 public.ecr.aws/docker/library/redis, repository does not exist or may require 'docker login': \
                 denied: Your authorization token has expired. Reauthenticate and try again.",
            ],
            &["Error response from daemon: Get \
                 https://602401143452.dkr.ecr.us-west-2.amazonaws.com/v2/x/manifests/v1: no basic auth credentials"],
        );
    }
}
