//! Every cause on every incident: what fires where it should not is seen at a glance.

use ecs_why_core::causes::find;
use ecs_why_core::diagnosis::replay;
use ecs_why_core::model::CauseId;
use ecs_why_core::report::{CauseSection, CheckState, Report, Status};
use ecs_why_tests::{Scenario, on_each, scenarios};
use std::collections::BTreeSet;

fn report(one: &Scenario) -> Report {
    replay(&one.file).expect("it was recorded")
}

fn checks(report: &Report, state: CheckState) -> BTreeSet<&'static str> {
    let all = report.launch_path.iter().flat_map(|stage| &stage.checks);
    all.filter(|check| check.state == state).map(|check| check.id.as_str()).collect()
}

fn cause(cause: &CauseSection) -> String {
    let status = match (cause.status, cause.latent, cause.healed_at) {
        (_, true, _) => "latent",
        (Status::Confirmed, _, Some(_)) => "was",
        (status, ..) => status.as_str(),
    };
    let endpoint = cause.endpoint.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    format!("{status} {}{endpoint}", cause.id)
}

/// One snapshot: a changed line is a changed judgement.
#[test]
fn what_fires_where() {
    let mut table = String::new();
    for one in scenarios() {
        let report = report(&one);
        table += &format!("{}/{}: {}\n", one.group, one.name, report.outcome.as_str());
        for line in report.causes.iter().map(cause).collect::<BTreeSet<_>>() {
            table += &format!("    {line}\n");
        }
        for (word, state) in [("fails", CheckState::Failed), ("unclear", CheckState::Unknown)] {
            let found: Vec<&str> = checks(&report, state).into_iter().collect();
            if !found.is_empty() {
                table += &format!("    {word}: {}\n", found.join(", "));
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// A check fails only because of what the lab knows to be wrong.
#[test]
fn no_check_fails_without_a_fault() {
    on_each(&scenarios(), |one| {
        let truth = &one.expect;
        let wrong = [&truth.root, &truth.latent, &truth.healed, &truth.acceptable_top];
        let named = wrong.into_iter().flatten().filter_map(|id| id.parse::<CauseId>().ok());
        let allowed: BTreeSet<&str> = named.map(|id| id.check().as_str()).collect();
        let report = report(one);
        checks(&report, CheckState::Failed)
            .into_iter()
            .filter(|id| !allowed.contains(id))
            .map(|id| format!("the check {id} fails, and nothing is wrong there"))
            .collect()
    });
}

/// Each cause that has a file is met by an incident of its own, or by an acceptable place in another.
#[test]
fn every_check_that_fails_has_its_cause() {
    on_each(&scenarios(), |one| {
        let report = report(one);
        let confirmed = report.causes.iter().filter(|cause| cause.status == Status::Confirmed);
        // A special case answers for the general ones, too.
        let general = |id: CauseId| find(id).map_or(&[][..], |cause| cause.refines()).iter().copied();
        let all = confirmed.flat_map(|cause| general(cause.id).chain([cause.id]));
        let named: BTreeSet<&str> = all.map(|id| id.check().as_str()).collect();
        checks(&report, CheckState::Failed)
            .into_iter()
            .filter(|id| !named.contains(id) && report.causes.iter().all(|cause| cause.id.check().as_str() != *id))
            .map(|id| format!("the check {id} fails, and no cause says why"))
            .collect()
    });
}
