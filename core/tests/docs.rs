//! The made files of `docs/`, and what of the written ones can be held by a test.
//!
//! `ECS_WHY_BLESS=1 cargo test -p ecs-why-core --test docs` makes them anew; without it, a difference fails.

mod guides;

use ecs_why_core::account::EvidenceFile;
use ecs_why_core::advice::{self, DynAdvice};
use ecs_why_core::causes::{self, DynCause};
use ecs_why_core::diagnosis::replay;
use ecs_why_core::model::{CauseId, Stage};
use ecs_why_core::render::{self, Look};
use ecs_why_core::report;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The story that `ecs-why demo` tells, whose report stands in the README.
const DEMO: &str = "cli/stories/ecr-auth-denied.json";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("core stands in the workspace").to_owned()
}

fn blessed() -> bool {
    std::env::var_os("ECS_WHY_BLESS").is_some_and(|value| !value.is_empty())
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Holds a made file to what makes it, or makes it.
fn made(path: &str, text: &str) {
    let file = root().join(path);
    if read(&file) == text {
        return;
    }
    assert!(blessed(), "{path} is not what makes it: ECS_WHY_BLESS=1 cargo test -p ecs-why-core --test docs");
    fs::create_dir_all(file.parent().expect("a file stands in a folder")).expect("the checkout is writable");
    fs::write(&file, text).expect("the checkout is writable");
}

/// The actions that a cause needs, each once.
fn actions(cause: &dyn DynCause) -> BTreeSet<&'static str> {
    cause.reads().into_iter().map(|source| source.action()).collect()
}

/// A page's text: headings one level lower, without the space that a doc comment leaves at the start of a line.
fn body(page: &str) -> String {
    let mut text = String::new();
    for line in page.trim().lines() {
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        match line.strip_prefix("# ") {
            Some(heading) => writeln!(text, "\n## {heading}\n"),
            None => writeln!(text, "{line}"),
        }
        .expect("a String takes everything");
    }
    text.replace("\n\n\n", "\n\n")
}

fn page(cause: &dyn DynCause) -> String {
    let id = cause.id();
    let mut text =
        format!("<!-- Made from the doc comment of the cause's file; do not edit here. -->\n\n# {}\n\n", id.title());
    writeln!(text, "- id: `{id}`\n- stage: `{}`\n- check: `{}`", id.stage(), id.check()).expect("as above");
    let general: Vec<String> = cause.refines().iter().map(|id| format!("[`{id}`]({id}.md)")).collect();
    if !general.is_empty() {
        writeln!(text, "- a special case of {}", general.join(", ")).expect("as above");
    }
    if id.has_endpoint() {
        writeln!(text, "- names the service that cannot be reached (`endpoint` in a report)").expect("as above");
    }
    if id.symptom_only() {
        writeln!(text, "- nothing in the account tells more than the stop itself").expect("as above");
    }
    write!(text, "\n{}", body(cause.page())).expect("as above");
    let actions = actions(cause);
    if actions.is_empty() {
        text += "\n## Reads\n\nNothing but the stop itself.\n";
    } else {
        let actions: Vec<String> = actions.into_iter().map(|action| format!("`{action}`")).collect();
        writeln!(
            text,
            "\n## Reads\n\n{}\n\nWhat of these may not be read is a gap in the report, and never a \"passed\".",
            actions.join(", ")
        )
        .expect("as above");
    }
    text
}

/// All ids by stage; those without a page are told by the stop alone.
fn index() -> String {
    let mut text = String::from("<!-- Made from core/src/causes/causes.toml; do not edit here. -->\n\n# Causes\n\n");
    text += "Each id keeps its meaning. A cause with a page is judged by what the account shows; the others are read out of the\n";
    text += "stop alone, and are as sure as its words. `ecs-why causes ID` prints a page.\n";
    for stage in Stage::LAUNCH.into_iter().chain([Stage::Lifecycle, Stage::Unknown]) {
        writeln!(text, "\n## {stage}\n").expect("as above");
        for id in CauseId::ALL.iter().filter(|id| id.stage() == stage) {
            let name = if causes::find(*id).is_some() { format!("[`{id}`]({id}.md)") } else { format!("`{id}`") };
            writeln!(text, "- {name}: {}", id.title()).expect("as above");
        }
    }
    text
}

/// The page of a piece of advice.
fn advice_page(one: &dyn DynAdvice) -> String {
    let mut text =
        format!("<!-- Made from the doc comment of the advice's file; do not edit here. -->\n\n# {}\n\n", one.title());
    writeln!(text, "- id: `{}`\n\n{}", one.id(), body(one.page())).expect("as above");
    let actions: BTreeSet<&str> = one.reads().into_iter().map(|source| source.action()).collect();
    let actions: Vec<String> = actions.into_iter().map(|action| format!("`{action}`")).collect();
    let reads = if actions.is_empty() { "Nothing but the task definition.".to_owned() } else { actions.join(", ") };
    writeln!(text, "\n## Reads\n\n{reads}\n\nWhere any of these may not be read, nothing is said.").expect("as above");
    text.replace("\n\n\n", "\n\n")
}

