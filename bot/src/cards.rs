//! Messages to show, for tests: of every recorded scenario, and of reports in which every text is an attack.

use crate::platform::{Button, Message};
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::diagnosis::replay;
use ecs_why_core::render::{Card, CardBlock, CardWish, Tone, card, evidence_card, fix_card};
use ecs_why_core::report::Report;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The buttons of an answer.
fn buttons() -> Vec<Button> {
    let button =
        |label: &str, verb: &str| Button { label: label.to_owned(), value: format!("{verb}:r0123456789abcdefghij") };
    vec![
        button("Evidence", "evidence"),
        button("Fix", "fix"),
        button("Check again", "again"),
        button("Wrong?", "wrong"),
    ]
}

fn messages_of(name: &str, report: &Report) -> Vec<(String, Message)> {
    let wish = CardWish {
        now: report.evidence.iter().filter_map(|item| item.observed_at).max(),
        said: vec!["The same cause stopped this service 3 times since Tuesday.".to_owned()],
    };
    let cards = [("card", card(report, &wish)), ("evidence", evidence_card(report)), ("fix", fix_card(report))];
    cards.map(|(kind, card)| (format!("{name} {kind}"), Message { card, buttons: buttons() })).into()
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the scenarios are in the workspace");
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|at| at.is_dir()).collect();
    found.sort();
    found
}

fn replayed(at: &Path) -> (String, Report) {
    let text = fs::read_to_string(at.join("account.json")).expect("a scenario has its account");
    let report = replay(&EvidenceFile::parse(&text).expect("evidence")).expect("a report");
    (at.file_name().expect("a name").to_string_lossy().into_owned(), report)
}

fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
    below(&folder).iter().flat_map(|group| below(group)).collect()
}

/// The report of every recorded scenario, made once for all tests: it takes a while.
pub fn reports() -> &'static [(String, Report)] {
    static REPORTS: LazyLock<Vec<(String, Report)>> = LazyLock::new(|| {
        let all = scenarios();
        assert!(all.len() > 100, "{} scenarios", all.len());
        let half = |part: &[PathBuf]| part.iter().map(|at| replayed(at)).collect::<Vec<_>>();
        std::thread::scope(|scope| {
            let halves: Vec<_> =
                all.chunks(all.len().div_ceil(2)).map(|part| scope.spawn(move || half(part))).collect();
            halves.into_iter().flat_map(|half| half.join().expect("it is replayed")).collect()
        })
    });
    &REPORTS
}

fn report_of(name: &str) -> Report {
    let at = scenarios().into_iter().find(|at| at.ends_with(name)).expect("it is recorded");
    replayed(&at).1
}

/// Every recorded scenario as answer, evidence and fixes.
pub fn recorded() -> Vec<(String, Message)> {
    reports().iter().flat_map(|(name, report)| messages_of(name, report)).collect()
}

/// What every text is in turn.
pub const ATTACKS: [&str; 12] = [
    "<!channel> <!here> <@U012AB3CD> <#C1|general> <https://evil.example|click>",
    "@everyone @here <@123456789012345678> <@&1> <#2> <t:0:R> </why:3> <a:x:4>",
    "[click](https://evil.example) https://evil.example www.evil.example",
    "**bold** *b* __u__ _i_ ~~s~~ ||spoiler|| `code` ```block``` > quote",
    "``` \n@everyone\n```",
    "# heading\n- list\n1. one\n> quote\n>>> all",
    "\u{202e}gnp.exe \u{200b}\u{0}\u{1b}[31m \u{feff}",
    "&lt;!channel&gt; &amp;amp; \\*\\_",
    "`<!channel>` and `@everyone` and `a``b`",
    "",
    "   ",
    "😀👩‍👩‍👧‍👦 e\u{301}\u{302}\u{303}\u{304}\u{305} 世界",
];

/// A report with one text for all of its texts.
pub fn hostile(report: &Report, text: &str) -> Report {
    fn lay(value: &mut serde_json::Value, text: &str) {
        const FIXED: [&str; 8] = ["id", "kind", "outcome", "stage", "status", "state", "risk", "reason"];
        match value {
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| lay(item, text)),
            serde_json::Value::Object(fields) => {
                for (key, field) in fields.iter_mut() {
                    let ids = matches!(key.as_str(), "hides" | "fixes" | "evidence")
                        && field.as_array().is_some_and(|items| items.iter().all(serde_json::Value::is_string));
                    let time = key.ends_with("at") || key.ends_with("since") && !field.is_object();
                    if !ids && !time && !FIXED.contains(&key.as_str()) {
                        lay(field, text);
                    }
                }
            }
            serde_json::Value::String(field) => *field = text.to_owned(),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(report).expect("JSON");
    lay(&mut value, text);
    serde_json::from_value(value).expect("a report still")
}

/// Messages in which every text is an attack, or too long.
pub fn attacks() -> Vec<(String, Message)> {
    let long = ["x".repeat(7_000), "word ".repeat(1_500), "😀".repeat(4_000), "`a` ".repeat(2_000), "_*".repeat(4_000)];
    let texts = ATTACKS.into_iter().map(str::to_owned).chain(long);
    // One with many fixes, a latent cause and gaps, and one in which nothing is wrong.
    let reports = [report_of("two-tag-and-s3-route"), report_of("job-completed")];
    let laid = texts.enumerate().flat_map(|(at, text)| {
        let told = reports.iter().flat_map(|report| messages_of(&format!("attack {at}"), &hostile(report, &text)));
        told.chain([(format!("attack {at} bare"), bare(&text))]).collect::<Vec<_>>()
    });
    laid.collect()
}

/// Every kind of block, made of one text.
pub fn bare(text: &str) -> Message {
    let text = text.to_owned();
    let pair = || (text.clone(), text.clone());
    let blocks = vec![
        CardBlock::Prose(text.clone()),
        CardBlock::Heading(text.clone()),
        CardBlock::Aside(text.clone()),
        CardBlock::Items(vec![text.clone(); 30]),
        CardBlock::Steps(vec![text.clone(); 3]),
        CardBlock::Fields((0..30).map(|_| pair()).collect()),
        CardBlock::Quote(text.clone()),
        CardBlock::Lines(vec![text.clone(); 60]),
        CardBlock::Commands(vec![text.clone()]),
        CardBlock::Link { text: text.clone(), address: text.clone() },
    ];
    let buttons = (0..30).map(|at| Button { label: text.clone(), value: format!("v{}", at / 2) }).collect();
    Message { card: Card { tone: Tone::Unsure, title: text.clone(), blocks, footer: Some(text) }, buttons }
}

/// Appends what would be sent to the file that `ECS_WHY_PAYLOADS` names, for the validators of `tests/chat/validate`.
pub fn keep(platform: &str, method: &str, bodies: &[serde_json::Value]) {
    use std::io::Write as _;
    let Some(path) = std::env::var_os("ECS_WHY_PAYLOADS") else { return };
    let mut lines = String::new();
    for body in bodies {
        let line = serde_json::json!({"platform": platform, "method": method, "body": body});
        lines.push_str(&format!("{line}\n"));
    }
    let file = fs::OpenOptions::new().create(true).append(true).open(path);
    file.expect("the file can be made").write_all(lines.as_bytes()).expect("it can be written");
}
