//! What a service suffers: how many tasks run, since when it fails, who serves meanwhile.

use crate::case::Case;
use crate::report::{Impact, Outcome};

/// The impact on the case's service; none where there is none, or nothing fails.
pub fn impact(case: &Case<'_>, outcome: Outcome) -> Option<Impact> {
    let service = case.service?;
    if !matches!(outcome, Outcome::Failed | Outcome::Hanging) || case.symptom.is_none() && case.task.is_none() {
        return None;
    }
    let own = case.deployment;
    let short = |definition: &str| definition.rsplit('/').next().unwrap_or(definition).to_owned();
    let serving = service
        .deployments
        .iter()
        .find(|one| one.running > 0 && own.is_some_and(|own| own.id != one.id && own.definition != one.definition));
    let rolled_back = own.is_some_and(|own| {
        own.rollout.as_deref() == Some("FAILED")
            || service.deployments.iter().any(|one| {
                one.id != own.id && one.rollout_reason.as_deref().is_some_and(|text| text.contains("rolling back"))
            })
    });
    let primary = service.deployments.first();
    let current = primary.zip(own).is_some_and(|(primary, own)| primary.id == own.id);
    let still = current && own.is_some_and(|own| own.running < own.desired);
    let since = own.and_then(|own| own.created);
    let served_by = serving.map(|one| short(&one.definition));
    let mut summary = format!("{} of {} tasks of {} run", service.running, service.desired, service.name);
    if let Some(since) = since.filter(|_| still) {
        summary.push_str(&format!(
            "; the newest deployment has failed since {}, and still does",
            since.strftime("%Y-%m-%d %H:%M UTC")
        ));
    }
    if let Some(revision) = &served_by {
        summary.push_str(&format!("; revision {revision} serves meanwhile"));
    }
    if rolled_back {
        summary.push_str("; the deployment was rolled back");
    }
    Some(Impact {
        desired: service.desired,
        running: service.running,
        failing_since: since.filter(|_| still),
        still_failing: still,
        served_by,
        rolled_back,
        summary,
    })
}
