//! `list_targets`: what there is to ask about.

use super::{Answer, Call};
use crate::errors::Fault;
use crate::source::Where;
use ecs_why_core::brief::sentence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For lists of tools.
pub const TITLE: &str = "List clusters and services";
/// For the model.
pub const ABOUT: &str = "Lists what can be asked about: the names of the region's ECS clusters, or, with `cluster`, of its services; and \
                         the accounts of the server's configuration. In pages of 100 names. Use it to find the right name when a \
                         target was not found. It does not tell what fails: that is `list_failures`.";

/// What the tool takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The cluster whose services are wanted; without it, the clusters are listed.
    pub cluster: Option<String>,
    /// The account by its name in the server's configuration, if that names several.
    pub account: Option<String>,
    /// The region, as in `us-east-1`.
    pub region: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// What there is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Targets {
    /// `clusters` or `services`.
    pub kind: String,
    /// The names: data, as all names are. A service is asked about as `cluster/service`.
    pub names: Vec<String>,
    /// How many there are in all.
    pub of: usize,
    /// For the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// The accounts of the configuration, if it names any: one of them is `account`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// How old the answer is: it is always new.
    pub age_seconds: u64,
}

/// Names of a page.
const PAGE: usize = 100;

/// Lists them.
pub async fn run(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Fault> {
    let Arguments { cluster, account, region, cursor } = arguments;
    let at = Where { account, region };
    let from = match cursor.as_deref().map(str::parse::<usize>) {
        None => 0,
        Some(Ok(from)) => from,
        Some(Err(_)) => {
            return Err(Fault::argument(
                "cursor",
                "this is no cursor of list_targets",
                "leave `cursor` out to begin anew",
            ));
        }
    };
    let turn = call.turn().await?;
    let cluster = cluster.map(|name| name.rsplit_once(":cluster/").map_or(name.clone(), |(_, name)| name.to_owned()));
    let source = &call.shared.source;
    let mut names = match &cluster {
        Some(cluster) => call.in_time(&turn, source.services(cluster, &at)).await?,
        None => call.in_time(&turn, source.clusters(&at)).await?,
    };
    names.sort();
    let of = names.len();
    let page: Vec<String> = names.into_iter().skip(from).take(PAGE).map(|name| sentence(&name, 300)).collect();
    let next = from.saturating_add(page.len());
    let kind = if cluster.is_some() { "services" } else { "clusters" };
    let text = match page.len() {
        0 => format!("no {kind}"),
        _ => format!("{kind} {} to {next} of {of}: {}", from + 1, page.join(", ")),
    };
    let answer = Targets {
        kind: kind.to_owned(),
        names: page,
        of,
        next_cursor: (next < of).then(|| next.to_string()),
        accounts: source.accounts(),
        age_seconds: 0,
    };
    Ok(Answer::new(&answer, sentence(&text, 2_000)))
}
