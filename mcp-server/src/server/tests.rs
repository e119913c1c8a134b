//! The whole server, spoken to as a client does: line by line, over recorded incidents.

use super::*;
use crate::recorded::Recordings;
use crate::shared::{LISTENERS, salt};
use crate::source::Source;
use crate::store::Store;
use ecs_why_core::account::EvidenceFile;
use rmcp::ServiceExt as _;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{
    AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf, duplex,
};

struct Client {
    write: WriteHalf<DuplexStream>,
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    number: u64,
    /// What the server said without being asked.
    notes: Vec<Value>,
    /// What a person would choose; none declines.
    choice: Option<&'static str>,
}

fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios").join(name).join("account.json")
}

fn shared(files: &[PathBuf]) -> Shared {
    Shared {
        store: Store::default(),
        redactor: None,
        rules: Default::default(),
        logs: false,
        time_limit: Duration::from_secs(20),
        permits: tokio::sync::Semaphore::new(2),
        news: tokio::sync::broadcast::Sender::new(64),
        listeners: tokio::sync::Semaphore::new(LISTENERS),
        salt: salt(),
        source: Source::Recorded(Recordings::open(files).expect("they are there")),
    }
}

fn usual() -> Shared {
    shared(&[scenario("image-tag-not-found/image-tag-missing"), scenario("image-tag-not-found/two-tag-and-s3-route")])
}

impl Client {
    /// Has said nothing yet.
    fn silent(shared: Shared) -> Client {
        let (ours, theirs) = duplex(1 << 20);
        tokio::spawn(async move {
            if let Ok(running) = Server::new(Arc::new(shared)).serve(theirs).await {
                let _ = running.waiting().await;
            }
        });
        let (read, write) = tokio::io::split(ours);
        let lines = BufReader::new(read).lines();
        Client { write, lines, number: 0, notes: vec![], choice: None }
    }

    async fn new(shared: Shared, capabilities: Value) -> Client {
        let mut client = Client::silent(shared);
        let hello = json!({"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": {"name": "test", "version": "1"}});
        client.ask("initialize", hello).await;
        client.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        client
    }

    async fn usual() -> Client {
        Client::new(usual(), json!({})).await
    }

    async fn send(&mut self, message: Value) {
        self.write.write_all(format!("{message}\n").as_bytes()).await.expect("it listens");
    }

    async fn heard(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(30), self.lines.next_line()).await;
        let line = line.expect("it answers in time").expect("it is text").expect("it goes on");
        serde_json::from_str(&line).expect("JSON")
    }

    /// Sends a request, and gives what comes back.
    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let id = self.number;
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        loop {
            let heard = self.heard().await;
            if heard["method"] == "elicitation/create" {
                let result = match self.choice {
                    Some(choice) => {
                        let fields = heard["params"]["requestedSchema"]["properties"].as_object().expect("a form");
                        let (name, _) = fields.iter().next().expect("with a field");
                        json!({"action": "accept", "content": {name: choice}})
                    }
                    None => json!({"action": "decline"}),
                };
                self.send(json!({"jsonrpc": "2.0", "id": heard["id"], "result": result})).await;
            } else if heard["id"] == id {
                return heard;
            }
            self.notes.push(heard);
        }
    }

    async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let number = self.number;
        let params = json!({"name": tool, "arguments": arguments, "_meta": {"progressToken": format!("p{number}")}});
        self.ask("tools/call", params).await["result"].clone()
    }

    /// The error that a tool answers with.
    async fn error(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["isError"], true, "{result}");
        let text = result["content"][1]["text"].as_str().expect("the same as JSON");
        serde_json::from_str::<Value>(text).expect("JSON")["error"].clone()
    }

    async fn service(&mut self) -> String {
        let clusters = self.call("list_targets", json!({})).await;
        let cluster = clusters["structuredContent"]["names"][0].as_str().expect("a cluster").to_owned();
        let services = self.call("list_targets", json!({"cluster": cluster})).await;
        let service = services["structuredContent"]["names"][0].as_str().expect("a service");
        format!("{cluster}/{service}")
    }
}

