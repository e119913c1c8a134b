//! In which cluster something is that is named without one.

use crate::errors::{Code, Fault};
use crate::source::Where;
use crate::tools::Call;

/// The cluster of a bare task id or service name: the one that has it, or the person's choice.
pub async fn cluster_of(name: &str, at: &Where, call: &Call<'_>) -> Result<String, Fault> {
    call.reporter.say("looking for its cluster");
    let having = call.shared.source.clusters_with(name, at).await?;
    match having.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let message = format!("no cluster has a service or failed task `{name}`");
            let next = "call list_targets, or give the target as `cluster/name`";
            Err(Fault::new(Code::NotFound, message, next).about("target"))
        }
        many => {
            let message = format!("`{name}` is in {} clusters: in which of them?", many.len());
            let next = "ask the person, then call again with `cluster`";
            Err(Fault::new(Code::ChoiceNeeded, message, next).about("cluster").candidates(many.iter().cloned()))
        }
    }
}
