//! One table of symptom, verdict and gaps: how sure each cause is, and in which order they come.
//!
//! A cause says what it found; what that means for this stop is said here, a row at a time.

use super::explains::Explains;
use super::walk::Step;
use crate::case::Case;
use crate::causes::{DynCause, Finding, Verdict};
use crate::launch::steps;
use crate::model::{CauseId, Stage};
use crate::report::Status;
use crate::symptom::{Strength, Symptom};

/// A cause with its status.
#[derive(Clone)]
pub struct Ranked {
    /// Which one.
    pub id: CauseId,
    /// How sure it is.
    pub status: Status,
    /// Really there, and not what stopped this task.
    pub latent: bool,
    /// What was found, if anything was.
    pub finding: Finding,
    /// The steps of the walk that it comes from; none for what only the message says.
    pub steps: Vec<usize>,
    /// The stop reason by itself says so.
    pub told: bool,
    /// What a reader should know of how it was ranked.
    pub note: Option<String>,
}

/// These are names for not knowing: nothing confirms them.
const NEVER_CONFIRMED: [CauseId; 3] =
    [CauseId::NetworkPathUnexplained, CauseId::PlacementUnexplained, CauseId::Unknown];

/// What was found in one step, before it is ranked.
struct Found<'s> {
    step: usize,
    cause: &'static dyn DynCause,
    finding: &'s Finding,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Evidence shows it, now.
    Fault,
    /// Evidence shows that it was there at the stop, and is not now.
    Healed,
    /// Only the stop tells.
    AsTold,
}

/// Ranks what a walk found: the first is the answer.
pub fn rank(case: &Case<'_>, steps: &[Step], explains: &Explains<'_>) -> Vec<Ranked> {
    let found = found(steps);
    match &case.symptom {
        Some(symptom) => for_stop(case, symptom, steps, &found, explains),
        None => for_check(case, &found),
    }
}

fn found(steps: &[Step]) -> Vec<Found<'_>> {
    let mut all: Vec<Found<'_>> = vec![];
    for (index, step) in steps.iter().enumerate() {
        let (finding, kind) = match &step.judged.verdict {
            Ok(Verdict::Fault(finding)) => (finding, Kind::Fault),
            Ok(Verdict::Healed(finding)) => (finding, Kind::Healed),
            Ok(Verdict::AsTold(finding)) => (finding, Kind::AsTold),
            Ok(Verdict::Sound | Verdict::NotApplicable) | Err(_) => continue,
        };
        all.push(Found { step: index, cause: step.cause, finding, kind });
    }
    // A special case takes the place of the general one, for the same container.
    let special: Vec<(CauseId, Option<String>)> = all
        .iter()
        .filter(|one| one.kind == Kind::Fault)
        .flat_map(|one| one.cause.refines().iter().map(|general| (*general, one.finding.container.clone())))
        .collect();
    // Where one cause is the special case of several, its finding says of which, and on what.
    let on = |one: &Found<'_>| (one.finding.container.clone(), one.finding.resources.first().cloned());
    let instead: Vec<_> = all.iter().filter_map(|one| Some((one.finding.instead_of?, on(one)))).collect();
    all.retain(|one| {
        !special.contains(&(one.cause.id(), one.finding.container.clone()))
            && !instead.contains(&(one.cause.id(), on(one)))
    });
    all
}

/// Without a symptom every fault counts; what stands behind another on the same path waits.
fn for_check(case: &Case<'_>, found: &[Found<'_>]) -> Vec<Ranked> {
    let mut ranked: Vec<(usize, Ranked)> = vec![];
    for one in found.iter().filter(|one| one.kind == Kind::Fault) {
        let id = one.cause.id();
        let latent = one.finding.behind > 0;
        let step = steps::step_of(id, one.finding.endpoint.as_deref());
        let order = usize::from(latent) * 100 + steps::order(case.launch, step);
        let entry = Ranked {
            id,
            status: Status::Confirmed,
            latent,
            finding: one.finding.clone(),
            steps: vec![one.step],
            told: false,
            note: None,
        };
        ranked.push((order, entry));
    }
    ranked.sort_by_key(|(order, _)| *order);
    merge(ranked.into_iter().map(|(_, one)| one).collect())
}

