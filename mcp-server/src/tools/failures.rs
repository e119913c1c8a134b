//! `list_failures`: what fails, grouped by cause.

use super::{Answer, Call};
use crate::errors::Fault;
use crate::source::Where;
use ecs_why_core::brief::{DEFAULT_LIMIT, TriageBrief};
use ecs_why_core::triage::TriageWish;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For lists of tools.
pub const TITLE: &str = "List what fails";
/// For the model.
pub const ABOUT: &str = "Lists every stopped and hanging ECS task of a cluster, or of all clusters of a region, grouped by cause, owner and \
                         guilty resource, the worst first, with counts. Use it when nobody knows what fails, or how widely. It takes \
                         longer than `diagnose` (seconds to a minute): if the service or task is known, call `diagnose` with it.";

/// What the tool takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The cluster, by name or ARN; without it, all of the region.
    pub cluster: Option<String>,
    /// The account by its name in the server's configuration, if that names several.
    pub account: Option<String>,
    /// The region, as in `us-east-1`.
    pub region: Option<String>,
}

/// What fails.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Failures {
    /// How old the answer is: it is always new.
    pub age_seconds: u64,
    /// The groups.
    #[serde(flatten)]
    pub brief: TriageBrief,
}

/// Lists them.
pub async fn run(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Fault> {
    let Arguments { cluster, account, region } = arguments;
    let region_of_arn =
        cluster.as_deref().filter(|name| name.starts_with("arn:")).and_then(|arn| arn.split(':').nth(3));
    let region = region.or_else(|| region_of_arn.map(str::to_owned));
    let at = Where { account, region };
    let turn = call.turn().await?;
    let wish = TriageWish { clusters: cluster.into_iter().collect(), since: None, rules: call.shared.rules.clone() };
    let work = call.shared.source.triage(&wish, &at, call.reporter, turn.over());
    let triage = call.within(&turn, work).await?;
    let brief = TriageBrief::of(&triage, DEFAULT_LIMIT - 100);
    let text = brief.text();
    Ok(Answer::new(&Failures { age_seconds: 0, brief }, text))
}
