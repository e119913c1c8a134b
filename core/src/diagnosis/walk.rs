//! The walk: every cause judges every subject of the case.

use crate::case::Case;
use crate::causes::{self, DynCause, Judged};
use crate::evidence::Facts;

/// What one cause said of one subject.
pub struct Step {
    /// The cause.
    pub cause: &'static dyn DynCause,
    /// What it said.
    pub judged: Judged,
}

/// Walks the launch path. Nothing is left out for want of an answer: what is not known is noted and asked.
pub fn walk(case: &Case<'_>, facts: &Facts<'_>) -> Vec<Step> {
    let all = causes::all().iter().copied();
    all.flat_map(|cause| cause.judge_all(case, facts).into_iter().map(move |judged| Step { cause, judged })).collect()
}
