//! A report against the lab's truth: the same rules as the lab's own scorer (`ecslab/scoring.py`).

use crate::scenario::Expect;
use ecs_why_core::report::{CauseSection, Report, Status};
use std::collections::BTreeSet;

/// What a report says of causes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Confirmed, not latent, and not known to be over.
    pub roots: BTreeSet<String>,
    /// Confirmed and latent.
    pub latent: BTreeSet<String>,
    /// Confirmed, and over.
    pub past: BTreeSet<String>,
}

/// These are names for not knowing.
const NEVER_CONFIRMED: [&str; 3] = ["network-path-unexplained", "placement-unexplained", "unknown"];

/// Sorts what is confirmed.
pub fn judged(report: &Report, truth: &Expect) -> Judged {
    let mut found = Judged::default();
    for cause in report.causes.iter().filter(|cause| cause.status == Status::Confirmed) {
        let id = cause.id.to_string();
        let bin = match cause {
            cause if cause.healed_at.is_some() && truth.healed.contains(&id) => &mut found.past,
            CauseSection { latent: true, .. } => &mut found.latent,
            _ => &mut found.roots,
        };
        bin.insert(id);
    }
    found
}

/// What must not be, whatever could be read and whichever causes have files: an innocent is blamed.
pub fn mistakes(report: &Report, truth: &Expect) -> Vec<String> {
    let found = judged(report, truth);
    let mut wrong = vec![];
    let one_of = |id: &String, lists: &[&Vec<String>]| lists.iter().any(|list| list.contains(id));
    for id in &found.roots {
        if !one_of(id, &[&truth.root, &truth.acceptable_top]) {
            wrong.push(format!("`{id}` is confirmed, and is not the cause"));
        }
    }
    for id in &found.latent {
        if !one_of(id, &[&truth.latent, &truth.root, &truth.acceptable_top]) {
            wrong.push(format!("`{id}` is called latent, and is not there"));
        }
    }
    for id in found.roots.union(&found.latent) {
        if one_of(id, &[&truth.never_confirm, &truth.healed]) || NEVER_CONFIRMED.contains(&id.as_str()) {
            wrong.push(format!("`{id}` must not be confirmed here"));
        }
    }
    wrong
}

/// All that is wrong with a report that was made from everything.
pub fn faults(report: &Report, truth: &Expect) -> Vec<String> {
    let mut wrong = mistakes(report, truth);
    let found = judged(report, truth);
    if report.outcome.as_str() != truth.outcome {
        wrong.push(format!("outcome `{}`, not `{}`", report.outcome.as_str(), truth.outcome));
    }
    let nameable: Vec<&String> = truth.root.iter().chain(&truth.acceptable_top).chain(&truth.healed).collect();
    let top = report.causes.first().map(|cause| cause.id.to_string()).unwrap_or_default();
    // A fault that is over may be named of what runs again, and need not be.
    if !matches!(truth.outcome.as_str(), "running" | "sound") && !nameable.is_empty() && !nameable.contains(&&top) {
        wrong.push(format!("the first cause is `{top}`, not one of {nameable:?}"));
    }
    wrong
        .extend(truth.root.iter().filter(|id| !found.roots.contains(*id)).map(|id| format!("`{id}` is not confirmed")));
    wrong.extend(
        truth
            .latent
            .iter()
            .filter(|id| !found.latent.contains(*id))
            .map(|id| format!("the latent `{id}` is not found")),
    );
    let roots = || {
        report.causes.iter().filter(|cause| {
            cause.status == Status::Confirmed && !cause.latent && truth.root.contains(&cause.id.to_string())
        })
    };
    if let (Some(wanted), Some(first)) = (&truth.endpoint, roots().next())
        && first.endpoint.as_ref() != Some(wanted)
    {
        wrong.push(format!("endpoint {:?}, not `{wanted}`", first.endpoint));
    }
    let mut named = roots().flat_map(|cause| cause.resources.iter().take(2));
    if !truth.resources.is_empty() && roots().next().is_some() && !named.any(|name| is_one_of(name, &truth.resources)) {
        wrong.push(format!("the first two resources are not at fault; it is one of {:?}", truth.resources));
    }
    wrong
}

/// By id, by ARN, or by the name at the end of an ARN.
fn is_one_of(named: &str, resources: &[String]) -> bool {
    let ends = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|start| start.is_empty() || start.ends_with(['/', ':']))
    };
    resources.iter().any(|resource| ends(named, resource) || ends(resource, named))
}
