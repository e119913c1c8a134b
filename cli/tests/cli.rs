//! The program as a user runs it. Nothing here needs an account.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use ecs_why_core::model::CauseId;

fn ecs_why(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-why"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG", "AWS_PROFILE"] {
        command.env_remove(name);
    }
    command.env("AWS_EC2_METADATA_DISABLED", "true").args(args);
    command
}

fn out(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

fn err(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
}

/// Fails with the code, says each of the words, and prints nothing on standard output.
fn refused(args: &[&str], stdin: &str, code: i32, words: &[&str]) {
    let assert = ecs_why(args).write_stdin(stdin).assert().code(code);
    let said = err(&assert).replace('\n', " ");
    for word in words {
        assert!(said.contains(word), "{args:?}: no {word:?} in {said}");
    }
    assert_eq!(out(&assert), "", "{args:?}");
    assert!(!said.contains('\u{1b}'), "{said:?}");
}

#[test]
fn without_arguments_it_looks_for_failures_and_so_needs_to_know_where() {
    let mut command = ecs_why(&[]);
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        command.env_remove(name);
    }
    let assert = command.env("AWS_CONFIG_FILE", "/dev/null").assert().code(2);
    let said = err(&assert).replace('\n', " ");
    assert!(said.contains("no AWS region is set") || said.contains("was built without AWS"), "{said}");
    assert_eq!(out(&assert), "");
}

#[test]
fn a_triage_is_about_no_single_target() {
    refused(&["triage", "--since", "report.json"], "", 2, &["--since does not go with `ecs-why triage`"]);
    refused(&["--evidence", "x.json", "triage"], "", 2, &["--evidence does not go with"]);
    refused(&["triage", "--accounts", "nobody", "--region", "eu-west-1"], "", 2, &["error:"]);
}

#[test]
fn the_help_fits_on_a_screen() {
    let help = out(&ecs_why(&["-h"]).assert().code(0));
    assert!(help.lines().count() <= 50 && help.lines().all(|line| line.len() <= 100), "{help}");
    insta::assert_snapshot!(help);
}

#[test]
fn a_bad_target_is_told_before_aws_is_asked() {
    refused(&["payments"], "", 2, &["error: `payments` may be", "--cluster NAME"]);
    refused(&["premissions"], "", 2, &["ecs-why permissions"]);
    refused(&["a/b/c/d"], "", 2, &["cannot be read as a target"]);
    refused(&["arn:aws:s3:::bucket/key"], "", 2, &["`arn:aws:s3:::bucket/key`"]);
    refused(&["https://example.com/x"], "", 2, &["console"]);
    refused(&["prod/web", "--cluster", "test"], "", 2, &["`prod`", "`test`"]);
    refused(&["check"], "", 2, &["no target was given"]);
    refused(&["check", "web"], "", 2, &["in which cluster"]);
    refused(&["prod/web", "check", "prod/web"], "", 2, &["before the command"]);
    refused(&["--cluster", "x/y", "--", "check"], "", 2, &["error:"]);
    refused(&["prod/web", "--colour", "always"], "", 2, &["--color"]);
    refused(&["prod/web", "--output", "yaml"], "", 2, &["report", "json", "markdown"]);
}

#[test]
fn hostile_targets_are_harmless() {
    refused(&["a/b/\u{1b}[2Jc\u{202e}"], "", 2, &["`a/b/c<U+202E>`"]);
    refused(&["causes", "x\u{1b}]0;owned\u{7}"], "", 2, &["<U+001B>]0;owned<U+0007>"]);
}

#[test]
fn an_evidence_file_that_cannot_be_used_says_why() {
    let evidence = |stdin, words: &[&str]| refused(&["--evidence", "-"], stdin, 2, words);
    evidence("", &["damaged", "--save-evidence"]);
    evidence("not JSON", &["damaged"]);
    evidence("{\"some\": \"JSON\"}", &["it has no `ecs_why_evidence`"]);
    evidence("{\"ecs_why_evidence\": 1}", &["damaged", "missing field"]);
    evidence("{\"ecs_why_evidence\": 2}", &["version 2", "use a newer ecs-why"]);
    refused(&["--evidence", "/nowhere/file"], "", 2, &["cannot read `/nowhere/file`: "]);
    refused(&["--evidence", "a", "--save-evidence", "b"], "", 2, &["cannot be used with"]);
}

