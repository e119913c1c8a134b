//! Again: what has become of the cause of an older report on the same target.

use crate::model::Moment;
use crate::report::{CauseSection, Outcome, Report, SinceSection, SinceState, Status, TargetKind};

/// Two reports that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinceError {
    /// They are about different things.
    #[error("the older report is about {old}, and this one about {new}")]
    OtherTarget {
        /// What the older one is about.
        old: String,
        /// What this one is about.
        new: String,
    },
    /// A text has no state that could change.
    #[error("the older report is about a pasted text, and not about a task or service")]
    OfText,
}

/// What has changed since an older report.
///
/// # Errors
/// When the reports are not about the same.
pub fn since(old: &Report, new: &Report) -> Result<SinceSection, SinceError> {
    if old.target.kind == TargetKind::Message {
        return Err(SinceError::OfText);
    }
    if !is_same_target(old, new) {
        return Err(SinceError::OtherTarget { old: name(old), new: name(new) });
    }
    let (state, text) = compare(old, new);
    let when = read_at(old)
        .map(|at| format!("Compared with the report of {}: ", at.strftime("%Y-%m-%d %H:%M UTC")))
        .unwrap_or_default();
    Ok(SinceSection { state, text: format!("{when}{text}") })
}

fn compare(old: &Report, new: &Report) -> (SinceState, String) {
    let well = matches!(new.outcome, Outcome::Running | Outcome::Sound | Outcome::Completed);
    let now = match new.outcome {
        Outcome::Sound => "every check passes",
        Outcome::Completed => "it has completed",
        _ => "it runs",
    };
    match (first(old), first(new)) {
        (None, None) if well && old.outcome == new.outcome => {
            (SinceState::Same, format!("nothing has changed: {now}."))
        }
        (None, None) if well => (SinceState::Gone, format!("what was in the way is gone: {now}.")),
        (None, None) => (SinceState::Unknown, "no cause was known before, and none is known now.".to_owned()),
        (None, Some(b)) => (SinceState::Next, format!("before, no cause was known; now it is {}.", told(b))),
        (Some(a), None) if well => (SinceState::Gone, format!("{} is gone, and {now}.", told(a))),
        (Some(a), None) => {
            let seen = new.causes.iter().any(|one| is_same(one, a) && one.status == Status::RuledOut);
            let what = if seen { "is ruled out now" } else { "is not seen any more" };
            (SinceState::Unknown, format!("{} {what}, and no other cause is known yet.", told(a)))
        }
        (Some(a), Some(b)) if is_same(a, b) => match b.healed_at {
            Some(at) => {
                let at = at.strftime("%Y-%m-%d %H:%M UTC");
                (SinceState::Gone, format!("{} was mended at {at}, and nothing was started since: try again.", told(a)))
            }
            None if old.target.task.is_some() && old.target.task == new.target.task => {
                (SinceState::Same, format!("the same stop for the same cause, {}: nothing was started since.", told(a)))
            }
            None => (SinceState::Same, format!("the same cause as before: {}.", told(a))),
        },
        (Some(a), Some(b)) => {
            let left = new.causes.iter().any(|one| is_same(one, a) && one.status != Status::RuledOut);
            let before = if left { "is still there, and is not what stops it now" } else { "is gone" };
            (SinceState::Next, format!("{} {before}; the next one is {}.", told(a), told(b)))
        }
    }
}

/// The cause that answers the question of a report.
fn first(report: &Report) -> Option<&CauseSection> {
    report.causes.iter().find(|one| !one.latent && one.status != Status::RuledOut)
}

/// The same fault of the same thing.
fn is_same(one: &CauseSection, other: &CauseSection) -> bool {
    let what = |cause: &CauseSection| (cause.id, cause.endpoint.clone(), cause.resources.first().cloned());
    let (one, other) = (what(one), what(other));
    // What is ruled out names nothing.
    one.0 == other.0 && (one == other || one.2.is_none() || other.2.is_none())
}

fn told(cause: &CauseSection) -> String {
    match cause.resources.first() {
        Some(resource) => format!("{} ({resource})", cause.id),
        None => cause.id.to_string(),
    }
}

/// When a report was made: when its last answer came.
fn read_at(report: &Report) -> Option<Moment> {
    report.evidence.iter().filter_map(|one| one.observed_at).max()
}

fn is_same_target(old: &Report, new: &Report) -> bool {
    let (one, other) = (&old.target, &new.target);
    let agree = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
    let family = |name: &Option<String>| name.as_deref().map(|name| name.split(':').next().unwrap_or(name).to_owned());
    let places =
        agree(&one.account, &other.account) && agree(&one.region, &other.region) && agree(&one.cluster, &other.cluster);
    let things = match (&one.service, &other.service) {
        (Some(a), Some(b)) => a == b,
        _ => family(&one.task_definition).is_some() && family(&one.task_definition) == family(&other.task_definition),
    };
    places && things
}