/// All advice, in the order in which it is given.
fn advice_index() -> String {
    let mut text = String::from("<!-- Made from the doc comments of advice; do not edit here. -->\n\n# Advice\n\n");
    text += "What `ecs-why check` advises apart from faults. It changes neither the outcome nor the exit code, and what cannot be\n";
    text += "read is not advised. Each id keeps its meaning. `ecs-why causes ID` prints a page.\n\n";
    for one in advice::all() {
        writeln!(text, "- [`{id}`]({id}.md): {}", one.title(), id = one.id()).expect("as above");
    }
    text
}

/// Causes by stage: all of a stage in one word, others by name.
fn needed_by(action: &str, ids: &[CauseId]) -> String {
    let advised: Vec<String> = advice::all()
        .iter()
        .filter(|one| one.reads().iter().any(|source| source.action() == action))
        .map(|one| format!("[{id}](advice/{id}.md)", id = one.id()))
        .collect();
    if ids.is_empty() && !advised.is_empty() {
        return format!("advice alone: {}", advised.join(", "));
    }
    if ids.is_empty() {
        return "none alone: it finds and names things for all".to_owned();
    }
    let mut list = vec![];
    for stage in Stage::LAUNCH.into_iter().chain([Stage::Lifecycle, Stage::Unknown]) {
        let all: Vec<CauseId> = causes::all().iter().map(|cause| cause.id()).filter(|id| id.stage() == stage).collect();
        if all.len() > 2 && all.iter().all(|id| ids.contains(id)) {
            list.push(format!("[all of {stage}](causes/README.md#{stage})"));
        } else {
            list.extend(all.iter().filter(|id| ids.contains(id)).map(|id| format!("[{id}](causes/{id}.md)")));
        }
    }
    list.join(", ")
}

fn permissions() -> String {
    let all = causes::permissions();
    // Needs no permission, and no policy can take it away.
    let needed: Vec<_> = all.iter().filter(|one| !one.action.starts_with("sts:")).collect();
    let mut services: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for permission in &needed {
        services.entry(permission.action.split(':').next().unwrap_or_default()).or_default().push(permission);
    }
    let mut text =
        String::from("<!-- Made from the questions that causes ask; do not edit here. -->\n\n# Permissions\n\n");
    text += "Everything that ecs-why may call, and nothing else is called: all of it reads. What is not allowed is a gap in the\n";
    text += "report, which names the causes that it leaves undecided; the rest still works. `ecs-why permissions` prints the\n";
    text += "policy, and with `--strict` a statement more that denies what would read a secret's value.\n";
    text += "`sts:GetCallerIdentity` is called too, and needs no permission.\n";
    for (service, permissions) in services {
        writeln!(text, "\n## {service}\n\n| action | causes that need it |\n|---|---|").expect("as above");
        for permission in permissions {
            writeln!(text, "| `{}` | {} |", permission.action, needed_by(permission.action, &permission.causes))
                .expect("as above");
        }
    }
    let actions: Vec<&str> = needed.iter().map(|permission| permission.action).collect();
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "EcsWhy", "Effect": "Allow", "Action": actions, "Resource": "*" }],
    });
    write!(text, "\n## The policy\n\n```json\n{}\n```\n", render::value(&policy).trim_end()).expect("as above");
    text
}

#[test]
fn every_cause_with_a_file_has_its_page() {
    for cause in causes::all() {
        made(&format!("docs/causes/{}.md", cause.id()), &page(*cause));
    }
    made("docs/causes/README.md", &index());
    let known: BTreeSet<String> = causes::all().iter().map(|cause| format!("{}.md", cause.id())).collect();
    let folder = root().join("docs/causes");
    for entry in fs::read_dir(&folder).expect("the folder is made above") {
        let name = entry.expect("a readable folder").file_name().to_string_lossy().into_owned();
        if name == "README.md" || known.contains(&name) {
            continue;
        }
        assert!(blessed(), "docs/causes/{name} is the page of no cause");
        fs::remove_file(folder.join(name)).expect("the checkout is writable");
    }
}

#[test]
fn every_piece_of_advice_has_its_page() {
    for one in advice::all() {
        made(&format!("docs/advice/{}.md", one.id()), &advice_page(*one));
    }
    made("docs/advice/README.md", &advice_index());
    let folder = root().join("docs/advice");
    for entry in fs::read_dir(&folder).expect("the folder is made above") {
        let name = entry.expect("a readable folder").file_name().to_string_lossy().into_owned();
        let known = name == "README.md" || name.strip_suffix(".md").is_some_and(|id| advice::find(id).is_some());
        assert!(known || blessed(), "docs/advice/{name} is the page of nothing");
        if !known {
            fs::remove_file(folder.join(name)).expect("the checkout is writable");
        }
    }
}

#[test]
fn the_permissions_are_those_that_questions_need() {
    made("docs/permissions.md", &permissions());
}

#[test]
fn the_schema_is_the_one_of_the_types() {
    made("docs/report.schema.json", &render::value(&report::schema()));
}

