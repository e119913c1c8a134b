//! What is known from before: how often the same cause stopped the same service, and what became of tasks that ECS has forgotten.
//!
//! Evidence or silence here, too: what ended an earlier failure is told only where ECS told it.

use crate::desk::asked::{Asked, Wanted};
use crate::store::{KeptReport, Store, StoreError, Thread, cause};
use ecs_why_core::model::Moment;
use ecs_why_core::report::{Outcome, Report, TargetSection};
use ecs_why_core::{diagnosis, symptom};

/// Failures with less between them are one, where nothing tells that it was well meanwhile.
const ONE_FAILURE: i64 = 3600;

/// A failure of before.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Past {
    first: Moment,
    last: Moment,
    well: Option<(Moment, Option<String>)>,
}

/// How often the same cause stopped the same service before, and how it ended the last time; nothing where nothing is known.
pub async fn remembered(store: &Store, report: &Report, now: Moment) -> Option<String> {
    let (owner, cause) = (owner(&report.target)?, cause(report)?);
    let threads = store.threads_before(&owner, cause.as_str(), now).await;
    let reports = store.alike(report, now).await;
    let (threads, reports) = match (threads, reports) {
        (Ok(threads), Ok(reports)) => (threads, reports),
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(%error, "what is known from before cannot be read");
            return None;
        }
    };
    let own = report.target.task.as_deref().map(|arn| arn.rsplit('/').next().unwrap_or(arn).to_owned());
    let reports = reports.into_iter().filter(|one| one.task != own).map(|one| one.made);
    say(&past(&threads, reports.collect(), now), report.target.service.is_some(), now)
}

/// The newest report on a task, or what an event told of its end, by the task's id. What an event told becomes a report that is kept.
///
/// # Errors
/// When the state file cannot be read.
pub async fn of_task(store: &Store, task: &str, now: Moment) -> Result<Option<KeptReport>, StoreError> {
    // A report from after ECS had forgotten it tells less than the event.
    let kept = store.of_task(task).await?;
    if kept.as_ref().is_some_and(|kept| Report::parse(&kept.report).is_ok_and(|report| !says_nothing(&report))) {
        return Ok(kept);
    }
    let Some((body, at)) = store.stop_of(task).await? else { return Ok(None) };
    let Ok(stop) = symptom::parse_pasted(&body) else { return Ok(None) };
    let mut report = diagnosis::explain(&stop);
    let event: serde_json::Value = serde_json::from_str(&body)?;
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let target = &mut report.target;
    (target.account, target.region) = (text(&event["account"]), text(&event["region"]));
    target.task = text(&event["detail"]["taskArn"]);
    report.notes.push(format!("This is what ECS told when it stopped, at {}.", clock(at)));
    if let Some(thread) = store.thread_of(target_id(&report.target).as_deref().unwrap_or(task)).await? {
        report.notes.push(format!("One that stopped alike was diagnosed then: {}.", thread.title));
    }
    let kept = KeptReport {
        id: Store::id(),
        made: now,
        account: None,
        region: report.target.region.clone(),
        report: serde_json::to_string(&report)?,
        evidence: None,
        asked: Asked { what: Wanted::Text, shown: None, of: None }.to_text(),
    };
    store.keep(&kept).await?;
    Ok(Some(kept))
}

/// There is neither a cause nor a symptom in it: ECS has forgotten what it is about.
pub fn says_nothing(report: &Report) -> bool {
    report.outcome == Outcome::Undetermined && report.symptom.is_none()
}

fn target_id(target: &TargetSection) -> Option<String> {
    target.task.as_deref().map(|arn| arn.rsplit('/').next().unwrap_or(arn).to_owned())
}

/// As alerts name whose it is.
fn owner(target: &TargetSection) -> Option<String> {
    let (account, region, cluster) = (target.account.as_ref()?, target.region.as_ref()?, target.cluster.as_ref()?);
    let owner = match (&target.service, &target.task_definition) {
        (Some(service), _) => format!("service/{service}"),
        (None, Some(definition)) => {
            format!("family/{}", definition.rsplit_once(':').map_or(definition.as_str(), |(family, _)| family))
        }
        (None, None) => return None,
    };
    Some(format!("{account}/{region}/{cluster}/{owner}"))
}