#[tokio::test]
async fn a_service_is_diagnosed_and_its_evidence_and_fix_are_shown() {
    let mut client = Client::usual().await;
    let target = client.service().await;
    let answer = client.call("diagnose", json!({"target": target})).await;
    let told = &answer["structuredContent"];
    assert_eq!(told["causes"][0]["id"], "image-tag-not-found", "{told}");
    assert!(told.to_string().len() <= 6_000);
    let report = told["report_id"].clone();
    let evidence = told["causes"][0]["evidence"].as_array().expect("it has some").last().cloned();
    let item = client.call("get_evidence", json!({"report_id": report, "evidence_id": evidence})).await;
    assert_eq!(item["structuredContent"]["evidence"]["summary"]["untrusted"], true, "{item}");
    let fix = client.call("show_fix", json!({"report_id": report})).await;
    assert!(fix["structuredContent"]["commands"].as_array().is_some_and(|all| !all.is_empty()), "{fix}");
    let again = client.call("diagnose", json!({"target": target})).await;
    assert_eq!(again["structuredContent"]["report_id"], report, "it is not asked twice within two minutes");
    let fresh = client.call("diagnose", json!({"target": target, "fresh": true})).await;
    assert_ne!(fresh["structuredContent"]["report_id"], report);
}

#[tokio::test]
async fn all_of_a_report_comes_when_it_is_wanted_and_is_a_resource() {
    let mut client = Client::usual().await;
    let target = client.service().await;
    let answer = client.call("diagnose", json!({"target": target, "detail": "full"})).await;
    let full = &answer["structuredContent"]["full"];
    assert!(full["untrusted"] == true && full["report"]["launch_path"].is_array(), "{full}");
    let id = answer["structuredContent"]["report_id"].as_str().expect("an id").to_owned();
    let read = client.ask("resources/read", json!({"uri": format!("ecs-why://reports/{id}")})).await;
    let text = read["result"]["contents"][0]["text"].as_str().expect("a text");
    let report: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(report["report"]["headline"], full["report"]["headline"]);
    let listed = client.ask("resources/list", json!({})).await;
    assert!(listed.to_string().contains(&id));
}

#[tokio::test]
async fn one_callers_report_is_nobody_elses() {
    let shared = Arc::new(usual());
    let mut both = vec![];
    for _ in 0..2 {
        let (ours, theirs) = duplex(1 << 20);
        let server = Server::new(Arc::clone(&shared));
        tokio::spawn(async move { server.serve(theirs).await.expect("it begins").waiting().await });
        let (read, write) = tokio::io::split(ours);
        let mut client = Client { write, lines: BufReader::new(read).lines(), number: 0, notes: vec![], choice: None };
        let hello = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
        client.ask("initialize", hello).await;
        client.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        both.push(client);
    }
    let answer = both[0].call("explain_stop_reason", json!({"text": "OutOfMemoryError: Container killed"})).await;
    let id = answer["structuredContent"]["report_id"].clone();
    assert_eq!(both[1].error("show_fix", json!({"report_id": id})).await["argument"], "report_id");
    let listed = both[1].ask("resources/list", json!({})).await.to_string();
    assert!(!listed.contains(id.as_str().expect("an id")));
}

#[tokio::test]
async fn a_wrong_argument_is_told_with_its_name() {
    let mut client = Client::usual().await;
    for (tool, arguments, name) in [
        ("diagnose", json!({}), "target"),
        ("diagnose", json!({"target": "a/b", "detail": "everything"}), "detail"),
        ("diagnose", json!({"target": "a/b/c/d"}), "target"),
        ("diagnose", json!({"target": "prod/web", "account": "prod"}), "account"),
        ("diagnose", json!({"target": "arn:aws:s3:::bucket/key"}), "target"),
        ("explain_stop_reason", json!({"text": ""}), "text"),
        ("explain_stop_reason", json!({"text": "x", "exit_code": "one"}), "exit_code"),
        ("explain_stop_reason", json!({"text": "x".repeat((1 << 20) + 1)}), "text"),
        ("check", json!({}), "target"),
        (
            "check",
            json!({"definition": {"family": "web", "containerDefinitions": []}}),
            "definition.containerDefinitions",
        ),
        ("check", json!({"target": "web:1", "security_groups": ["sg-1"]}), "subnets"),
        ("list_targets", json!({"cursor": "second"}), "cursor"),
        ("get_evidence", json!({"report_id": "r-1", "evidence_id": "e1"}), "report_id"),
        ("whoami", json!({"region": 7}), "region"),
    ] {
        let error = client.error(tool, arguments.clone()).await;
        assert_eq!(error["argument"], name, "{tool}: {error}");
        assert!(error["next"].as_str().is_some_and(|next| next.len() > 5), "{tool}: {error}");
    }
}

