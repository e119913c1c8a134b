//! `diagnose`: why a task or service failed.

use super::report::{self, Detail};
use super::{Answer, Call};
use crate::errors::Fault;
use crate::find;
use crate::source::Where;
use ecs_why_core::diagnosis::Wish;
use ecs_why_core::target::{Target, TargetError};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// For lists of tools.
pub const TITLE: &str = "Diagnose a task or service";
/// For the model.
pub const ABOUT: &str = "Tells why one ECS task or service failed, hangs or was stopped: the cause with its evidence, what was ruled out, \
                         what could not be read, and fixes that are proved by walking the launch path again. Reads the account, \
                         changes nothing. Use it whenever a task, service or deployment is named. If nobody knows what fails, call \
                         `list_failures` first; if there is only a text, `explain_stop_reason`; before a deployment, `check`.";

/// What the tool takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// A task ARN or id, `cluster/task-id`, `cluster/service`, a service ARN, or a link to the ECS console.
    #[schemars(length(min = 1, max = 2048))]
    pub target: String,
    /// The cluster, if the target is a bare task id or service name.
    pub cluster: Option<String>,
    /// The account by its name in the server's configuration, if that names several.
    pub account: Option<String>,
    /// The region, as in `us-east-1`, if the target does not name it.
    pub region: Option<String>,
    /// `brief` (the default, at most 6,000 bytes), or `full` for all of the report.
    pub detail: Option<Detail>,
    /// Ask the account anew, even if the same was asked within the last two minutes.
    pub fresh: Option<bool>,
}

/// An answer that is not older is given again.
pub const FRESH_FOR: Duration = Duration::from_secs(120);

/// Diagnoses it.
pub async fn run(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Fault> {
    let Arguments { target, cluster, account, region, detail, fresh } = arguments;
    let at = Where { account, region };
    let turn = call.turn().await?;
    let target = match Target::parse(&target, cluster.as_deref()) {
        Err(TargetError::NoCluster(name)) => {
            let cluster = call.in_time(&turn, find::cluster_of(&name, &at, call)).await?;
            Target::parse(&name, Some(&cluster))
        }
        parsed => parsed,
    };
    let target = target.map_err(|error| Fault::target(&error))?;
    let asked = format!("diagnose {target:?} {at:?}");
    let detail = detail.unwrap_or_default();
    if fresh != Some(true)
        && let Some(kept) = call.shared.store.newest(call.caller, &asked, FRESH_FOR)
    {
        return Ok(report::told(&kept, detail));
    }
    let wish = Wish { logs: call.shared.logs, rules: call.shared.rules.clone(), ..Wish::why(target) };
    let work = call.shared.source.diagnose(wish, &at, call.reporter, turn.over());
    let done = call.within(&turn, work).await?;
    Ok(report::new(call, asked, done.report, Some(done.evidence), done.complete, detail))
}
