//! What people get wrong, typed into the built program: each row of `wrong_inputs.toml` ends with its code and a message that says what
//! to do. `docs/errors.md` is made from them: `ECS_WHY_BLESS=1 cargo test -p ecs-why-tests --test wrong_inputs`.

use ecs_why_tests::{Request, Stub, Tls, binary, refusal};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[derive(Deserialize)]
struct Table {
    group: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    title: String,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    typed: String,
    code: i32,
    says: Vec<String>,
    #[serde(default)]
    server: Server,
    #[serde(default)]
    bare: bool,
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// What a reader has to know to understand the row.
    when: Option<String>,
    /// Options that are only there to make the test quicker.
    #[serde(default)]
    options: String,
}

/// How the other side behaves.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Server {
    /// Nothing may be read.
    #[default]
    Denies,
    /// An account with a cluster `prod`, and a service `web` in it.
    Account,
    Expired,
    Unknown,
    Closed,
    Silent,
    Fails,
    WebPage,
    SelfSigned,
    NoTls,
}

impl Server {
    fn answer(self, request: &Request) -> (u16, String) {
        match self {
            Server::Account => account(request),
            // All services say the same, since it is left to chance which is heard first.
            Server::Expired => {
                said(request, "ExpiredTokenException", "The security token included in the request is expired")
            }
            Server::Unknown => {
                said(request, "UnrecognizedClientException", "The security token included in the request is invalid.")
            }
            Server::Fails => (500, String::new()),
            Server::WebPage => (200, "<html>Welcome</html>".to_owned()),
            Server::Silent => {
                std::thread::sleep(Duration::from_secs(60));
                (500, String::new())
            }
            _ if request.service == "sts" && request.action == "AssumeRole" => refusal(request, 403, "AccessDenied"),
            _ => refusal(request, 400, "AccessDeniedException"),
        }
    }
}

/// A refusal in AWS's own words.
fn said(request: &Request, code: &str, words: &str) -> (u16, String) {
    let body = match request.service.as_str() {
        "sts" => format!("<ErrorResponse><Error><Code>{code}</Code><Message>{words}</Message></Error></ErrorResponse>"),
        _ => json!({"__type": code, "message": words}).to_string(),
    };
    (400, body)
}

fn account(request: &Request) -> (u16, String) {
    let of = |what: &str| format!("arn:aws:ecs:eu-west-1:123456789012:{what}");
    let is_prod = request.body.contains("\"prod\"") || request.body.contains("cluster/prod");
    let body = match request.name().as_str() {
        "sts:GetCallerIdentity" => {
            let identity =
                "<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>x</UserId><Account>123456789012</Account>";
            let result = format!("<GetCallerIdentityResult>{identity}</GetCallerIdentityResult>");
            return (200, format!("<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>"));
        }
        "ecs:ListClusters" => json!({"clusterArns": [of("cluster/prod")]}),
        "ecs:DescribeClusters" if !is_prod => {
            json!({"clusters": [], "failures": [{"arn": of("cluster/prdo"), "reason": "MISSING"}]})
        }
        "ecs:DescribeClusters" => {
            json!({"clusters": [{"clusterName": "prod", "clusterArn": of("cluster/prod"), "status": "ACTIVE"}]})
        }
        "ecs:ListServices" if is_prod => json!({"serviceArns": [of("service/prod/web")]}),
        "ecs:DescribeServices" if is_prod => {
            json!({"services": [], "failures": [{"arn": of("service/prod/wbe"), "reason": "MISSING"}]})
        }
        "ecs:ListTasks" if is_prod => json!({"taskArns": []}),
        "ecs:DescribeTaskDefinition" => {
            return (
                400,
                json!({"__type": "ClientException", "message": "Unable to describe task definition."}).to_string(),
            );
        }
        _ if request.service == "ecs" => return refusal(request, 400, "ClusterNotFoundException"),
        _ => return refusal(request, 400, "AccessDeniedException"),
    };
    (200, body.to_string())
}

/// A message as the page shows it, and what is wrong with it.
struct Told {
    message: String,
    faults: Vec<String>,
}