#[tokio::test]
async fn the_person_chooses_where_a_client_can_ask() {
    let name = "payments";
    let (asking, _folder) = twice(name);
    let mut client = Client::new(asking, json!({"elicitation": {}})).await;
    client.choice = Some("staging");
    let answer = client.call("diagnose", json!({"target": name})).await;
    assert_eq!(answer["structuredContent"]["target"]["cluster"], "staging", "{answer}");
    client.choice = None;
    let error = client.error("diagnose", json!({"target": name, "fresh": true})).await;
    assert_eq!((&error["code"], &error["argument"]), (&json!("choice-needed"), &json!("cluster")));
    let (silent, _folder) = twice(name);
    let mut client = Client::new(silent, json!({})).await;
    let error = client.error("diagnose", json!({"target": name})).await;
    assert_eq!(error["candidates"], json!(["prod", "staging"]), "{error}");
}

/// Two recordings of one service in two clusters.
fn twice(name: &str) -> (Shared, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = vec![];
    for cluster in ["prod", "staging"] {
        let text = std::fs::read_to_string(scenario("image-tag-not-found/image-tag-missing")).expect("it is there");
        let file = EvidenceFile::parse(&text).expect("it was recorded");
        let recorded = file.target.cluster().to_owned();
        let service = ecs_why_core::diagnosis::replay(&file).expect("a report").target.service.expect("a service");
        let text = text.replace(&format!("/{recorded}/"), &format!("/{cluster}/"));
        let text = text.replace(&format!("\"{recorded}\""), &format!("\"{cluster}\"")).replace(&service, name);
        let path = folder.path().join(format!("{cluster}.json"));
        std::fs::write(&path, text).expect("it is writable");
        files.push(path);
    }
    (shared(&files), folder)
}

#[tokio::test]
async fn in_the_newest_revision_the_choice_comes_with_a_second_call() {
    let (shared, _folder) = twice("payments");
    let mut client = Client::silent(shared);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
    });
    let call = json!({"name": "diagnose", "arguments": {"target": "payments"}, "_meta": meta});
    let asked = client.ask("tools/call", call.clone()).await["result"].clone();
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    let form = &asked["inputRequests"]["choose-cluster"]["params"]["requestedSchema"]["properties"]["cluster"];
    assert_eq!(form["enum"], json!(["prod", "staging"]), "{asked}");
    let mut again = call.clone();
    again["inputResponses"] = json!({"choose-cluster": {"action": "accept", "content": {"cluster": "staging"}}});
    let answer = client.ask("tools/call", again).await["result"].clone();
    assert_eq!(answer["structuredContent"]["target"]["cluster"], "staging", "{answer}");
    let mut declined = call;
    declined["inputResponses"] = json!({"choose-cluster": {"action": "decline"}});
    let answer = client.ask("tools/call", declined).await["result"].clone();
    assert_eq!(answer["isError"], true, "{answer}");
}

#[tokio::test]
async fn what_is_redacted_comes_back_in_arguments() {
    let shared = Shared { redactor: Some(Arc::new(Redactor::default())), ..usual() };
    let mut client = Client::new(shared, json!({})).await;
    let target = client.service().await;
    let answer = client.call("diagnose", json!({"target": target})).await;
    let text = answer.to_string();
    let account = regex::Regex::new(r"\b[0-9]{12}\b").expect("well formed");
    assert!(!account.is_match(&text) && !text.contains("arn:aws"), "{text}");
    let task = answer["structuredContent"]["target"]["task"].clone();
    assert!(task.as_str().is_some_and(|task| task.starts_with("REDACTED-ARN-")), "{task}");
    let same = client.call("diagnose", json!({"target": task})).await;
    assert_eq!(same["structuredContent"]["target"]["task"], task, "{same}");
    let id = answer["structuredContent"]["report_id"].as_str().expect("an id").to_owned();
    let read = client.ask("resources/read", json!({"uri": format!("ecs-why://reports/{id}")})).await.to_string();
    let left = account.find(&read).map(|found| &read[found.start().saturating_sub(80)..found.end()]);
    assert_eq!(left, None);
    assert!(!read.contains("arn:aws"), "{:?}", read.split("arn:aws").nth(1));
}

