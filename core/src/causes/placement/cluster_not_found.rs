//! The cluster does not exist, or it is inactive.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The cluster does not exist, or it is inactive.
///
/// # Why a task stops here
/// A deleted cluster stays as INACTIVE for a while and takes no tasks. A name that is mistyped, or of another region or
/// account, is a cluster that does not exist.
/// # How it is told
/// By the words of ECS, which names neither a region nor an account: compare them with those of the caller.
/// # Prevention
/// Name clusters by their ARN, and pin the region.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/clusters.html>
pub struct ClusterNotFound;
}

impl Cause for ClusterNotFound {
    type Subject = Whole;
    const ID: CauseId = CauseId::ClusterNotFound;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |symptom| {
            let cluster = symptom.fact("cluster").unwrap_or(&case.cluster);
            format!("cluster {cluster} does not exist in this account and region, or is inactive")
        })
    }

    fn fixes(&self, _: &Whole, _: &Case<'_>, _: &Facts<'_>) -> Fixes {
        Ok(vec![told::look("Name a cluster that there is, or make this one again", ["aws", "ecs", "list-clusters"])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            ClusterNotFound::ID,
            "TaskFailedToStart",
            &[
                "ClusterNotFoundException: The referenced cluster was inactive.",
                "An error occurred (ClusterNotFoundException) when calling the RunTask operation: Cluster not \
                 found.",
            ],
            &["An error occurred (ServiceNotFoundException) when calling the UpdateService operation: Service not \
                 found."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            ClusterNotFound::ID,
            "TaskFailedToStart",
            "ClusterNotFoundException: The referenced cluster was \
             inactive.",
        );
        assert!(command.contains("list-clusters"), "{command}");
    }
}
