//! What could not be read, and which causes that leaves undecided.

use super::rank::Ranked;
use super::walk::Step;
use crate::evidence::{Answer, Evidence, GapReason, Reading, Source};
use crate::model::CauseId;
use crate::report::{GapSection, Status};
use indexmap::IndexMap;

/// The gaps of a report: each action and reason once.
pub fn gaps(
    resolved: &Reading,
    all: &Reading,
    steps: &[Step],
    ranked: &[Ranked],
    evidence: &Evidence,
) -> Vec<GapSection> {
    let mut found: IndexMap<(String, GapReason), GapSection> = IndexMap::new();
    let mut add = |action: &str, reason: GapReason, detail: &str, hides: Option<CauseId>| {
        let section = found.entry((action.to_owned(), reason)).or_insert_with(|| GapSection {
            action: action.to_owned(),
            reason,
            hides: vec![],
            detail: Some(detail.to_owned()).filter(|text| !text.is_empty()),
        });
        section.hides.extend(hides.filter(|id| !section.hides.contains(id)));
    };
    // A cause that is confirmed by other means is not hidden.
    let decided = |id: CauseId| {
        ranked.iter().any(|one| one.id == id && matches!(one.status, Status::Confirmed | Status::RuledOut))
    };
    for step in steps.iter().filter(|step| step.judged.verdict.is_err()) {
        let id = step.cause.id();
        let hides = Some(id).filter(|id| !decided(*id));
        let own = of(&step.judged.reading, evidence, Searches::LeftOut);
        // Where its own reading has no gap, what it needed was not resolved: the case's gaps are its gaps.
        let blamed = if own.is_empty() { of(resolved, evidence, Searches::LeftOut) } else { own };
        for (action, reason, detail) in blamed {
            add(&action, reason, &detail, hides);
        }
    }
    for (action, reason, detail) in of(all, evidence, Searches::Told) {
        add(&action, reason, &detail, None);
    }
    found.into_values().collect()
}

/// The gaps and lacks of a reading; a lack counts only where no gap explains it.
///
/// What was not readable in a search for the task's record explains nothing: the task was found, or the report is about that.
fn of(reading: &Reading, evidence: &Evidence, searches: Searches) -> Vec<(String, GapReason, String)> {
    let all = |in_search: bool| {
        reading
            .questions
            .iter()
            .filter(move |question| question.source().looks_for_a_record() == in_search)
            // The second witness is heard where it may be: without it nothing is hidden.
            .filter(|question| question.source() != Source::Simulation)
            .filter_map(|question| match evidence.get(question).map(|kept| &kept.answer) {
                Some(Answer::Gap(gap)) => Some((question.source().action().to_owned(), gap.reason, gap.detail.clone())),
                _ => None,
            })
    };
    let lacks = |of_the_task: bool| {
        let wanted = reading.lacks.iter().filter(move |lack| (lack.action == FORGOTTEN) == of_the_task);
        wanted.map(|lack| (lack.action.to_owned(), lack.reason, lack.detail.clone()))
    };
    let mut gaps: Vec<_> = all(false).collect();
    if gaps.is_empty() {
        gaps.extend(lacks(false));
    }
    if searches == Searches::Told {
        gaps.extend(lacks(true));
        gaps.extend(all(true));
    }
    gaps
}

/// The lack of a task that ECS has forgotten: the report is about what is left of it.
pub const FORGOTTEN: &str = "ecs:DescribeTasks";

/// Whether what a search for the task's record could not read is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Searches {
    Told,
    LeftOut,
}