#[tokio::test]
async fn a_level_is_what_a_client_hears_of() {
    let mut client = Client::usual().await;
    let is_log = |note: &Value| note["method"] == "notifications/message";
    client.call("whoami", json!({})).await;
    assert!(!client.notes.iter().any(is_log), "{:?}", client.notes);
    client.ask("logging/setLevel", json!({"level": "info"})).await;
    client.call("whoami", json!({})).await;
    // It may come behind the answer.
    client.ask("ping", json!({})).await;
    assert!(client.notes.iter().any(is_log), "{:?}", client.notes);
}

#[tokio::test]
async fn who_watches_the_reports_hears_of_a_new_one() {
    let mut client = Client::usual().await;
    client.ask("resources/subscribe", json!({"uri": "ecs-why://reports"})).await;
    client.call("explain_stop_reason", json!({"text": "OutOfMemoryError: Container killed"})).await;
    client.ask("ping", json!({})).await;
    assert!(client.notes.iter().any(|note| note["method"] == "notifications/resources/updated"), "{:?}", client.notes);
}

#[tokio::test]
async fn every_prompt_is_given_and_completed() {
    let mut client = Client::usual().await;
    let prompts = client.ask("prompts/list", json!({})).await["result"]["prompts"].clone();
    for prompt in prompts.as_array().expect("a list") {
        let given =
            client.ask("prompts/get", json!({"name": prompt["name"], "arguments": {"target": "prod/web"}})).await;
        let known = prompt["arguments"].as_array().expect("a list").iter().any(|one| one["name"] == "target");
        assert_eq!(given.get("result").is_some(), known, "{given}");
    }
    let target = client.service().await;
    let (cluster, _) = target.split_once('/').expect("both");
    let reference = json!({"type": "ref/prompt", "name": "review_before_deployment"});
    let argument = json!({"name": "target", "value": format!("{cluster}/")});
    let told = client.ask("completion/complete", json!({"ref": reference, "argument": argument})).await;
    let values = told["result"]["completion"]["values"].as_array().expect("a list").clone();
    assert!(values.contains(&json!(target)), "{values:?}");
    let reference = json!({"type": "ref/resource", "uri": "ecs-why://causes/{id}"});
    let told = client
        .ask("completion/complete", json!({"ref": reference, "argument": {"name": "id", "value": "image-t"}}))
        .await;
    assert_eq!(told["result"]["completion"]["values"], json!(["image-tag-not-found"]));
}

#[tokio::test]
async fn a_definition_is_checked_without_its_values() {
    let mut client = Client::usual().await;
    let definition = json!({
        "family": "web",
        "containerDefinitions": [{"name": "web", "image": "nginx", "environment": [{"name": "TOKEN", "value": "hunter2-canary"}]}],
    });
    let answer = client.call("check", json!({"definition": definition})).await.to_string();
    assert!(!answer.contains("hunter2-canary"), "{answer}");
}

#[tokio::test]
async fn a_request_that_never_ends_is_cancelled() {
    // No permit is free: the call waits.
    let shared = Shared { permits: tokio::sync::Semaphore::new(0), time_limit: Duration::from_secs(60), ..usual() };
    let mut client = Client::new(shared, json!({})).await;
    let params = json!({"name": "diagnose", "arguments": {"target": "prod/web"}, "_meta": {"progressToken": "p"}});
    client.send(json!({"jsonrpc": "2.0", "id": 99, "method": "tools/call", "params": params})).await;
    let waits = client.heard().await;
    assert!(waits["params"]["message"].as_str().is_some_and(|text| text.contains("waiting")), "{waits}");
    let cancel = json!({"requestId": 99, "reason": "enough"});
    client.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel})).await;
    let pong = client.ask("ping", json!({})).await;
    assert!(pong.get("result").is_some());
}

#[tokio::test]
async fn who_waits_too_long_is_told_so() {
    let shared = Shared { permits: tokio::sync::Semaphore::new(0), time_limit: Duration::from_millis(200), ..usual() };
    let mut client = Client::new(shared, json!({})).await;
    let error = client.error("diagnose", json!({"target": "prod/web"})).await;
    assert_eq!((&error["code"], &error["retry"]), (&json!("busy"), &json!(true)));
}