#[test]
fn evidence_of_something_else_is_refused() {
    let file = "{\"ecs_why_evidence\": 1, \"target\": {\"service\": {\"cluster\": \"prod\", \"service\": \"web\", \"place\": {}}}, \
                \"check\": false, \"logs\": false, \"region\": \"eu-west-1\", \"now\": \"2026-01-31T09:20:11Z\", \"calls\": 1, \
                \"elapsed_ms\": 1, \"answers\": []}";
    refused(&["prod/other", "--evidence", "-"], file, 2, &["about `prod/web`, and not about `prod/other`"]);
}

#[test]
fn causes_are_listed_by_stage() {
    let list = out(&ecs_why(&["causes"]).assert().code(0));
    assert!(CauseId::ALL.iter().all(|id| list.contains(id.as_str()) && list.contains(id.title())));
    assert!(list.starts_with("placement\n  cluster-not-found "));
    let list = out(&ecs_why(&["causes", "--output", "json"]).assert().code(0));
    let list: Vec<serde_json::Value> = serde_json::from_str(&list).expect("JSON");
    assert_eq!(list.len(), CauseId::ALL.len());
    let page = out(&ecs_why(&["causes", "out-of-memory"]).assert().code(0));
    assert!(page.starts_with("# out-of-memory: "), "{page}");
    refused(&["causes", "out-of-memry"], "", 2, &["no cause `out-of-memry`", "out-of-memory", "lists them all"]);
}

#[test]
fn permissions_are_a_policy_and_nothing_else() {
    for (args, statements) in [(&["permissions"][..], "Allow"), (&["permissions", "--strict"], "Deny")] {
        let assert = ecs_why(args).assert().code(0);
        let policy: serde_json::Value = serde_json::from_str(&out(&assert)).expect("JSON");
        assert_eq!(policy["Version"], "2012-10-17");
        assert!(out(&assert).contains(statements));
        assert_eq!(err(&assert), "");
    }
    let assert = ecs_why(&["permissions", "-v"]).assert().code(0);
    assert!(err(&assert).contains("undecided"));
}

#[test]
fn there_must_be_something_to_explain() {
    refused(&["explain"], "", 2, &["no text to explain", "describe-tasks"]);
    refused(&["explain"], " \n", 2, &["no text to explain"]);
    refused(&["explain", "--batch", "text"], "", 2, &["cannot be used with"]);
}

#[test]
fn a_batch_answers_each_line() {
    let assert = ecs_why(&["explain", "--batch"]).write_stdin("nonsense\n[1]\n").assert().code(0);
    let lines: Vec<serde_json::Value> = out(&assert).lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert!(lines.len() == 2 && lines.iter().all(|line| line["error"].is_string()), "{lines:?}");
    assert_eq!(out(&ecs_why(&["explain", "--batch"]).write_stdin("").assert().code(0)), "");
}

#[test]
fn stories_are_listed() {
    ecs_why(&["demo", "--list"]).assert().code(0);
    refused(&["demo", "no-such-story"], "", 2, &["no story"]);
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let program = env!("CARGO_BIN_EXE_ecs-why");
    let script = format!("for i in 1 2 3; do '{program}' causes; echo \"code $?\" >&2; done | head -1");
    let assert = Command::new("sh").args(["-c", &script]).assert().code(0);
    assert!(!err(&assert).contains("panic") && !err(&assert).contains("error"), "{}", err(&assert));
}

#[test]
fn an_output_that_is_full_is_told() {
    let script = format!("'{}' causes > /dev/full", env!("CARGO_BIN_EXE_ecs-why"));
    let assert = Command::new("sh").args(["-c", &script]).assert().code(2);
    assert!(err(&assert).contains("error: "), "{}", err(&assert));
}