fn story(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/stories").join(name)
}

fn run(row: &Row) -> Told {
    let stub = Stub::start(None, {
        let server = row.server;
        move |request| Some(server.answer(request))
    });
    let (port, mut url) = (stub.port(), stub.url());
    let mut tls = None;
    match row.server {
        Server::SelfSigned => url = tls.insert(Tls::in_front_of(port)).url(),
        Server::NoTls => url = url.replace("http:", "https:"),
        _ => {}
    }
    let stub = if matches!(row.server, Server::Closed) {
        drop(stub);
        None
    } else {
        Some(stub)
    };
    let home = tempfile::tempdir().expect("a folder");
    for (path, text) in &row.files {
        let path = home.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it is writable");
        std::fs::write(path, text).expect("it is writable");
    }
    let program = binary();
    let folder = Path::new(program.get_program()).parent().expect("it is in a folder");
    let mut command = Command::new("/bin/sh");
    command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    // Nothing but a shell's own tools stands on the path: no AWS CLI of this machine.
    let tools = home.path().join("tools");
    std::fs::create_dir(&tools).expect("it is writable");
    #[cfg(unix)]
    for (there, name) in [(folder.join("ecs-why"), "ecs-why"), ("/bin/sh".into(), "sh")] {
        std::os::unix::fs::symlink(there, tools.join(name)).expect("it is writable");
    }
    command.env("PATH", &tools).env("HOME", home.path()).env("AWS_ENDPOINT_URL", &url);
    if !row.bare {
        command.envs([("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x")]);
    }
    let typed = row.typed.replace("URL ", &format!("{url} "));
    let typed = typed.replace("STORY", &story("ecr-auth-denied.json").display().to_string());
    let typed = typed.replace("OTHER", &story("image-expired.json").display().to_string());
    let script = format!("{typed} {}", row.options);
    let output =
        command.args(["-c", &script]).current_dir(home.path()).stdin(Stdio::null()).output().expect("there is a shell");
    drop((stub, tls));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let known = [
        (url.as_str(), "http://localhost:5000"),
        (&format!("127.0.0.1:{port}"), "localhost:5000"),
        (&home.path().display().to_string(), "~"),
        (&story("ecr-auth-denied.json").display().to_string(), "STORY"),
        (&story("image-expired.json").display().to_string(), "OTHER"),
    ];
    let message = known.iter().fold(said.clone(), |text, (found, shown)| text.replace(found, shown));
    Told { faults: faults(row, output.status.code(), &output.stdout, &said), message: stable(&message) }
}

/// Without what depends on the machine: the words of its resolver and of its libraries.
fn stable(message: &str) -> String {
    let cut = |text: &str, from: &str, to: char| match text.split_once(from) {
        Some((before, after)) => format!("{before}{from}...{}", after.find(to).map_or("", |at| &after[at..])),
        None => text.to_owned(),
    };
    cut(message, "the name cannot be resolved: ", '(').replace("...(", "... (")
}

fn faults(row: &Row, code: Option<i32>, stdout: &[u8], said: &str) -> Vec<String> {
    let mut faults = vec![];
    let mut tell = |is_wrong: bool, what: &str| {
        if is_wrong {
            faults.push(format!("{} {}: {what}: {code:?} {said}", row.typed, row.when.as_deref().unwrap_or_default()));
        }
    };
    tell(code != Some(row.code), "another code");
    tell(!stdout.is_empty(), "something on standard output");
    for words in &row.says {
        tell(!said.contains(words.as_str()), &format!("no {words:?}"));
    }
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    // What is wrong, and what to do; an unknown option is told with the usage.
    tell(!said.starts_with("error: "), "no error");
    tell(lines.len() > 2 && !said.contains("--help"), "more than two lines");
    tell(said.to_lowercase().matches("error:").count() > 1, "a chain of errors");
    tell(said.contains("panicked") || said.contains("fault of ecs-why") || said.contains("DispatchFailure"), "noise");
    tell(said.contains('\u{1b}'), "colours where nobody sees them");
    tell(!NEXT.iter().any(|next| said.contains(next)), "it does not say what to do");
    faults
}

