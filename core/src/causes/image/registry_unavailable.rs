//! The registry answers with an error of its own.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The registry answers with an error of its own.
///
/// # Why a task stops here
/// A status of 500 and above is the registry's, or that of what stands before it. Nothing in the account is at fault.
/// # How it is told
/// By the status in the registry's answer.
/// # Prevention
/// Copy images of others into ECR.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html>
pub struct RegistryUnavailable;
}

impl Cause for RegistryUnavailable {
    type Subject = Whole;
    const ID: CauseId = CauseId::RegistryUnavailable;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let host = symptom.fact("endpoint").or(symptom.fact("registry")).unwrap_or("the registry");
            let status = symptom.facts.get("http_status").map_or_else(String::new, |status| format!(" ({status})"));
            format!("{host} answered with an error of its own{status}; a service tries again by itself")
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
            RegistryUnavailable::ID,
            "TaskFailedToStart",
            &[
                "Error response from daemon: Head \"https://registry-1.docker.io/v2/x/manifests/1\": received \
                 unexpected HTTP status: 503 Service Unavailable",
                "CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code \
                 https://quay.io/v2/x/blobs/sha256:00: 502 Bad Gateway",
            ],
            &["CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code \
                 https://quay.io/v2/x/blobs/sha256:00: 404 Not Found"],
        );
    }
}
