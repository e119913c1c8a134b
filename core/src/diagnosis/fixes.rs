//! Which fixes are offered for which cause, in which order, with their proofs.

use super::prove::prove;
use super::rank::Ranked;
use super::verify::verify;
use super::walk::Step;
use crate::case::Case;
use crate::change::{Change, Changed, Fix, HouseRules};
use crate::evidence::{Evidence, Facts, Question};
use crate::model::Stage;
use crate::report::{FixSection, KeeperSection, Outcome, Proof, ProofState, Risk, Status};
use indexmap::{IndexMap, IndexSet};

/// The fixes of a report.
#[derive(Default)]
pub struct Offered {
    /// In the order of their causes.
    pub sections: Vec<FixSection>,
    /// What a fix or its proof would have to know besides.
    pub missing: Vec<Question>,
    /// What the proofs read: a gap among it is a gap of the report.
    pub read: IndexSet<Question>,
    /// Fixes that do not remove their cause in the walk: a bug of ours, which a test looks for.
    pub useless: Vec<String>,
    /// Fixes that house rules forbid, in words.
    pub refused: IndexSet<String>,
    by_cause: IndexMap<usize, Vec<String>>,
}

impl Offered {
    /// The ids of the fixes for a ranked cause.
    pub fn of(&self, ranked: usize) -> Vec<String> {
        self.by_cause.get(&ranked).cloned().unwrap_or_default()
    }
}

/// Fixes for every cause that is confirmed.
pub fn offer(
    case: &Case<'_>,
    facts: &Facts<'_>,
    evidence: &Evidence,
    steps: &[Step],
    ranked: &[Ranked],
    outcome: Outcome,
    rules: &HouseRules,
) -> Offered {
    let mut offered = Offered::default();
    for (index, one) in ranked.iter().enumerate() {
        if one.status != Status::Confirmed
            || matches!(outcome, Outcome::StoppedDeliberately | Outcome::Completed) && one.latent
        {
            continue;
        }
        let mut proved: Vec<(Fix, Proof)> = vec![];
        for fix in candidates(case, facts, steps, one) {
            if let Some(rule) = rules.broken_by(&fix) {
                offered
                    .refused
                    .insert(format!("a fix was left out, since the house rule `{rule}` forbids it: {}", fix.title));
                continue;
            }
            let result = prove(one.id, one.told, &fix, case, evidence);
            offered.missing.extend(result.missing);
            offered.read.extend(result.reading.questions);
            match result.proof {
                None => offered.useless.push(format!("{}: {}", one.id, fix.title)),
                // Going back is offered only where it helps; for anything else it is one more way to fail.
                Some(proof) if is_going_back(&fix) && !helps(&proof) => {}
                Some(proof) => proved.push((fix, proof)),
            }
        }
        // Among those whose turn it is, what the house prefers comes first.
        proved.sort_by_key(|(fix, proof)| (turn(fix, proof), rules.rank(fix)));
        for (fix, proof) in proved {
            for section in sections(case, facts, &fix, &proof) {
                let id = format!("f{}", offered.sections.len() + 1);
                offered.by_cause.entry(index).or_default().push(id.clone());
                offered.sections.push(FixSection { id, ..section });
            }
        }
    }
    offered.useless.retain(|useless| !useless.contains(GOING_BACK));
    offered
}