/// The demo's report in the README is the one that the demo prints.
#[test]
fn the_readme_shows_the_report_of_the_demo() {
    let story = read(&root().join(DEMO));
    assert!(!story.is_empty(), "{DEMO} is the story of the demo, and is not there");
    let file = EvidenceFile::parse(&story).expect("a story is an evidence file");
    let report = replay(&file).expect("a story has a report");
    let shown = render::text(&report, &Look::default());
    let readme = read(&root().join("README.md"));
    let (begin, end) = ("<!-- demo: made -->\n```text\n", "```\n<!-- end of demo -->");
    let (before, rest) = readme.split_once(begin).expect("the README marks where the report stands");
    let (_, after) = rest.split_once(end).expect("the README marks where the report ends");
    made("README.md", &format!("{before}{begin}{shown}{end}{after}"));
}

fn written() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        ["README.md", "CHANGELOG.md", "DEVELOPERS.md", "fuzz/README.md"].map(|name| root().join(name)).into();
    let docs = fs::read_dir(root().join("docs")).expect("there are docs");
    files.extend(
        docs.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.extension().is_some_and(|e| e == "md")),
    );
    files
}

/// What stands between `](` and `)` and is no address.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with('#')).collect()
}

#[test]
fn links_lead_somewhere() {
    for file in written() {
        let folder = file.parent().expect("a file stands in a folder");
        let text = read(&file);
        assert!(!text.is_empty(), "{} is not there", file.display());
        for link in links(&text) {
            let path = link.split('#').next().unwrap_or_default();
            assert!(folder.join(path).exists(), "{}: nothing is at {link}", file.display());
        }
    }
}

/// Paths in backticks that begin like one of ours.
#[test]
fn files_that_the_docs_name_are_there() {
    for file in written() {
        let text = read(&file);
        for name in text.split('`').skip(1).step_by(2) {
            let ours =
                ["core/", "cli/", "tests/", "docs/", "fuzz/", ".ci/"].iter().any(|start| name.starts_with(start));
            if !ours || name.contains(['<', '*', ' ', '{', '\n']) {
                continue;
            }
            assert!(root().join(name).exists(), "{} names `{name}`, which is not there", file.display());
        }
    }
}

/// Whoever upgrades learns what can be found now.
#[test]
fn the_changelog_names_every_cause_with_a_file() {
    let text = read(&root().join("CHANGELOG.md"));
    let missing: Vec<&str> = causes::all().iter().map(|cause| cause.id().as_str()).collect();
    let missing: Vec<&str> = missing.into_iter().filter(|id| !text.contains(&format!("`{id}`"))).collect();
    assert_eq!(missing, ["unknown"], "CHANGELOG.md does not name these (`unknown` is none to be found)");
}

#[test]
fn the_changelog_names_every_piece_of_advice() {
    let text = read(&root().join("CHANGELOG.md"));
    let missing: Vec<&str> =
        advice::all().iter().map(|one| one.id()).filter(|id| !text.contains(&format!("`{id}`"))).collect();
    assert!(missing.is_empty(), "CHANGELOG.md does not name {missing:?}");
}

/// What each part of the core may import, as docs/architecture.md draws it: `a, b -> c, d`.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let text = read(&root().join("docs/architecture.md"));
    let (_, section) = text.split_once("## Arrows").expect("the architecture has arrows");
    let (section, _) = section.split_once("\n## ").expect("and more behind them");
    let names = |list: &str| list.split(',').map(|name| name.trim().to_owned()).collect::<BTreeSet<_>>();
    let lines = section.lines().filter_map(|line| line.strip_prefix("    ")?.split_once("->"));
    lines.flat_map(|(from, to)| names(from).into_iter().map(move |one| (one, names(to)))).collect()
}

/// The source files below a folder, or the one file.
fn sources(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).expect("a readable folder");
    entries.flat_map(|entry| sources(&entry.expect("a readable folder").path())).filter(|path| is_rust(path)).collect()
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

#[test]
fn nothing_points_back() {
    let arrows = arrows();
    let mut wrong = vec![];
    for entry in fs::read_dir(root().join("core/src")).expect("core has a source") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if name == "lib" || !(path.is_dir() || is_rust(&path)) {
            continue;
        }
        let may = arrows.get(&name).cloned().unwrap_or_default();
        for file in sources(&path) {
            // Tests may build what they judge out of anything.
            if ["tests.rs", "fixture.rs"].iter().any(|name| file.ends_with(name)) {
                continue;
            }
            let text = read(&file);
            let shipped = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            for used in shipped.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|one| one.is_ascii_lowercase() || *one == '_').collect();
                let is_part = used == "model" || arrows.contains_key(&used);
                if is_part && used != name && !may.contains(&used) {
                    wrong.push(format!("{} uses {used}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not among the arrows of docs/architecture.md: {wrong:#?}");
}

#[test]
fn the_architecture_names_every_folder() {
    let text = read(&root().join("docs/architecture.md"));
    for entry in fs::read_dir(root().join("core/src")).expect("core has a source") {
        let entry = entry.expect("a readable folder");
        let name = format!("`{}/`", entry.file_name().to_string_lossy());
        assert!(!entry.path().is_dir() || text.contains(&name), "docs/architecture.md does not say what {name} knows");
    }
}
