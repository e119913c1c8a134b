//! Which image a stop is about, where only the stop says what is wrong with it.

use crate::case::{Case, Container};
use crate::launch::images::EcrUse;
use crate::symptom::Symptom;

/// The container whose image a stop is about: the guilty one, the one with the image that the text names, or the only one.
pub(super) fn container(case: &Case<'_>, symptom: &Symptom) -> Option<Container> {
    let Ok(mut all) = case.containers() else { return None };
    let named = symptom.facts.get("image").and_then(|value| value.as_str());
    let place = match symptom.container.as_deref() {
        Some(name) => all.iter().position(|one| one.name() == name),
        None if all.len() == 1 => Some(0),
        None => named.and_then(|image| all.iter().position(|one| one.definition.image == image)),
    }?;
    Some(all.swap_remove(place))
}

/// What the text names, the image as written and its repository: most specific first.
pub(super) fn resources(symptom: &Symptom, container: Option<&Container>, facts: &[&str]) -> Vec<String> {
    let told = facts.iter().filter_map(|name| symptom.facts.get(*name)?.as_str()).map(str::to_owned);
    let image = container.map(|one| one.definition.image.clone());
    let repository = container.and_then(EcrUse::of).map(|ecr| ecr.image.repository);
    let mut all: Vec<String> = vec![];
    for one in image.into_iter().chain(told).chain(repository) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}