/// How a message begins to say what to do.
const NEXT: &[&str] = &[
    "name a",
    "Name ",
    "name the",
    "Give ",
    "give ",
    "set both",
    "set AWS",
    "Choose ",
    "Leave ",
    "leave one",
    "Look at",
    "Sign in",
    "sign in",
    "run `",
    "use a newer",
    "put it behind",
    "open the task",
    "expected a",
    "[possible values",
    "try '--help'",
    "is named as",
    "say in which",
    "Is the command",
    "Or is the",
    "lists them",
    "lists those",
    "is written by",
    "is printed by",
    "It is what `aws",
    "may stand",
    "Mend ",
    "prints a policy",
    "Or name another",
    "There is:",
    "only its tasks fail",
    "For all of",
];

fn table() -> Table {
    toml::from_str(include_str!("wrong_inputs.toml")).expect("it is well formed")
}

#[test]
fn whatever_is_wrong_is_told_with_what_to_do() {
    let table = table();
    let rows: Vec<&Row> = table.group.iter().flat_map(|group| &group.rows).collect();
    assert!(rows.len() >= 80, "{} rows", rows.len());
    let (next, told) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(row) = rows.get(at) else { return };
                    let one = run(row);
                    told.lock().expect("nobody panics with it").insert(at, one);
                }
            });
        }
    });
    let told = told.into_inner().expect("nobody panics with it");
    let faults: Vec<&str> = told.values().flat_map(|one| &one.faults).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    made("docs/errors.md", &page(&table, &told));
}

fn page(table: &Table, told: &BTreeMap<usize, Told>) -> String {
    let mut text = "<!-- Made by tests/tests/wrong_inputs.rs from wrong_inputs.toml and the program's own words; do not edit here. -->\n\n\
        # What is said when something is wrong\n\n\
        Each row is typed into the built program by a test. A message is on standard error: a line that says what is wrong and, where \
        that line does not say it, one that says what to do (on a terminal they are wrapped). Exit codes: 2 wrong usage, 4 not found, \
        5 no access, 6 AWS cannot be reached; [all of them](../README.md#exit-codes).\n"
        .to_owned();
    let mut messages = told.values();
    for group in &table.group {
        let _ = write!(text, "\n## {}\n\n| what is typed | what is said | code |\n|---|---|---|\n", group.title);
        for row in &group.rows {
            let Some(one) = messages.next() else { return text };
            let when = row.when.as_ref().map(|when| format!(" ({when})")).unwrap_or_default();
            let typed = row
                .typed
                .replace("URL ", "http://localhost:5000 ")
                .replace("STORY", "incident.json")
                .replace("OTHER", "other.json");
            let said = one.message.replace("STORY", "incident.json").replace("OTHER", "other.json");
            let lines: Vec<String> = said.lines().map(str::trim).filter(|line| !line.is_empty()).map(cell).collect();
            let _ = writeln!(
                text,
                "| `{}`{} | {} | {} |",
                typed.replace('|', "\\|"),
                cell(&when),
                lines.join("<br>"),
                row.code
            );
        }
    }
    text
}

/// Text in a cell, in which nothing but code is alive.
fn cell(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(at, part)| match at % 2 {
        0 => {
            part.replace('\\', "\\\\").replace('<', "&lt;").replace('*', "\\*").replace('[', "\\[").replace('_', "\\_")
        }
        _ => format!("`{part}`"),
    });
    parts.collect::<String>().replace('|', "\\|")
}

/// Holds a made file to what makes it, or makes it.
fn made(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::fs::read_to_string(&file).unwrap_or_default() == text {
        return;
    }
    let blessed = std::env::var_os("ECS_WHY_BLESS").is_some_and(|value| !value.is_empty());
    assert!(blessed, "{path} is not what makes it: ECS_WHY_BLESS=1 cargo test -p ecs-why-tests --test wrong_inputs");
    std::fs::write(&file, text).expect("the checkout is writable");
}
