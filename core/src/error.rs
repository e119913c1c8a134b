//! Why there is no report.

use crate::account::AccountError;
use crate::image::nearest;
use crate::target::TargetError;

/// No report is possible. What could not be read, while one is possible, is a gap in it instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// What the user typed names nothing.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// There is no such cluster.
    #[error("there is no cluster `{cluster}` in {place}{}", say_near(.near))]
    NoSuchCluster {
        /// As typed.
        cluster: String,
        /// Account and region.
        place: String,
        /// Names that are like it.
        near: Vec<String>,
    },
    /// There is no such service.
    #[error("there is no service `{service}` in cluster `{cluster}` ({place}){}", say_near(.near))]
    NoSuchService {
        /// As typed.
        service: String,
        /// Its cluster.
        cluster: String,
        /// Account and region.
        place: String,
        /// Names that are like it.
        near: Vec<String>,
    },
    /// There is no such task, or ECS has forgotten it.
    #[error(
        "there is no task `{task}` in cluster `{cluster}` ({place}): ECS forgets a stopped task after about an hour. \
         Ask about its service instead (`ecs-why {cluster}/SERVICE`), or paste its stop reason into `ecs-why explain`{}",
        say_near(.near)
    )]
    NoSuchTask {
        /// As typed.
        task: String,
        /// Its cluster.
        cluster: String,
        /// Account and region.
        place: String,
        /// Services of that cluster.
        near: Vec<String>,
    },
    /// The service's task definition is gone.
    #[error("there is no task definition `{definition}` in {place}")]
    NoSuchTaskDefinition {
        /// As the service or task names it.
        definition: String,
        /// Account and region.
        place: String,
    },
    /// The credentials belong to another account than the target.
    #[error(
        "the target is in account {wanted}, and the credentials belong to account {have} ({principal}): nothing read with \
         them would be about it. Choose that account's credentials, for instance with `--profile`"
    )]
    OtherAccount {
        /// The target's account.
        wanted: String,
        /// The credentials' account.
        have: String,
        /// Who the credentials belong to.
        principal: String,
    },
    /// So much is denied that there is nothing to say.
    #[error(
        "{action} is denied, and without it there is nothing to say: {detail}. `ecs-why permissions` prints a policy that suffices"
    )]
    Denied {
        /// The AWS action.
        action: String,
        /// What AWS said.
        detail: String,
    },
    /// AWS did not answer what everything depends on.
    #[error("{action} got no answer: {detail}")]
    NoAnswer {
        /// The AWS action.
        action: String,
        /// What was tried.
        detail: String,
    },
    /// No question can be answered.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// An evidence file cannot be used.
    #[error(transparent)]
    EvidenceFile(#[from] crate::account::EvidenceFileError),
}

impl Error {
    /// That there is no such cluster in a region of an account, with those that may have been meant.
    pub(crate) fn no_cluster(cluster: &str, account: Option<&str>, region: &str, all: &[String]) -> Error {
        let account = account.map(|account| format!("account {account}, ")).unwrap_or_default();
        let place = format!("{account}{region}");
        Error::NoSuchCluster { cluster: cluster.to_owned(), place, near: like(cluster, all) }
    }
}

/// Names that are like the one typed, or the first few there are; quoted.
pub(crate) fn like(name: &str, all: &[String]) -> Vec<String> {
    let near = nearest(name, all.iter().map(String::as_str), 3);
    let near = if near.is_empty() { all.iter().take(5).map(String::as_str).collect() } else { near };
    near.into_iter().map(|name| format!("`{name}`")).collect()
}

fn say_near(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(". There is: {}", names.join(", ")) }
}