fn for_stop(
    case: &Case<'_>,
    symptom: &Symptom,
    steps: &[Step],
    found: &[Found<'_>],
    explains: &Explains<'_>,
) -> Vec<Ranked> {
    let place = |id: CauseId| symptom.claims.iter().position(|claim| claim.cause == id).unwrap_or(usize::MAX);
    let settled = symptom.settled();
    // What can have stopped this task: claimed by the stop, at its endpoint and container; the best claim first, and on one
    // path what comes first.
    let mut explaining: Vec<&Found<'_>> = found
        .iter()
        .filter(|one| {
            let general = one.cause.refines().iter().any(|id| symptom.strength(*id).is_some());
            (symptom.strength(one.cause.id()).is_some() || general)
                && explains.finding(case, one.cause.id(), one.finding)
        })
        .collect();
    let claim = |one: &Found<'_>| {
        let general = one.cause.refines().iter().map(|id| place(*id)).min();
        place(one.cause.id()).min(general.unwrap_or(usize::MAX))
    };
    let is_settled =
        |one: &Found<'_>| settled.is_some_and(|id| id == one.cause.id() || one.cause.refines().contains(&id));
    let weight = |one: &Found<'_>| match one.kind {
        // What the message says with certainty wins over everything.
        _ if is_settled(one) => 0,
        Kind::Fault => 1,
        Kind::Healed => 2,
        Kind::AsTold => 3,
    };
    explaining.sort_by_key(|one| (weight(one), one.finding.behind, claim(one), one.step));
    let root = explaining.first().copied().filter(|root| {
        // Where the message leaves no doubt, nothing else can have stopped the task.
        settled.is_none() || is_settled(root)
    });

    let mut ranked: Vec<Ranked> = vec![];
    let entry = |one: &Found<'_>, status: Status, latent: bool| Ranked {
        id: one.cause.id(),
        status,
        latent,
        finding: one.finding.clone(),
        steps: vec![one.step],
        told: one.kind == Kind::AsTold,
        note: None,
    };
    // 1. The root, and findings of the same cause that explain the stop as well.
    if let Some(root) = root {
        let same = |one: &&&Found<'_>| one.cause.id() == root.cause.id() && one.kind == root.kind;
        for one in explaining.iter().filter(same).filter(|one| one.finding.behind == root.finding.behind) {
            let status = root_status(case, symptom, steps, one);
            let mut entry = entry(one, status, false);
            if let Some(witness) = sibling(case, one.cause.id(), one.finding).filter(|_| one.kind == Kind::Fault) {
                entry.status = Status::Likely;
                entry.note = Some(format!("{witness} is a witness against it"));
            }
            entry.note = entry.note.or_else(|| one.finding.doubt.clone());
            ranked.push(entry);
        }
    } else if let Some(id) = settled {
        ranked.push(settled_by_message(id, steps, symptom, explains));
    }
    let answered = ranked.first().is_some_and(|one| one.status == Status::Confirmed);
    // 2. Nothing is confirmed: what the stop points to, as far as nothing read speaks against it.
    if !answered {
        for claim in &symptom.claims {
            if ranked.iter().any(|one| one.id == claim.cause) || Some(claim.cause) == settled {
                continue;
            }
            ranked.extend(claimed(claim.cause, claim.strength, steps, found, &entry));
        }
        ranked.sort_by_key(|one| one.status);
    }
    // 3. Faults that are really there, and did not stop this task.
    for one in found.iter().filter(|one| one.kind == Kind::Fault) {
        if !ranked.iter().any(|other| other.steps.contains(&one.step)) {
            ranked.push(entry(one, Status::Confirmed, true));
        }
    }
    // 4. What the stop allows, and the evidence clears.
    for claim in &symptom.claims {
        let its = |step: &&Step| step.cause.id() == claim.cause;
        let judged: Vec<&Step> = steps.iter().filter(its).collect();
        let cleared = !judged.is_empty()
            && judged.iter().all(|step| matches!(step.judged.verdict, Ok(Verdict::Sound | Verdict::NotApplicable)))
            && judged.iter().any(|step| matches!(step.judged.verdict, Ok(Verdict::Sound)));
        if cleared && !ranked.iter().any(|one| one.id == claim.cause) {
            ranked.push(Ranked {
                id: claim.cause,
                status: Status::RuledOut,
                latent: false,
                finding: Finding::default().because(format!("looked at, and not so: {}", claim.cause.check().as_str())),
                steps: steps
                    .iter()
                    .enumerate()
                    .filter(|(_, step)| step.cause.id() == claim.cause)
                    .map(|(at, _)| at)
                    .collect(),
                told: false,
                note: None,
            });
        }
    }
    merge(ranked)
}

