//! Whether an image that is not where its name says is in a registry that the task has to do with.

use super::images::{self, EcrUse};
use crate::case::Case;
use crate::evidence::{Facts, Source};
use crate::image::ImageReference;
use crate::model::Unknown;
use std::collections::BTreeSet;

/// What looking for it reads.
pub const READS: &[Source] = images::READS;

/// Where an image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The region of the registry that has it.
    pub region: String,
    /// The account of that registry.
    pub account: String,
    /// Its name there.
    pub text: String,
}

/// The place of an image that is not where its name says; none where it is, or is nowhere that is looked at.
///
/// Looked at are the task's own region and account, and the registries that its other containers name.
///
/// # Errors
/// When that is not known.
pub fn elsewhere(ecr: &EcrUse, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Elsewhere>, Unknown> {
    let (repository, found) = (ecr.repository(facts), ecr.found(facts));
    // Whether the image itself can be read says nothing where there is no repository for it.
    if repository?.is_some() && found?.is_some() {
        return Ok(None);
    }
    let cached = ecr.is_cached(case, facts);
    let named = (ecr.registry.region.clone(), ecr.registry.account.clone());
    let own = (case.region.region.clone(), case.region.account.clone());
    let images: Vec<ImageReference> = case.containers()?.into_iter().filter_map(|one| one.image.ok()).collect();
    let others = images.iter().filter_map(ImageReference::ecr).map(|other| (other.region, other.account));
    let others: BTreeSet<_> = others.filter(|place| *place != named && *place != own).collect();
    let own = std::iter::once(own).filter(|place| *place != named);
    let read: Vec<_> = own
        .chain(others)
        .map(|(region, account)| {
            let there = facts.image(&region, &account, &ecr.image.repository, ecr.image.id());
            (region, account, there)
        })
        .collect();
    if cached? {
        return Ok(None);
    }
    for (region, account, there) in read {
        // One that was pushed after the stop was in neither place.
        let was_there = |pushed| facts.moment().is_none_or(|moment| pushed <= moment);
        if there?.is_some_and(|image| image.pushed.is_none_or(was_there)) {
            let text = ecr.in_registry(&region, &account);
            return Ok(Some(Elsewhere { region, account, text }));
        }
    }
    Ok(None)
}
