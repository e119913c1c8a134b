//! What may be meant by what is typed so far: clusters, services, task ids, causes, reports.

use crate::caller::Caller;
use crate::errors::Fault;
use crate::prompts;
use crate::resources;
use crate::shared::Shared;
use crate::source::Where;
use ecs_why_core::brief::sentence;
use ecs_why_core::model::CauseId;
use rmcp::model::{CompleteRequestParams, CompletionInfo, Reference};
use std::time::Duration;

/// Nobody waits longer for a suggestion.
const PATIENCE: Duration = Duration::from_secs(5);

/// The values, the likeliest first, and how many there are in all.
pub async fn complete(request: &CompleteRequestParams, shared: &Shared, caller: &Caller) -> (Vec<String>, usize) {
    let typed = request.argument.value.trim();
    let argument = request.argument.name.as_str();
    let all = match &request.r#ref {
        Reference::Resource(resource) => match (resource.uri.as_str(), argument) {
            (resources::CAUSE, "id") => CauseId::ALL.iter().map(|id| id.as_str().to_owned()).collect(),
            (resources::REPORT, "id") => shared.store.of(caller).iter().map(|kept| kept.id.clone()).collect(),
            // To what we do not know there is nothing to suggest: that is an answer, and no reason to interrupt who types.
            _ => vec![],
        },
        Reference::Prompt(prompt)
            if prompts::arguments(&prompt.name).is_some_and(|mut known| known.any(|name| name == argument)) =>
        {
            let before = request.context.as_ref().and_then(|context| context.arguments.as_ref());
            let cluster = before.and_then(|arguments| arguments.get("cluster")).map(String::as_str);
            let asked = names(argument, typed, cluster, shared);
            // What cannot be listed is not suggested: the tools tell why.
            tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Ok(vec![])).unwrap_or_default()
        }
        _ => vec![],
    };
    let mut fitting: Vec<String> = all.into_iter().filter(|one| starts(one, typed)).collect();
    fitting.sort();
    let total = fitting.len();
    fitting.truncate(CompletionInfo::MAX_VALUES);
    (fitting.into_iter().map(|one| sentence(&one, 300)).collect(), total)
}

fn starts(name: &str, typed: &str) -> bool {
    name.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
}

async fn names(argument: &str, typed: &str, cluster: Option<&str>, shared: &Shared) -> Result<Vec<String>, Fault> {
    let (source, at) = (&shared.source, Where::default());
    match argument {
        "cluster" => source.clusters(&at).await,
        "service" => match cluster {
            Some(cluster) => source.services(cluster, &at).await,
            None => Ok(vec![]),
        },
        // `cluster/`, and behind it services and stopped tasks.
        "target" => match typed.split_once('/') {
            None => Ok(source.clusters(&at).await?.into_iter().map(|cluster| format!("{cluster}/")).collect()),
            Some((cluster, _)) => {
                let (services, tasks) = tokio::join!(source.services(cluster, &at), source.tasks(cluster, &at));
                let names = services?.into_iter().chain(tasks.unwrap_or_default());
                Ok(names.map(|name| format!("{cluster}/{name}")).collect())
            }
        },
        _ => Ok(vec![]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_how_it_starts() {
        assert!(starts("prod/web", "PROD/") && starts("prod", "") && !starts("prod", "prod/web"));
        assert!(!starts("é", "e"));
    }
}