#[test]
fn colours_are_for_terminals() {
    let colored = |args: &[&str], name: &str, value: &str| {
        out(&ecs_why(args).env(name, value).assert().code(0)).contains('\u{1b}')
    };
    assert!(!colored(&["causes"], "X", ""));
    assert!(colored(&["causes", "--color", "always"], "NO_COLOR", "1"));
    assert!(colored(&["causes"], "CLICOLOR_FORCE", "1"));
    assert!(!colored(&["causes", "--color", "never"], "CLICOLOR_FORCE", "1"));
    assert!(!colored(&["causes"], "NO_COLOR", "1"));
}

const DEFINITION: &str =
    "{\"family\": \"web\", \"containerDefinitions\": [{\"name\": \"app\", \"image\": \"nginx:1\"}]}";

#[test]
fn a_task_definition_with_a_mistake_is_told_with_its_place_before_aws_is_asked() {
    let wrong = DEFINITION.replace("\"image\"", "\"imgae\"");
    refused(&["check", "-"], &wrong, 2, &["the task definition `-` is wrong", "line 1, column", "is `image` meant?"]);
    refused(&["check", "file:///nowhere/td.json"], "", 2, &["cannot read `/nowhere/td.json`"]);
    refused(&["-"], DEFINITION, 2, &["is a task definition", "ecs-why check"]);
    refused(&["web:42"], "", 2, &["`web:42` is a task definition", "ecs-why check web:42"]);
}

#[test]
fn network_options_are_for_a_task_definition() {
    refused(&["check", "prod/web", "--subnets", "subnet-1"], "", 2, &["`prod/web` has network settings of its own"]);
    refused(&["check", "web:42", "--security-groups", "sg-1"], "", 2, &["--subnets"]);
    refused(&["check", "web:42", "--subnets", "a", "--assign-public-ip", "perhaps"], "", 2, &["enabled, disabled"]);
}

#[test]
fn house_rules_with_a_mistake_are_told_with_the_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, "[fixes]\npublic-ips = \"never\"\n").expect("it is writable");
    let rules = rules.display().to_string();
    refused(&["prod/web", "--config", &rules], "", 2, &["line 2: unknown field `public-ips`", "open-ingress"]);
    refused(&["prod/web", "--config", "/nowhere/rules.toml"], "", 2, &["cannot read `/nowhere/rules.toml`"]);
}

/// The evidence of a story of the demo.
fn story() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/stories/ecr-auth-denied.json")
}

#[test]
fn an_evidence_file_is_checked_without_target_and_credentials() {
    let report = out(&ecs_why(&["check", "--evidence", story(), "--output", "json"]).assert().code(1));
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((report["outcome"].as_str(), report["symptom"].is_null()), (Some("failed"), true));
    assert_eq!(report["causes"][0]["id"], "ecr-auth-denied");
}

#[test]
fn an_older_report_is_compared_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let older = folder.path().join("older.json");
    let json = out(&ecs_why(&["--evidence", story(), "--output", "json"]).assert().code(0));
    std::fs::write(&older, json).expect("it is writable");
    let older = older.display().to_string();
    let again = out(&ecs_why(&["--evidence", story(), "--since", &older]).assert().code(0));
    assert!(
        again.replace("\n          ", " ").contains("the same stop for the same cause, ecr-auth-denied"),
        "{again}"
    );
    let first = again.lines().position(|line| line.starts_with("Since")).expect("it is said");
    assert!(first < again.lines().position(|line| line.starts_with("Why")).unwrap_or(usize::MAX), "at the top");
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/stories/image-expired.json");
    refused(&["--evidence", other, "--since", &older], "", 2, &["the older report is about"]);
    refused(&["--evidence", story(), "--since", story()], "", 2, &["no report of this program", "--output json"]);
}

#[test]
fn advice_is_listed_and_has_pages() {
    let list = out(&ecs_why(&["causes"]).assert().code(0));
    assert!(list.contains("\nadvice\n") && list.contains("  tags-mutable "), "{list}");
    let page = out(&ecs_why(&["causes", "tags-mutable"]).assert().code(0));
    assert!(page.starts_with("# tags-mutable: ") && page.contains("# When it is said"), "{page}");
    refused(&["causes", "tags-mutabel"], "", 2, &["tags-mutable"]);
}
