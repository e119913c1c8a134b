//! The proof of a fix: its changes laid over the evidence, and the launch path walked again.

use super::walk::{Step, walk};
use crate::case::Case;
use crate::causes::Verdict;
use crate::change::{Fix, Plan};
use crate::evidence::{Evidence, Facts, Question, Reading};
use crate::model::CauseId;
use crate::report::{Proof, ProofState};

/// What became of a proof.
pub struct Proved {
    /// The verdict; none where the cause is still there, and the fix is no fix.
    pub proof: Option<Proof>,
    /// What the changed walk would have to know besides.
    pub missing: Vec<Question>,
    /// What it read.
    pub reading: Reading,
}

/// Lays a fix over the evidence and walks again, as a check; `told` is a cause that only the stop shows.
pub fn prove(cause: CauseId, told: bool, fix: &Fix, case: &Case<'_>, evidence: &Evidence) -> Proved {
    let why_not = match (fix.is_by_hand(), told) {
        (true, _) => Some("it changes what cannot be read from outside, so that no walk can prove it"),
        (false, true) => Some("only a stop shows this cause, and a walk without one cannot prove that it is gone"),
        (false, false) => None,
    };
    if let Some(why) = why_not {
        return Proved {
            proof: Some(Proof { state: ProofState::NotProvable, detail: why.to_owned() }),
            missing: vec![],
            reading: Reading::default(),
        };
    }
    let mut changed = evidence.clone();
    let mut plan = Plan { definition: None, network: case.network.ok().cloned() };
    for change in &fix.changes {
        change.lay_over(&mut changed, &mut plan, case.definition_arn.as_deref(), case.now);
    }
    let facts = Facts::new(&changed);
    let again = after(case, &plan, &facts);
    let steps = walk(&again, &facts);
    let missing = facts.missing();
    Proved { proof: verdict(cause, &steps, !missing.is_empty()), missing, reading: facts.reading() }
}

/// The case as the service would run it after the changes.
fn after<'x>(case: &Case<'x>, plan: &'x Plan, facts: &Facts<'x>) -> Case<'x> {
    let arn = plan.definition.clone().or_else(|| case.definition_arn.clone());
    let definition = match &arn {
        Some(arn) => facts.task_definition(arn.as_str()).and_then(|found| found.ok_or_else(crate::model::Unknown::new)),
        None => case.definition,
    };
    Case {
        definition,
        definition_arn: arn,
        network: plan.network.as_ref().ok_or_else(crate::model::Unknown::new),
        symptom: None,
        task: None,
        ..case.clone()
    }
}

fn verdict(cause: CauseId, steps: &[Step], waiting: bool) -> Option<Proof> {
    let at_fault = |step: &&Step| matches!(step.judged.verdict, Ok(Verdict::Fault(_)));
    // The general cause must be gone with the special one.
    let kin = |id: CauseId| id == cause || crate::causes::find(cause).is_some_and(|one| one.refines().contains(&id));
    if steps.iter().filter(at_fault).any(|step| kin(step.cause.id())) {
        return None;
    }
    let undecided = steps.iter().find(|step| step.judged.verdict.is_err());
    let mut left: Vec<&str> = steps.iter().filter(at_fault).map(|step| step.cause.id().as_str()).collect();
    left.dedup();
    Some(match (undecided, left.as_slice()) {
        (Some(step), _) if kin(step.cause.id()) || waiting => Proof {
            state: ProofState::Unknown,
            detail: "the changed walk meets something that could not be read".to_owned(),
        },
        (_, [_, ..]) => Proof {
            state: ProofState::Partial,
            detail: format!("with this change {cause} is gone, and {} remains", left.join(", ")),
        },
        (Some(step), []) => Proof {
            state: ProofState::Unknown,
            detail: format!("with this change {cause} is gone, and {} could not be looked at", step.cause.id()),
        },
        (None, []) => Proof {
            state: ProofState::Proved,
            detail: "with this change every check of the launch path passes".to_owned(),
        },
    })
}
