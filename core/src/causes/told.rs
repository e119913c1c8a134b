//! Causes that a stop tells: as sure as its words are.

use crate::case::Case;
use crate::causes::{Finding, Judgement, Verdict};
use crate::change::{Change, Fix, command};
use crate::launch::steps;
use crate::model::{CauseId, Stage, Step};
use crate::report::Risk;
use crate::symptom::{Strength, Symptom};

/// A finding if the stop claims the cause; nothing to ask where there is no stop, and where the task did not come so far.
pub(crate) fn judge(id: CauseId, case: &Case<'_>, finding: impl FnOnce(&Symptom) -> Finding) -> Judgement {
    match &case.symptom {
        Some(symptom) if symptom.claims.iter().any(|claim| claim.cause == id) => Ok(Verdict::AsTold(finding(symptom))),
        Some(symptom) if came_so_far(id, case, symptom) => Ok(Verdict::Sound),
        Some(_) | None => Ok(Verdict::NotApplicable),
    }
}

/// What the message says of a cause in one sentence, where it points there; elsewhere it is one of several.
///
/// Silence proves nothing here: nobody has looked whether there was anything that could fail (a volume, an instance).
pub(crate) fn by_message(id: CauseId, case: &Case<'_>, sentence: impl FnOnce(&Symptom) -> String) -> Judgement {
    let judged = judge(id, case, |symptom| {
        let why = match symptom.strength(id) {
            Some(Strength::Settles | Strength::Suggests) => sentence(symptom),
            Some(Strength::Allows) | None => format!("the stop allows it: {}", id.title()),
        };
        let about = Finding { container: symptom.container.clone(), ..Finding::on(about(case, symptom)) };
        about.because(why)
    })?;
    Ok(if judged == Verdict::Sound { Verdict::NotApplicable } else { judged })
}

/// The task was past the cause's step when it died, or at it, and the stop names something else.
fn came_so_far(id: CauseId, case: &Case<'_>, symptom: &Symptom) -> bool {
    match (id.stage(), symptom.step) {
        (Stage::Lifecycle | Stage::Unknown, _) => true,
        // Somebody stopped it: how far it came, only its own times tell.
        (_, None | Some(Step::Told)) => case.task.is_some_and(|task| task.times.started.is_some()),
        (_, Some(died)) => steps::order(case.launch, died) >= steps::order(case.launch, steps::step_of(id, None)),
    }
}

/// What a stop is about: what its text names, then what it belongs to.
fn about(case: &Case<'_>, symptom: &Symptom) -> Vec<String> {
    let mut all = symptom.names();
    let belongs = [case.definition_arn.clone(), case.service.map(|service| service.name.clone())];
    for name in belongs.into_iter().flatten() {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// What such a stop is about: the revision and its guilty container.
pub(crate) fn revision_and_container(case: &Case<'_>, symptom: &Symptom) -> (Vec<String>, String) {
    let container = container(case, symptom);
    (case.definition_arn.iter().cloned().chain([container.clone()]).collect(), container)
}

/// The guilty container's name, or words for it.
pub(crate) fn container(case: &Case<'_>, symptom: &Symptom) -> String {
    let only = || match case.containers() {
        Ok(all) if all.len() == 1 => all.into_iter().next().map(|container| container.definition.name),
        _ => None,
    };
    symptom.container.clone().or_else(only).unwrap_or_else(|| "of the task".to_owned())
}

/// A fix that is somebody's work, with a command that only looks.
pub(crate) fn look<S: AsRef<str>>(title: &str, words: impl IntoIterator<Item = S>) -> Fix {
    by_hand(title, Risk::None, command(words))
}

/// A fix that is somebody's work, with a command that helps.
pub(crate) fn by_hand(title: &str, risk: Risk, command: String) -> Fix {
    Fix::new(title, risk).making(Change::ByHand { commands: vec![command] })
}

/// Looks at some fields of the judged revision; none where it is not known which that is.
pub(crate) fn look_at_revision(case: &Case<'_>, title: &str, query: &str) -> Vec<Fix> {
    let Some(revision) = case.revision() else { return vec![] };
    let query = format!("taskDefinition.{query}");
    let words = ["aws", "ecs", "describe-task-definition", "--task-definition", &revision, "--query", &query];
    vec![look(title, words.into_iter().chain(["--output", "json"]))]
}

/// Looks at some fields of the service; none where there is no service.
pub(crate) fn look_at_service(case: &Case<'_>, title: &str, query: &str) -> Vec<Fix> {
    let Some(service) = case.service else { return vec![] };
    let query = format!("services[].{query}");
    let words = ["aws", "ecs", "describe-services", "--cluster", &case.cluster, "--services", &service.name];
    vec![look(title, words.into_iter().chain(["--query", &query, "--output", "json"]))]
}

/// Looks at some fields of the container instance that the stop names, or the task was on.
pub(crate) fn look_at_instance(case: &Case<'_>, title: &str, query: &str) -> Vec<Fix> {
    let told = case.symptom.as_ref().and_then(|symptom| symptom.fact("container_instance"));
    let Some(instance) = told.or(case.task.and_then(|task| task.container_instance.as_deref())) else { return vec![] };
    let query = format!("containerInstances[].{query}");
    let words = ["aws", "ecs", "describe-container-instances", "--cluster", &case.cluster];
    let words = words.into_iter().chain(["--container-instances", instance, "--query", &query, "--output", "json"]);
    vec![look(title, words)]
}

/// What a cause's own test holds of its words.
#[cfg(test)]
pub(crate) mod words {
    use super::*;
    use crate::causes::fixture::{Fixture, Said};

    /// Each of these stops (code and reason) tells the cause first, and none of their sound twins does.
    #[track_caller]
    pub(crate) fn tell(id: CauseId, code: &str, told: &[&str], twins: &[&str]) {
        for text in told {
            let fixture = Fixture::fargate().stopped(code, text);
            let symptom = fixture.case().symptom.expect("it stopped");
            assert_eq!(symptom.first(), id, "{text}: {:?}", symptom.row);
            assert_eq!(fixture.says(id), Said::AsTold, "{text}");
            let found = fixture.finding(id);
            assert!(!found.explanation.is_empty() && !found.resources.is_empty(), "{text}: {found:?}");
        }
        for text in twins {
            let symptom = Fixture::fargate().stopped(code, text).case().symptom.expect("it stopped");
            assert!(symptom.first() != id && symptom.settled() != Some(id), "{text}: {:?}", symptom.row);
        }
        assert_eq!(Fixture::fargate().check().says(id), Said::NotApplicable, "a check has no stop");
    }

    /// The only command of the first fix for a stop on an instance, as a shell takes it apart.
    #[track_caller]
    pub(crate) fn first_command(id: CauseId, code: &str, text: &str) -> String {
        let fixes = Fixture::ec2().stopped(code, text).mended(id);
        let Some([Change::ByHand { commands }]) = fixes.first().map(|fix| fix.changes.as_slice()) else {
            panic!("{id} has no fix by hand: {fixes:?}")
        };
        assert!(commands.iter().all(|one| shlex::split(one).is_some_and(|words| words.len() > 2)), "{commands:?}");
        commands.join("\n")
    }
}