/// Failures that are over, the oldest first.
fn past(threads: &[Thread], reports: Vec<Moment>, now: Moment) -> Vec<Past> {
    let told = threads.iter().map(|thread| Past {
        first: thread.first,
        last: thread.last,
        well: thread.closed.map(|at| (at, thread.how.clone())),
    });
    // A report that was asked for while an alert lasted, or soon after it, is about that.
    let near = |at: &Moment| {
        threads.iter().any(|thread| {
            let end = thread.closed.unwrap_or(now).max(thread.last);
            at.as_second() >= thread.first.as_second() - ONE_FAILURE && at.as_second() <= end.as_second() + ONE_FAILURE
        })
    };
    let asked = reports.into_iter().filter(|at| !near(at)).map(|at| Past { first: at, last: at, well: None });
    let mut all: Vec<Past> = told.chain(asked).collect();
    all.sort_by_key(|one| one.first);
    let mut merged: Vec<Past> = vec![];
    for one in all {
        match merged.last_mut() {
            Some(before) if before.well.is_none() && seconds(before.last, one.first) < ONE_FAILURE => {
                before.last = before.last.max(one.last);
                before.well = one.well;
            }
            _ => merged.push(one),
        }
    }
    // What lasts still is not from before.
    merged.retain(|one| one.well.is_some() || seconds(one.last, now) >= ONE_FAILURE);
    merged
}

fn say(past: &[Past], service: bool, now: Moment) -> Option<String> {
    let (first, last) = (past.first()?, past.last()?);
    let whom = if service { "this service" } else { "these tasks" };
    let how_often = match past.len() {
        1 => format!("The same cause stopped {whom} before, {}", day(last.first, now)),
        times => format!(
            "The same cause stopped {whom} {times} times since {}, the last time {}",
            day(first.first, now).trim_start_matches("on "),
            day(last.first, now)
        ),
    };
    let end = match &last.well {
        Some((at, Some(how))) => {
            format!("; it was well again {} later: {how}", span(seconds(last.first, *at)))
        }
        _ => String::new(),
    };
    Some(format!("{how_often}{end}."))
}

fn seconds(from: Moment, to: Moment) -> i64 {
    to.as_second().saturating_sub(from.as_second())
}

/// How long it was, in the largest units that tell something.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..60 => "less than a minute".to_owned(),
        60..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A day within the last six by its name.
fn day(at: Moment, now: Moment) -> String {
    if seconds(at, now) < 6 * 86_400 {
        at.strftime("on %A at %H:%M UTC").to_string()
    } else {
        at.strftime("on %Y-%m-%d at %H:%M UTC").to_string()
    }
}

