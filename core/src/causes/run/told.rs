//! Causes that only the stop can tell: as sure as its words are.

use crate::case::Case;
use crate::causes::{Finding, Judgement, Verdict};
use crate::model::CauseId;
use crate::symptom::Symptom;

/// A finding if the stop claims the cause; nothing to ask where there is no stop.
pub(crate) fn judge(id: CauseId, case: &Case<'_>, finding: impl FnOnce(&Symptom) -> Finding) -> Judgement {
    match &case.symptom {
        Some(symptom) if symptom.claims.iter().any(|claim| claim.cause == id) => Ok(Verdict::AsTold(finding(symptom))),
        Some(_) => Ok(Verdict::Sound),
        None => Ok(Verdict::NotApplicable),
    }
}

/// What such a stop is about: the revision and its guilty container.
pub(crate) fn revision_and_container(case: &Case<'_>, symptom: &Symptom) -> (Vec<String>, String) {
    let only = || match case.containers() {
        Ok(all) if all.len() == 1 => all.into_iter().next().map(|container| container.definition.name),
        _ => None,
    };
    let container = symptom.container.clone().or_else(only).unwrap_or_else(|| "of the task".to_owned());
    (case.definition_arn.iter().cloned().chain([container.clone()]).collect(), container)
}