/// How sure the root is.
fn root_status(case: &Case<'_>, symptom: &Symptom, steps: &[Step], root: &Found<'_>) -> Status {
    let id = root.cause.id();
    match root.kind {
        _ if NEVER_CONFIRMED.contains(&id) => Status::Likely,
        // Evidence shows it. On a path, only if nothing that is not known comes before it.
        Kind::Fault | Kind::Healed if earlier_is_open(id, root.finding, symptom, steps) => Status::Likely,
        // The stop says that it was so, and nothing shows the change after which it is not: one of them may be mistaken.
        Kind::Healed if root.finding.healed_at.is_none() => Status::Likely,
        // What stood there before may be gone without a trace.
        Kind::Healed if root.finding.doubt.is_some() => Status::Likely,
        Kind::Fault | Kind::Healed => Status::Confirmed,
        Kind::AsTold => match symptom.strength(id) {
            Some(Strength::Settles) => Status::Confirmed,
            // The account shows that the container ran for a while and ended by itself, with a code of its own.
            Some(Strength::Suggests) if id == CauseId::ApplicationError && ran_and_failed(case, symptom) => {
                Status::Confirmed
            }
            // The task's own containers show which one was waited for, and what became of it.
            Some(_) if id == CauseId::DependencyFailed && crate::causes::waited_in_vain(case) => Status::Confirmed,
            Some(Strength::Suggests) => Status::Likely,
            Some(Strength::Allows) | None => Status::Possible,
        },
    }
}

/// A program that cannot be run at all ends within a moment; what ran longer than this failed by itself.
const RAN_SECONDS: i64 = 3;

fn ran_and_failed(case: &Case<'_>, symptom: &Symptom) -> bool {
    let Some(task) = case.task else { return false };
    let ended = task.times.execution_stopped.or(task.times.stopping).or(task.times.stopped);
    let ran = task.times.started.zip(ended).is_some_and(|(from, to)| to.as_second() - from.as_second() >= RAN_SECONDS);
    ran && symptom.container.is_some() && symptom.exit_code.is_some_and(|code| (1..=124).contains(&code))
}

/// The order of network-rules.md, 1: what is looked at first on a path.
const fn on_path(id: CauseId) -> usize {
    match id {
        CauseId::DnsResolutionDisabled => 0,
        CauseId::SecurityGroupEgressBlocked => 2,
        CauseId::VpcEndpointSecurityGroupBlocked => 3,
        CauseId::NetworkAclBlocked => 4,
        CauseId::VpcEndpointPolicyDenied => 5,
        _ => 1,
    }
}

/// A cause that would come before this one on the same path is not known.
fn earlier_is_open(id: CauseId, finding: &Finding, symptom: &Symptom, steps: &[Step]) -> bool {
    id.stage() == Stage::Reachability
        && steps.iter().any(|step| {
            let other = step.cause.id();
            other.stage() == Stage::Reachability
                && other != CauseId::NetworkPathUnexplained
                && on_path(other) < on_path(id)
                && symptom.strength(other).is_some()
                && step.judged.verdict.is_err()
                && finding.endpoint.is_some()
        })
}

/// A task of the same revision that started after the stop and runs, in the same subnet where the network is suspected.
fn sibling(case: &Case<'_>, id: CauseId, finding: &Finding) -> Option<String> {
    let network = id.stage() == Stage::Reachability;
    if !network && id.stage() != Stage::Role {
        return None;
    }
    let (failed, _) = (case.task?, finding);
    let subnet = failed.interface.as_ref().and_then(|one| one.subnet.as_ref());
    let after = failed.times.stopped.or(failed.times.stopping)?;
    let same = |one: &&&crate::model::ecs::Task| {
        one.definition == failed.definition
            && one.arn != failed.arn
            && one.times.started.is_some_and(|started| started > after)
            && (!network || subnet.is_some() && one.interface.as_ref().and_then(|own| own.subnet.as_ref()) == subnet)
    };
    let witness = case.siblings.iter().find(same)?;
    let id = witness.arn.rsplit('/').next().unwrap_or(&witness.arn);
    Some(format!("task {id}, which started with the same revision after the stop and runs,"))
}

