//! Advice of a check: judged over the same evidence by a view of its own, so that nothing it lacks becomes a gap of the
//! report, and nothing it says changes the outcome.

use super::assemble::Shown;
use crate::advice::all;
use crate::case::Case;
use crate::evidence::{Evidence, Facts, Question};
use crate::report::AdviceSection;

/// What is advised, and what would have to be known for the rest.
pub struct Advice {
    /// In the order of the catalogue.
    pub sections: Vec<AdviceSection>,
    /// Questions whose answers are still out.
    pub missing: Vec<Question>,
}

/// All advice on a case.
pub fn advise(case: &Case<'_>, evidence: &Evidence, shown: &mut Shown) -> Advice {
    let facts = Facts::new(evidence);
    let mut sections = vec![];
    for one in all() {
        let (advised, reading) = one.give(case, &facts);
        let Ok(Some(tip)) = advised else { continue };
        let mut ids: Vec<String> = vec![];
        for question in &reading.questions {
            let known = evidence.get(question).is_some();
            let id = known.then(|| shown.note(question, evidence)).flatten();
            ids.extend(id.filter(|id| !ids.contains(id)));
        }
        sections.push(AdviceSection {
            id: one.id().to_owned(),
            title: one.title().to_owned(),
            explanation: tip.explanation,
            resources: tip.resources.into_iter().take(6).collect(),
            evidence: ids,
            commands: tip.commands,
        });
    }
    Advice { sections, missing: facts.missing() }
}
