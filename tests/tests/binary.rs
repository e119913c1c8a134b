//! The built program against moto: what a script branches on, and what a person reads when there is no report.

use ecs_why_tests::{HIDDEN, Moto, Stub, World, binary, refusal};
use serde_json::{Value, json};
use std::process::{Command, Output};

fn against(url: &str) -> Command {
    let mut command = binary();
    command.envs([("AWS_ENDPOINT_URL", url), ("AWS_REGION", "us-east-1")]);
    command.envs([("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x")]);
    command
}

fn run(url: &str, arguments: &[&str]) -> Output {
    against(url).args(arguments).output().expect("it runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).replace('\n', " ")
}

/// Ends with a code, says words on standard error, and nothing on standard output.
fn refused(output: &Output, code: i32, words: &[&str]) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    for word in words {
        assert!(said.contains(word), "no {word:?} in {said}");
    }
    assert!(!said.contains('\u{1b}') && !said.contains("answers, reading"), "{said:?}");
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let moto = Moto::start();
    World::healthy(&moto);
    let url = moto.url();
    refused(&run(&url, &["prdo/web"]), 4, &["no cluster `prdo`", "prod", "--region"]);
    refused(&run(&url, &["prod/wbe"]), 4, &["no service `wbe`", "web"]);
    refused(&run(&url, &["check", "prod/wbe"]), 4, &["no service `wbe`", "web"]);
    // Moto leaves such a task out of its answer; ECS says that it is missing.
    let ecs = Stub::start(Some(moto.port), |request| {
        let failures = [
            json!({"arn": "arn:aws:ecs:us-east-1:123456789012:task/prod/0123456789abcdef0123456789abcdef", "reason": "MISSING"}),
        ];
        (request.name() == "ecs:DescribeTasks").then(|| (200, json!({"tasks": [], "failures": failures}).to_string()))
    });
    let task = "prod/0123456789abcdef0123456789abcdef";
    // It may have been there: what would have told of it, and how to have that the next time.
    let forgotten = run(&ecs.url(), &[task]);
    let told = String::from_utf8_lossy(&forgotten.stdout).into_owned();
    assert_eq!(forgotten.status.code(), Some(0), "{told}");
    assert!(told.contains("UNCLEAR") && told.contains("aws events put-rule"), "{told}");
    let elsewhere = "arn:aws:ecs:us-east-1:999999999999:task/prod/0123456789abcdef0123456789abcdef";
    refused(&run(&url, &[elsewhere]), 5, &["999999999999", "123456789012"]);
}

#[test]
fn without_access_there_is_no_report() {
    let moto = Moto::start();
    let mut nobody = against(&moto.url());
    nobody.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    refused(&nobody.arg("prod/web").output().expect("it runs"), 5, &["no AWS credentials", "aws sso login"]);
    let mut nowhere = against(&moto.url());
    refused(&nowhere.env_remove("AWS_REGION").arg("prod/web").output().expect("it runs"), 2, &["region"]);
    for (code, words) in [("ExpiredTokenException", "credentials"), ("AccessDeniedException", "ecs-why permissions")] {
        let stub = Stub::start(None, move |request| Some(refusal(request, 400, code)));
        refused(&run(&stub.url(), &["prod/web"]), 5, &[words]);
    }
}

#[test]
fn a_closed_port_is_told_as_such() {
    let stub = Stub::start(None, |_| None);
    let url = stub.url();
    drop(stub);
    refused(&run(&url, &["prod/web"]), 6, &["cannot be reached", "--endpoint-url"]);
}

#[test]
fn a_check_tells_sound_from_broken() {
    let moto = Moto::start();
    let world = World::healthy(&moto);
    let url = moto.url();
    let report = |output: &Output| -> Value { serde_json::from_slice(&output.stdout).expect("JSON") };
    let json = ["check", "prod/web", "--output", "json"];

    let sound = run(&url, &json);
    assert_eq!((sound.status.code(), report(&sound)["outcome"].as_str()), (Some(0), Some("sound")), "{sound:?}");
    assert!(sound.stderr.is_empty(), "a status line where nobody looks: {}", said(&sound));

    let stub = Stub::start(Some(moto.port), |request| {
        (request.name() == "logs:DescribeLogGroups").then(|| refusal(request, 400, "AccessDeniedException"))
    });
    let unclear = run(&stub.url(), &json);
    assert_eq!((unclear.status.code(), report(&unclear)["outcome"].as_str()), (Some(3), Some("undetermined")));
    assert_eq!(report(&unclear)["gaps"][0]["action"], "logs:DescribeLogGroups");

    moto.logs("DeleteLogGroup", &json!({"logGroupName": "/ecs/web"}));
    let broken = run(&url, &json);
    assert_eq!(broken.status.code(), Some(1));
    assert_eq!(report(&broken)["causes"][0]["id"], "log-group-missing");
    assert_eq!(report(&broken)["causes"][0]["fixes"][0], "f1");

    let route = [("Action", "DeleteRoute"), ("RouteTableId", &world.table), ("DestinationCidrBlock", "0.0.0.0/0")];
    moto.query("ec2", &route);
    let text = run(&url, &["check", "prod/web"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.starts_with("FAILED"), "{text}");
    assert!(!text.contains('\u{1b}') && text.contains("/ecs/web") && text.contains(&world.table), "{text}");
}

/// What is saved gives the identical report without the account, and holds no secret.
#[test]
fn evidence_that_was_saved_gives_the_same_report() {
    let moto = Moto::start();
    World::healthy(&moto);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("evidence.json");
    let path = path.to_str().expect("UTF-8");
    let live = run(&moto.url(), &["check", "prod/web", "--output", "json", "--save-evidence", path]);
    drop(moto);
    let later = binary().args(["check", "--evidence", path, "--output", "json"]).output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&live.stdout), String::from_utf8_lossy(&later.stdout));
    let kept = std::fs::read_to_string(path).expect("it was saved");
    assert!(kept.contains("PASSWORD") && !kept.contains(HIDDEN));
}

/// Nothing is ever changed, and no secret's value asked for.
#[test]
fn an_account_is_only_read() {
    let moto = Moto::start();
    World::healthy(&moto);
    let stub = Stub::start(Some(moto.port), |_| None);
    assert!(run(&stub.url(), &["prod/web", "--output", "json"]).status.success());
    assert!(run(&stub.url(), &["check", "prod/web"]).status.success());
    let asked = stub.seen();
    assert!(asked.len() > 20, "{} requests", asked.len());
    for request in asked {
        let reads = ["Describe", "Get", "List", "Lookup"].iter().any(|verb| request.action.starts_with(verb));
        let gives = ["GetSecretValue", "GetParameter", "GetAuthorizationToken"]
            .iter()
            .any(|one| request.action.starts_with(one));
        assert!(reads && !gives, "{}", request.name());
    }
}
