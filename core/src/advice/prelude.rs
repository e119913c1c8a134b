//! What almost every piece of advice uses.

pub(crate) use super::{Advice, Advised, Tip};
pub(crate) use crate::case::{Case, Container};
pub(crate) use crate::causes::documented::documented;
pub(crate) use crate::change::command;
pub(crate) use crate::evidence::{Facts, Source};
pub(crate) use crate::launch::images::{self, EcrUse};

/// `a`, `a and b`, `a, b and 2 more`.
pub(crate) fn some_of(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [one, other, rest @ ..] => format!("{one}, {other} and {} more", rest.len()),
    }
}

/// The containers whose images are in private registries of ECR.
pub(crate) fn ecr_uses(case: &Case<'_>) -> Result<Vec<EcrUse>, crate::model::Unknown> {
    let mut uses: Vec<EcrUse> = vec![];
    for used in case.containers()?.iter().filter_map(EcrUse::of) {
        if !uses.contains(&used) {
            uses.push(used);
        }
    }
    Ok(uses)
}
