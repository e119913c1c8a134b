//! The launch path of the report: causes folded into checks, checks into stages.

use super::assemble::Shown;
use super::rank::Ranked;
use super::walk::Step;
use crate::case::Case;
use crate::causes::Verdict;
use crate::evidence::Evidence;
use crate::model::{CheckId, Stage};
use crate::report::{CheckSection, CheckState, StageSection, Status};
use indexmap::IndexMap;

/// Every stage of a launch with its checks: one cause at fault: failed; else one not known: unknown; else passed.
pub fn launch_path(
    case: &Case<'_>,
    steps: &[Step],
    ranked: &[Ranked],
    evidence: &Evidence,
    shown: &mut Shown,
) -> Vec<StageSection> {
    let _ = case;
    Stage::LAUNCH
        .into_iter()
        .map(|stage| {
            let mut checks: IndexMap<CheckId, CheckSection> = IndexMap::new();
            for (index, step) in steps.iter().enumerate().filter(|(_, step)| step.cause.id().stage() == stage) {
                let id = step.cause.id().check();
                let state = state(step, ranked, index);
                let check =
                    checks.entry(id).or_insert(CheckSection { id, state: CheckState::NotApplicable, evidence: vec![] });
                check.state = check.state.max(state);
                if state != CheckState::NotApplicable {
                    for question in &step.judged.reading.questions {
                        let id = shown.note(question, evidence);
                        check.evidence.extend(id.filter(|id| !check.evidence.contains(id)));
                    }
                }
            }
            // What only the message tells fails its check, too.
            for one in ranked.iter().filter(|one| one.told && one.status == Status::Confirmed) {
                if one.id.stage() == stage {
                    let id = one.id.check();
                    let failed = CheckSection { id, state: CheckState::Failed, evidence: vec![] };
                    checks.entry(id).or_insert(failed).state = CheckState::Failed;
                }
            }
            let worst = checks.values().map(|check| check.state).max();
            StageSection {
                stage,
                state: worst.unwrap_or(CheckState::NotApplicable),
                checks: checks.into_values().collect(),
            }
        })
        .collect()
}

fn state(step: &Step, ranked: &[Ranked], index: usize) -> CheckState {
    match &step.judged.verdict {
        Err(_) => CheckState::Unknown,
        Ok(Verdict::NotApplicable) => CheckState::NotApplicable,
        Ok(Verdict::Sound | Verdict::Healed(_)) => CheckState::Passed,
        Ok(Verdict::Fault(_)) => CheckState::Failed,
        Ok(Verdict::AsTold(_)) => {
            let confirmed = ranked.iter().any(|one| one.steps.contains(&index) && one.status == Status::Confirmed);
            if confirmed { CheckState::Failed } else { CheckState::Unknown }
        }
    }
}