fn clock(at: Moment) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Moment {
        Moment::from_second(1_800_000_000 + second).expect("a moment")
    }

    fn report(task: &str) -> Report {
        let stop = symptom::parse_pasted("OutOfMemoryError: Container killed due to memory usage").expect("a text");
        let mut report = diagnosis::explain(&stop);
        let text = |text: &str| Some(text.to_owned());
        report.target = TargetSection {
            account: text("111122223333"),
            region: text("eu-west-1"),
            cluster: text("prod"),
            service: text("web"),
            task: Some(format!("arn:aws:ecs:eu-west-1:111122223333:task/prod/{task}")),
            ..report.target
        };
        report
    }

    async fn asked(store: &Store, task: &str, second: i64) {
        keep(store, &report(task), second).await;
    }

    async fn keep(store: &Store, report: &Report, second: i64) {
        let kept = KeptReport {
            id: Store::id(),
            made: at(second),
            account: None,
            region: None,
            report: serde_json::to_string(report).expect("a report"),
            evidence: None,
            asked: String::new(),
        };
        store.keep(&kept).await.expect("kept");
    }

    fn store(folder: &tempfile::TempDir) -> Store {
        Store::open(&folder.path().join("state.db")).expect("a file")
    }

    const DAY: i64 = 86_400;

    #[tokio::test]
    async fn what_was_asked_about_before_is_remembered_as_failures_and_not_as_questions() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(&folder);
        let now = at(3 * DAY);
        assert_eq!(remembered(&store, &report("t"), now).await, None, "nothing is known");
        asked(&store, "t", 0).await;
        assert_eq!(remembered(&store, &report("t"), now).await, None, "it is the same task");
        asked(&store, "a", 10).await;
        asked(&store, "b", 1000).await;
        let told = remembered(&store, &report("t"), now).await;
        assert_eq!(told.as_deref(), Some("The same cause stopped this service before, on Friday at 08:00 UTC."));
        asked(&store, "c", 2 * DAY).await;
        asked(&store, "d", 3 * DAY - 60).await;
        let told = remembered(&store, &report("t"), now).await;
        let expected = "The same cause stopped this service 2 times since Friday at 08:00 UTC, the last time on Sunday at 08:00 UTC.";
        assert_eq!(told.as_deref(), Some(expected), "what was a minute ago is this failure");
    }

    #[tokio::test]
    async fn nothing_is_remembered_of_another_cause_account_or_service() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(&folder);
        asked(&store, "a", 0).await;
        let differs = [
            |report: &mut Report| report.target.account = Some("999999999999".into()),
            |report: &mut Report| report.target.region = Some("us-east-1".into()),
            |report: &mut Report| report.target.cluster = Some("test".into()),
            |report: &mut Report| report.target.service = Some("api".into()),
            |report: &mut Report| report.causes.clear(),
        ];
        for (number, differ) in differs.iter().enumerate() {
            let mut other = report("t");
            differ(&mut other);
            assert_eq!(remembered(&store, &other, at(DAY)).await, None, "{number}");
        }
        assert!(remembered(&store, &report("t"), at(DAY)).await.is_some());
    }

    #[tokio::test]
    async fn what_ecs_has_forgotten_since_does_not_hide_what_was_seen_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(&folder);
        let forgotten = Report {
            outcome: Outcome::Undetermined,
            symptom: None,
            causes: vec![],
            ..report("0a1b2c3d4e5f60718293a4b5c6d7e8f9")
        };
        keep(&store, &forgotten, 20).await;
        let found = of_task(&store, "0a1b2c3d4e5f60718293a4b5c6d7e8f9", at(30)).await.expect("read");
        assert_eq!(found, None, "nobody saw it before");
        asked(&store, "0a1b2c3d4e5f60718293a4b5c6d7e8f9", 10).await;
        for name in ["0a1b2c3d4e5f60718293a4b5c6d7e8f9", "0a1b2c3d"] {
            let found = of_task(&store, name, at(30)).await.expect("read").expect("kept");
            assert_eq!(found.made, at(10), "{name}");
        }
    }

    #[test]
    fn it_is_said_how_the_last_one_ended_only_where_that_was_told() {
        let past = |first: i64, well: Option<(i64, Option<&str>)>| Past {
            first: at(first),
            last: at(first + 60),
            well: well.map(|(second, how)| (at(second), how.map(str::to_owned))),
        };
        let now = at(20 * DAY);
        let ended = past(0, Some((7200, Some("deployment ecs-svc/1 completed"))));
        let told = say(&[past(-5 * DAY, None), ended], true, now);
        let expected = "The same cause stopped this service 2 times since 2027-01-10 at 08:00 UTC, the last time on 2027-01-15 at \
                        08:00 UTC; it was well again 2 h later: deployment ecs-svc/1 completed.";
        assert_eq!(told.as_deref(), Some(expected));
        let told = say(&[past(0, Some((7200, None)))], false, now);
        assert_eq!(told.as_deref(), Some("The same cause stopped these tasks before, on 2027-01-15 at 08:00 UTC."));
        assert_eq!(say(&[], true, now), None);
    }
}
