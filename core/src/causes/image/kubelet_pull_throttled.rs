//! The kubelet holds the pull back by a rate limit of its own.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The kubelet holds the pull back by a rate limit of its own.
///
/// # Why a task stops here
/// A kubelet starts five pulls a second and ten in a burst unless it is told otherwise (`registryPullQPS`,
/// `registryBurst`). When many pods come to a node at once, some wait; the registry was not asked.
/// # How it is told
/// By the words of the kubelet. A registry that limits says 429 or `toomanyrequests` instead.
/// # Prevention
/// `imagePullPolicy: IfNotPresent`, fewer pods for a node at once, or a higher limit in the configuration of new nodes.
/// # AWS
/// <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html>
pub struct KubeletPullThrottled;
}

impl Cause for KubeletPullThrottled {
    type Subject = Whole;
    const ID: CauseId = CauseId::KubeletPullThrottled;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the kubelet held the pull back by its own rate limit, and tries again; no registry was asked".to_owned()
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
            KubeletPullThrottled::ID,
            "TaskFailedToStart",
            &[r#"Failed to pull image "bash": pull QPS exceeded"#],
            &["Failed to pull image \"nginx:1\": rpc error: code = Unknown desc = failed to pull and unpack image \
                 \"docker.io/library/nginx:1\": failed to copy: httpReadSeeker: failed open: unexpected status code \
                 https://registry-1.docker.io/v2/library/nginx/manifests/sha256:00: 429 Too Many Requests"],
        );
    }
}