/// The message leaves no doubt, and the account either cannot tell or says otherwise.
fn settled_by_message(id: CauseId, steps: &[Step], symptom: &Symptom, explains: &Explains<'_>) -> Ranked {
    let judged: Vec<usize> =
        steps.iter().enumerate().filter(|(_, step)| step.cause.id() == id).map(|(at, _)| at).collect();
    let sound = |at: &usize| matches!(steps[*at].judged.verdict, Ok(Verdict::Sound));
    // Witness and evidence disagree: it was so at the stop, and is not so now.
    let over = judged.iter().any(sound) && !judged.iter().any(|at| steps[*at].judged.verdict.is_err());
    let told = super::headline::as_told(id, symptom);
    let (status, why) = match (over, explains.changed_since(id)) {
        (true, _) => (
            Status::Likely,
            format!("{told}; what can be read now is sound, so that it was mended since, or was another's fault"),
        ),
        // What the role may do now is not known, and it is not what it was: the fault may be over.
        (false, Some(change)) if !judged.is_empty() => {
            (Status::Likely, format!("{told}; {change}, so that it may be mended, and not all of it can be read"))
        }
        (false, _) => (Status::Confirmed, told),
    };
    let finding =
        Finding { endpoint: symptom.endpoints.first().cloned().filter(|_| id.has_endpoint()), ..Finding::default() };
    Ranked {
        id,
        status,
        latent: false,
        finding: Finding { container: symptom.container.clone(), resources: symptom.names(), ..finding.because(why) },
        steps: if over { judged } else { vec![] },
        told: true,
        note: None,
    }
}

/// A cause that the stop allows and nothing confirms.
fn claimed(
    id: CauseId,
    strength: Strength,
    steps: &[Step],
    found: &[Found<'_>],
    entry: &impl Fn(&Found<'_>, Status, bool) -> Ranked,
) -> Option<Ranked> {
    let status = if strength == Strength::Allows { Status::Possible } else { Status::Likely };
    if let Some(one) = found.iter().find(|one| one.cause.id() == id) {
        // Found, and not at this endpoint or container: it is latent, below. What only the stop tells is as sure as that.
        return (one.kind == Kind::AsTold).then(|| entry(one, status, false));
    }
    let judged: Vec<usize> =
        steps.iter().enumerate().filter(|(_, step)| step.cause.id() == id).map(|(at, _)| at).collect();
    let unknown = judged.iter().any(|at| steps[*at].judged.verdict.is_err());
    if !judged.is_empty() && !unknown {
        // Sound: it is ruled out. Not applicable: the case has nothing that it could be about.
        return None;
    }
    let why = match unknown {
        true => format!("the stop allows it, and it could not be looked at: {}", id.title()),
        false => format!("the stop allows it: {}", id.title()),
    };
    Some(Ranked {
        id,
        status,
        latent: false,
        finding: Finding::default().because(why),
        steps: judged,
        told: true,
        note: None,
    })
}

/// One entry for one thing at fault: the same cause on the same resource, over several endpoints or containers.
fn merge(all: Vec<Ranked>) -> Vec<Ranked> {
    let mut merged: Vec<Ranked> = vec![];
    for one in all {
        let same = merged.iter_mut().find(|other| {
            other.id == one.id
                && (other.finding.resources.first() == one.finding.resources.first()
                    || other.status != Status::Confirmed)
                && !(other.status == Status::RuledOut && one.status == Status::Confirmed)
        });
        match same {
            Some(other) => {
                // A root that bars other services too is one fault, and not latent besides.
                if let Some(endpoint) =
                    one.finding.endpoint.filter(|name| Some(name) != other.finding.endpoint.as_ref())
                {
                    other.finding.also.push(endpoint);
                }
            }
            None => merged.push(one),
        }
    }
    merged
}

#[cfg(test)]
mod tests;
