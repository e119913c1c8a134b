//! What holds for every cause: its file, its page, its place in the catalogue.

use super::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const HEADINGS: [&str; 4] = ["# Why a task stops here", "# How it is told", "# Prevention", "# AWS"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/causes")
}

/// `src/causes/{stage}/{id}.rs`; the one for not knowing belongs to no stage.
fn file_of(id: CauseId) -> PathBuf {
    let file = format!("{}.rs", id.as_str().replace('-', "_"));
    if id == CauseId::Unknown { folder().join(file) } else { folder().join(id.stage().as_str()).join(file) }
}

#[test]
fn every_cause_stands_in_the_catalogue_once_and_in_a_file_of_its_name_in_the_folder_of_its_stage() {
    let mut seen = BTreeSet::new();
    for cause in all() {
        let file = file_of(cause.id());
        assert!(seen.insert(cause.id()), "{} is listed twice", cause.id());
        assert!(file.is_file(), "{} is not in {}", cause.id(), file.display());
        assert_eq!(find(cause.id()).map(DynCause::id), Some(cause.id()));
    }
}

#[test]
fn every_file_that_declares_a_cause_is_in_the_catalogue() {
    let listed: BTreeSet<PathBuf> = all().iter().map(|cause| file_of(cause.id())).collect();
    let mut found = BTreeSet::new();
    let mut folders = vec![folder()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder of the causes is there") {
            let path = entry.expect("it can be read").path();
            let text = || std::fs::read_to_string(&path).expect("it can be read");
            match path.is_dir() {
                true => folders.push(path),
                false if text().lines().any(|line| line.starts_with("impl Cause for ")) => drop(found.insert(path)),
                false => {}
            }
        }
    }
    assert_eq!(found, listed);
}

#[test]
fn the_catalogue_is_in_the_order_of_the_launch_path() {
    let stages: Vec<_> = all().iter().map(|cause| cause.id().stage()).collect();
    assert!(stages.is_sorted(), "{stages:?}");
}

#[test]
fn the_generated_ids_are_those_of_the_toml_and_each_has_a_title() {
    let text = std::fs::read_to_string(folder().join("causes.toml")).expect("it stands beside the causes");
    let table: toml::Table = text.parse().expect("it is a list of causes");
    let rows = table["cause"].as_array().expect("it is a list");
    let ids: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, CauseId::ALL.iter().map(|id| id.as_str()).collect::<Vec<_>>());
    for (row, id) in rows.iter().zip(CauseId::ALL) {
        assert_eq!(id.as_str().parse(), Ok(*id));
        let said = (id.check().as_str(), id.stage().as_str(), id.title());
        assert_eq!(said, (text_of(row, "check"), text_of(row, "stage"), text_of(row, "title")), "{id}");
        let flag = |name: &str| row.get(name).and_then(toml::Value::as_bool).unwrap_or_default();
        assert_eq!((id.symptom_only(), id.has_endpoint()), (flag("symptom-only"), flag("endpoint")), "{id}");
    }
}

fn text_of<'t>(row: &'t toml::Value, name: &str) -> &'t str {
    row[name].as_str().expect("it is a text")
}

#[test]
fn every_page_is_a_sentence_and_four_headings_with_something_under_each() {
    for cause in all() {
        let (id, lines) = (cause.id(), cause.page().lines().map(str::trim).collect::<Vec<_>>());
        let first = lines[0];
        assert!(first.ends_with('.') && !first.contains(". ") && lines[1].is_empty(), "{id}: `{first}`");
        let headings: Vec<&str> = lines.iter().copied().filter(|line| line.starts_with('#')).collect();
        assert_eq!(headings, HEADINGS, "{id}");
        for heading in HEADINGS {
            let under = lines.iter().skip_while(|line| **line != heading).nth(1);
            assert!(
                under.is_some_and(|line| !line.is_empty() && !line.starts_with('#')),
                "{id}: nothing under {heading}"
            );
        }
        let link = lines.iter().skip_while(|line| **line != "# AWS").nth(1).copied().unwrap_or_default();
        assert!(link.starts_with("<https://docs.aws.amazon.com/") && link.ends_with('>'), "{id}: {link}");
        for line in lines {
            assert!(line.chars().count() <= 125, "{id}: {} characters: {line}", line.chars().count());
        }
    }
}

#[test]
fn a_special_case_refines_causes_that_have_a_file_and_are_of_its_stage() {
    let special: Vec<_> =
        all().iter().flat_map(|cause| cause.refines().iter().map(|general| (cause.id(), *general))).collect();
    assert!(special.contains(&(CauseId::ImageExpiredByLifecyclePolicy, CauseId::ImageTagNotFound)));
    for (id, general) in special {
        assert!(find(general).is_some() && id != general, "{id} refines {general}");
        assert_eq!(id.stage(), general.stage(), "{id} refines {general}");
        assert_eq!(find(general).map(DynCause::refines), Some(&[][..]), "no chains: {id}, {general}");
    }
}

#[test]
fn the_program_asks_only_for_what_reads() {
    let permissions = permissions();
    let actions: Vec<&str> = permissions.iter().map(|one| one.action).collect();
    assert!(actions.is_sorted_by(|a, b| a < b), "sorted, each once: {actions:?}");
    for action in actions {
        let (service, name) = action.split_once(':').expect("service:Action");
        // It counts as a pull: asked only where the platform is in question, see `launch::platform`.
        let pulls = action == "ecr:BatchGetImage";
        // It begins a search, whose result GetQueryResults reads: asked only for a task that ECS has forgotten.
        let searches = action == "logs:StartQuery";
        let reads = pulls
            || searches
            || ["Get", "List", "Describe", "Lookup", "Simulate"].iter().any(|verb| name.starts_with(verb));
        assert!(reads, "{action}");
        assert!(
            !["GetSecretValue", "GetParameter", "GetParameters", "Decrypt"].contains(&name),
            "{action} reads a secret"
        );
        assert!(service.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{action}");
    }
}

#[test]
fn a_permission_names_the_causes_that_it_decides() {
    let permissions = permissions();
    let of = |action: &str| permissions.iter().find(|one| one.action == action).map(|one| one.causes.clone());
    assert!(of("ec2:DescribeRouteTables").is_some_and(|causes| causes.contains(&CauseId::NoEgressRoute)));
    assert!(
        of("logs:DescribeLogGroups")
            .is_some_and(|causes| causes == [CauseId::LogGroupMissing, CauseId::LogPermissionDenied])
    );
    assert_eq!(of("sts:GetCallerIdentity"), Some(vec![]), "it finds things for all");
}

#[test]
#[should_panic(expected = "which its READS does not name")]
#[cfg(debug_assertions)]
fn a_cause_that_reads_what_it_does_not_say_fails_at_once() {
    use crate::causes::fixture::Fixture;
    use crate::causes::prelude::*;
    documented! {
        /// It says that it reads nothing.
        pub struct Sly;
    }
    impl Cause for Sly {
        type Subject = Whole;
        const ID: CauseId = CauseId::Unknown;
        const READS: &'static [&'static [Source]] = &[];
        fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
            let _ = facts.cluster(case.cluster.as_str())?;
            Ok(Verdict::Sound)
        }
    }
    let fixture = Fixture::fargate();
    let _ = Sly.judge_all(&fixture.case(), &Facts::new(&fixture.evidence));
}
