//! Every recorded incident, replayed: what the lab knows to be wrong is what the report says.

use ecs_why_core::diagnosis::replay;
use ecs_why_core::render;
use ecs_why_core::report::{Report, Status};
use ecs_why_tests::{Scenario, faults, mistakes, on_each, scenario, scenarios};

fn report(one: &Scenario) -> Report {
    replay(&one.file).expect("it was recorded, so that it can be replayed")
}

/// Where every cause has a file, all of the truth counts; elsewhere that nobody innocent is blamed.
#[test]
fn each_incident_is_told_as_it_was() {
    on_each(&scenarios(), |one| match one.is_implemented() {
        true => faults(&report(one), &one.expect),
        false => mistakes(&report(one), &one.expect),
    });
}

/// The same account after the lab's own remedy: the fault's sound twin.
#[test]
fn what_was_mended_is_blamed_no_more() {
    on_each(&scenarios(), |one| {
        // The lab's remedy replaces the policy, and takes away `s3:GetBucketLocation`, which ECS asks for as well.
        if one.name == "env-file-denied" {
            return vec![];
        }
        let Some(mended) = &one.mended else { return vec![] };
        let report = replay(mended).unwrap_or_else(|error| panic!("{}: {error}", one.name));
        let confirmed = report.causes.iter().filter(|cause| cause.status == Status::Confirmed);
        let left = confirmed.filter(|cause| one.expect.root.contains(&cause.id.to_string()));
        left.map(|cause| format!("after the remedy {} is still confirmed: {}", cause.id, cause.explanation)).collect()
    });
}

/// A fault without a remedy has the healthy accounts for twins: they run what it would spoil.
#[test]
fn every_fault_has_a_sound_twin() {
    let all = scenarios();
    assert!(all.iter().filter(|one| one.group == "sound").count() >= 5);
    let alone = |one: &&Scenario| one.expect.fixable && !one.expect.root.is_empty() && one.mended.is_none();
    let names: Vec<&str> = all.iter().filter(alone).map(|one| one.name.as_str()).collect();
    assert!(names.is_empty(), "record again: {names:?} have no mended.json");
}

/// What was recorded with this program holds all that it asks.
#[test]
fn recordings_are_complete() {
    on_each(&scenarios(), |one| {
        let missing = report(one).gaps.into_iter().filter(|gap| gap.reason.as_str() == "not-asked");
        let missing = missing.filter(|gap| gap.detail.as_deref() == Some("the evidence file does not hold it"));
        missing.map(|gap| format!("{} was not recorded: run tests/record.py again", gap.action)).collect()
    });
}

/// Typical ones, as a person reads them.
#[test]
fn reports_read_well() {
    for name in [
        "ecr-auth-missing",
        "endpoints-without-s3",
        "image-expired-by-lifecycle",
        "secret-missing",
        "log-group-missing",
        "nat-deleted",
        "out-of-memory",
        "healthy-behind-nat",
    ] {
        let one = scenario(name);
        insta::assert_snapshot!(name, render::text(&report(&one), &render::Look::default()), &one.expect.title);
    }
}
