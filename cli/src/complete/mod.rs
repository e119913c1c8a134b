//! What Tab offers: words of our own at once, names of clusters and services from a short-lived cache. AWS is never waited for.

#[cfg(feature = "live")]
mod cache;
#[cfg(feature = "live")]
mod line;
mod profiles;
#[cfg(feature = "live")]
mod refresh;

use clap_complete::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate};
use ecs_why_core::advice;
use ecs_why_core::model::CauseId;
use indexmap::IndexMap;
#[cfg(feature = "live")]
use line::Place;
#[cfg(feature = "live")]
pub use refresh::refresh;
use std::ffi::OsStr;

/// With this variable in the environment the program completes, and does nothing else.
pub const VARIABLE: &str = "COMPLETE";

/// `CLUSTER/SERVICE`.
pub fn targets() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let names = names();
        let services = names
            .iter()
            .flat_map(|(cluster, services)| services.iter().map(move |service| format!("{cluster}/{service}")));
        let services: Vec<String> = services.filter(|name| name.starts_with(&*typed)).collect();
        // A cluster alone is no target: its name is offered where its services are not known.
        let bare = names.iter().filter(|(_, services)| services.is_empty()).map(|(name, _)| format!("{name}/"));
        let bare = bare.filter(|name| name.starts_with(&*typed));
        services.into_iter().chain(bare).map(CompletionCandidate::new).collect()
    })
}

/// Names of clusters.
pub fn clusters() -> ArgValueCandidates {
    ArgValueCandidates::new(|| names().keys().map(CompletionCandidate::new).collect())
}

/// Profiles of the AWS configuration.
pub fn profiles() -> ArgValueCandidates {
    ArgValueCandidates::new(|| profiles::names().into_iter().map(CompletionCandidate::new).collect())
}

/// Causes and advice, each with its title.
pub fn pages() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let causes = CauseId::ALL.iter().map(|id| (id.as_str(), id.title()));
        let advice = advice::all().iter().map(|one| (one.id(), one.title()));
        causes.chain(advice).map(|(id, title)| CompletionCandidate::new(id).help(Some(title.into()))).collect()
    })
}

/// Services by cluster, as far as they are known of the place that the line on the way names.
#[cfg(feature = "live")]
fn names() -> IndexMap<String, Vec<String>> {
    let place = Place::of_line(std::env::args());
    let Some(cache) = cache::Cache::of(&place) else { return IndexMap::new() };
    if cache.wants_refresh() {
        refresh::in_background(&place);
    }
    cache.names().services
}

/// Without an account there are none.
#[cfg(not(feature = "live"))]
fn names() -> IndexMap<String, Vec<String>> {
    IndexMap::new()
}