/// A fix as the report shows it: one section for each account in which something is to be done.
fn sections(case: &Case<'_>, facts: &Facts<'_>, fix: &Fix, proof: &Proof) -> Vec<FixSection> {
    let accounts = fix.accounts(case);
    let several = accounts.len() > 1;
    let accounts = if accounts.is_empty() { vec![case.region.account.clone()] } else { accounts };
    let one = |account: String| {
        let part = Fix {
            changes: fix.changes.iter().filter(|change| change.account(case) == account).cloned().collect(),
            ..fix.clone()
        };
        let title = if several {
            format!("{} (what is to be done in account {account})", fix.title)
        } else {
            fix.title.clone()
        };
        let others = "each account has its own commands, and it takes all of them";
        let note = match (&fix.note, several) {
            (Some(note), true) => Some(format!("{note}; {others}")),
            (None, true) => Some(others.to_owned()),
            (note, false) => note.clone(),
        };
        let commands = part.commands(case);
        let words = part.changes.iter().filter(|change| change.commands(case).is_empty()).filter_map(Change::in_words);
        let words: Vec<String> = note.into_iter().chain(words).collect();
        let note = (!words.is_empty()).then(|| words.join("; "));
        FixSection {
            id: String::new(),
            title,
            risk: fix.risk,
            commands,
            proof: proof.clone(),
            verify: verify(case, facts, fix),
            docs: fix.docs.clone(),
            note,
            keepers: part.kept(case, facts).into_iter().map(keeper).collect(),
            account: Some(account),
        }
    };
    accounts.into_iter().map(one).collect()
}

fn keeper(changed: Changed) -> KeeperSection {
    let keeper = changed.keeper.name().unwrap_or_default();
    let text =
        format!("{} belongs to {keeper}: make the change there, or its next run takes this one back", changed.what);
    KeeperSection { resource: changed.id, keeper, text }
}

fn candidates(case: &Case<'_>, facts: &Facts<'_>, steps: &[Step], one: &Ranked) -> Vec<Fix> {
    if one.finding.healed_at.is_some() {
        let again = case
            .service
            .map(|_| Fix::new("Try again: what stopped the task is mended", Risk::Low).making(Change::TryAgain));
        return again.into_iter().collect();
    }
    let mut fixes: Vec<Fix> = vec![];
    if !one.latent && !matches!(one.id.stage(), Stage::Lifecycle | Stage::Unknown) {
        fixes.extend(going_back(case, one));
    }
    for step in &one.steps {
        let judged = &steps[*step];
        let found = judged.cause.fixes_for(judged.judged.subject, case, facts).unwrap_or_default();
        for fix in found {
            if !fixes.contains(&fix) {
                fixes.push(fix);
            }
        }
    }
    fixes
}

const GOING_BACK: &str = "Go back to ";

fn helps(proof: &Proof) -> bool {
    matches!(proof.state, ProofState::Proved | ProofState::Partial)
}

/// Which comes first: going back is what mitigates. Only a right that a role lacks is given before that: it lies outside of
/// any revision, works at the next attempt without a deployment, and undoes no release.
fn turn(fix: &Fix, proof: &Proof) -> usize {
    let right = |change: &Change| matches!(change, Change::Allow { .. } | Change::Attach { .. });
    match is_going_back(fix) {
        false if helps(proof) && fix.risk == Risk::Low && fix.changes.iter().all(right) => 0,
        true => 1,
        false => 2,
    }
}

fn is_going_back(fix: &Fix) -> bool {
    fix.changes.iter().any(|change| matches!(change, Change::UseRevision { .. }))
}

/// First of all the service should run again: the revision before, which ran well.
fn going_back(case: &Case<'_>, one: &Ranked) -> Option<Fix> {
    // What only the stop tells cannot be seen in a walk, so that nothing would prove that going back helps.
    if one.told {
        return None;
    }
    let (service, own) = (case.service?, case.deployment?);
    // Only what the service runs now can be taken back.
    let current = service.deployments.first().is_some_and(|primary| primary.id == own.id);
    let well = service.deployments.iter().filter(|other| {
        other.id != own.id
            && other.definition != own.definition
            && other.created < own.created
            && (other.running > 0 || other.rollout.as_deref() == Some("COMPLETED"))
    });
    let before = well.max_by_key(|other| other.created).filter(|_| current)?;
    let short = before.definition.rsplit('/').next().unwrap_or(&before.definition);
    let fix = Fix::new(format!("{GOING_BACK}{short}, which ran well"), Risk::Medium)
        .making(Change::UseRevision { definition: before.definition.clone() })
        .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-console-v2.html")
        .noting("this mitigates: what was to be released is not, until its fault is mended");
    Some(fix)
}
