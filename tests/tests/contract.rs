//! The report as others rely on it (`report.md`): the same demands as the lab's scorer, on every incident and its twin.

use ecs_why_core::diagnosis::replay;
use ecs_why_core::evidence::Source;
use ecs_why_core::model::CauseId;
use ecs_why_core::render;
use ecs_why_core::report::Report;
use ecs_why_tests::{Scenario, on_each, scenarios};
use serde_json::Value;
use std::collections::BTreeSet;

const OUTCOMES: [&str; 7] =
    ["failed", "hanging", "stopped-deliberately", "completed", "running", "sound", "undetermined"];
const STATES: [&str; 4] = ["passed", "failed", "unknown", "not-applicable"];
const REASONS: [&str; 6] = ["denied", "throttled", "unreachable", "unsupported", "expired", "not-asked"];

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn ids<'v>(items: &'v [Value], name: &str) -> BTreeSet<&'v str> {
    items.iter().filter_map(|item| item[name].as_str()).collect()
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn one_of(value: &Value, words: &[&str]) -> bool {
    value.as_str().is_some_and(|word| words.contains(&word))
}

/// What keeps a value from being a report.
fn invalid(report: &Value) -> Vec<String> {
    let mut wrong = vec![];
    let mut need = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    need(report["schema_version"] == 1, "`schema_version` is not 1".to_owned());
    need(report["headline"].as_str().is_some_and(|line| !line.trim().is_empty()), "no headline".to_owned());
    need(one_of(&report["outcome"], &OUTCOMES), format!("no such outcome as {}", report["outcome"]));
    need(
        one_of(&report["target"]["kind"], &["task", "service", "task-definition", "message"]),
        "the kind of target".to_owned(),
    );
    for name in ["causes", "launch_path", "evidence", "fixes", "gaps", "timeline"] {
        need(report[name].is_array(), format!("`{name}` is no list"));
    }
    for name in ["calls", "rounds", "elapsed_ms"] {
        need(report["cost"][name].is_u64(), format!("`cost.{name}` is no number"));
    }
    let evidence = ids(list(report, "evidence"), "id");
    let fixes = ids(list(report, "fixes"), "id");
    need(evidence.len() == list(report, "evidence").len(), "an id of evidence stands twice".to_owned());
    need(fixes.len() == list(report, "fixes").len(), "an id of a fix stands twice".to_owned());
    for cause in list(report, "causes") {
        let id = cause["id"].as_str().unwrap_or_default();
        need(id.parse::<CauseId>().is_ok(), format!("no such cause as `{id}`"));
        need(
            one_of(&cause["status"], &["confirmed", "likely", "possible", "ruled-out"]),
            format!("the status of `{id}`"),
        );
        need(cause["latent"].is_boolean(), format!("`{id}` does not say whether it is latent"));
        need(cause["explanation"].as_str().is_some_and(|text| !text.is_empty()), format!("`{id}` explains nothing"));
        need(cause["resources"].as_array().is_some_and(|all| all.len() <= 6), format!("the resources of `{id}`"));
        need(texts(&cause["evidence"]).is_subset(&evidence), format!("`{id}` refers to evidence that is not there"));
        need(texts(&cause["fixes"]).is_subset(&fixes), format!("`{id}` refers to a fix that is not there"));
        if cause["status"] == "confirmed" {
            need(!list(cause, "evidence").is_empty(), format!("`{id}` is confirmed without evidence"));
            need(!["unknown", "network-path-unexplained"].contains(&id), format!("`{id}` is confirmed"));
        }
        if cause["latent"] == true {
            need(cause["status"] == "confirmed", format!("`{id}` is latent and not confirmed"));
        }
    }
    let offered: BTreeSet<&str> = list(report, "causes").iter().flat_map(|cause| texts(&cause["fixes"])).collect();
    need(offered == fixes, "a fix belongs to no cause".to_owned());
    let actions: Vec<&str> = Source::ALL.iter().map(|source| source.action()).collect();
    for item in list(report, "evidence") {
        let source = item["source"].as_str().unwrap_or_default();
        need(source == "message" || actions.contains(&source), format!("evidence from `{source}`"));
        need(one_of(&item["state"], &["known", "absent", "gap"]), format!("the state of {}", item["id"]));
        need(item["summary"].as_str().is_some_and(|text| !text.is_empty()), format!("{} says nothing", item["id"]));
    }
    for stage in list(report, "launch_path") {
        need(one_of(&stage["state"], &STATES), format!("the state of {}", stage["stage"]));
        for check in list(stage, "checks") {
            need(one_of(&check["state"], &STATES), format!("the state of {}", check["id"]));
            need(texts(&check["evidence"]).is_subset(&evidence), format!("the evidence of {}", check["id"]));
        }
    }
    for fix in list(report, "fixes") {
        let (id, proof) = (&fix["id"], &fix["proof"]);
        need(one_of(&fix["risk"], &["none", "low", "medium", "high"]), format!("the risk of {id}"));
        need(one_of(&proof["state"], &["proved", "partial", "unknown", "not-provable"]), format!("the proof of {id}"));
        need(fix["commands"].is_array() && fix["verify"].is_array(), format!("the commands of {id}"));
        let docs = fix["docs"].as_str();
        need(
            docs.is_none_or(|link| link.starts_with("https://docs.aws.amazon.com/")),
            format!("{id} refers to {docs:?}, which is not AWS's"),
        );
    }
    for gap in list(report, "gaps") {
        need(one_of(&gap["reason"], &REASONS), format!("the reason of {}", gap["action"]));
        need(gap["action"].is_string() && gap["hides"].is_array(), "a gap lacks `action` or `hides`".to_owned());
    }
    let times: Vec<&str> = list(report, "timeline").iter().filter_map(|entry| entry["at"].as_str()).collect();
    need(times.is_sorted(), "the timeline is out of order".to_owned());
    wrong
}

fn reports(one: &Scenario) -> Vec<Report> {
    [Some(&one.file), one.mended.as_ref()].into_iter().flatten().map(|file| replay(file).expect("recorded")).collect()
}

#[test]
fn every_report_keeps_the_contract() {
    on_each(&scenarios(), |one| {
        let values = reports(one).into_iter().map(|report| serde_json::from_str(&render::json(&report)));
        values.flat_map(|value| invalid(&value.expect("JSON"))).collect()
    });
}

/// What one program writes another one reads.
#[test]
fn a_report_comes_back_from_its_json() {
    on_each(&scenarios(), |one| {
        let differs = |report: &Report| serde_json::from_str(&render::json(report)).ok().as_ref() != Some(report);
        reports(one).iter().filter(|report| differs(report)).map(|_| "it reads as another report".to_owned()).collect()
    });
}