fn name(report: &Report) -> String {
    let target = &report.target;
    let thing = target.service.clone().or_else(|| target.task_definition.clone()).or_else(|| target.task.clone());
    let thing = thing.unwrap_or_else(|| "nothing that it names".to_owned());
    let place = [&target.cluster, &target.region, &target.account].into_iter().flatten();
    let place: Vec<&str> = place.map(String::as_str).collect();
    if place.is_empty() { thing } else { format!("{thing} ({})", place.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const TASK: &str = "arn:aws:ecs:us-east-1:1:task/prod/a";

    fn cause(id: &str, resource: &str) -> Value {
        json!({
            "id": id, "status": "confirmed", "latent": false, "stage": "image", "endpoint": null, "container": null,
            "resources": [resource], "explanation": "", "evidence": [], "fixes": []
        })
    }

    fn report(outcome: &str, causes: &[Value]) -> Report {
        let value = json!({
            "schema_version": 1, "outcome": outcome, "symptom": null, "headline": "", "impact": null, "causes": causes,
            "target": {"kind": "task", "account": "1", "region": "us-east-1", "cluster": "prod", "service": "web",
                       "task": TASK, "task_definition": "web:42", "launch_type": "FARGATE"},
            "launch_path": [], "fixes": [], "gaps": [], "timeline": [], "cost": {"calls": 0, "rounds": 0, "elapsed_ms": 0},
            "evidence": [{"id": "e1", "source": "ecs:DescribeTasks", "subject": "a", "state": "known",
                          "observed_at": "2026-01-31T09:20:11Z", "summary": ""}]
        });
        serde_json::from_value(value).expect("a report")
    }

    fn said(old: &Report, new: &Report) -> (SinceState, String) {
        let since = since(old, new).expect("they are about the same");
        (since.state, since.text)
    }

    #[test]
    fn the_cause_of_before_is_the_same_gone_or_another() {
        let tag = || cause("image-tag-not-found", "web:v42");
        let old = report("failed", &[tag()]);
        let mut again = report("failed", &[tag()]);
        assert_eq!(
            said(&old, &again),
            (
                SinceState::Same,
                "Compared with the report of 2026-01-31 09:20 UTC: the same stop for the same cause, image-tag-not-found (web:v42): nothing was \
                 started since."
                    .to_owned()
            )
        );
        again.target.task = Some(TASK.replace("prod/a", "prod/b"));
        assert!(said(&old, &again).1.ends_with("the same cause as before: image-tag-not-found (web:v42)."));
        let (state, text) = said(&old, &report("running", &[]));
        assert_eq!(
            (state, text.ends_with("image-tag-not-found (web:v42) is gone, and it runs.")),
            (SinceState::Gone, true)
        );
        let other = report("failed", &[cause("image-tag-not-found", "web:v43")]);
        assert_eq!(said(&old, &other).0, SinceState::Next, "another tag is another fault");
        let (state, text) = said(&old, &report("failed", &[cause("log-group-missing", "/ecs/web")]));
        assert_eq!(state, SinceState::Next);
        assert!(text.ends_with("image-tag-not-found (web:v42) is gone; the next one is log-group-missing (/ecs/web)."));
    }

    #[test]
    fn a_cause_that_waits_behind_the_next_one_is_not_gone() {
        let old = report("failed", &[cause("log-group-missing", "/ecs/web")]);
        let mut latent = cause("log-group-missing", "/ecs/web");
        latent["latent"] = json!(true);
        let new = report("failed", &[cause("image-tag-not-found", "web:v42"), latent]);
        assert!(
            said(&old, &new).1.contains("log-group-missing (/ecs/web) is still there, and is not what stops it now")
        );
    }

    #[test]
    fn a_mended_cause_is_gone_though_the_stop_is_the_same() {
        let mut healed = cause("image-tag-not-found", "web:v42");
        healed["healed_at"] = json!("2026-01-31T09:30:00Z");
        let (state, text) =
            said(&report("failed", &[cause("image-tag-not-found", "web:v42")]), &report("failed", &[healed]));
        assert_eq!((state, text.contains("was mended at 2026-01-31 09:30 UTC")), (SinceState::Gone, true));
    }

    #[test]
    fn what_cannot_be_told_is_not_called_gone() {
        let old = report("failed", &[cause("image-tag-not-found", "web:v42")]);
        assert_eq!(said(&old, &report("undetermined", &[])).0, SinceState::Unknown);
        assert_eq!(said(&report("undetermined", &[]), &report("undetermined", &[])).0, SinceState::Unknown);
        assert_eq!(said(&report("running", &[]), &report("running", &[])).0, SinceState::Same);
    }

    #[test]
    fn another_target_is_refused() {
        let (old, mut new) = (report("failed", &[]), report("failed", &[]));
        new.target.service = Some("api".to_owned());
        let error = since(&old, &new).expect_err("another service");
        assert_eq!(
            error.to_string(),
            "the older report is about web (prod, us-east-1, 1), and this one about api (prod, us-east-1, 1)"
        );
        let (mut old, mut new) = (report("failed", &[]), report("failed", &[]));
        (old.target.service, new.target.service) = (None, None);
        new.target.task_definition = Some("web:43".to_owned());
        assert!(since(&old, &new).is_ok(), "another revision of the same family");
        old.target.kind = TargetKind::Message;
        assert_eq!(since(&old, &new), Err(SinceError::OfText));
    }
}
