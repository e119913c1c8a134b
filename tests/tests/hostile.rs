//! Names are foreign text. Whatever they hold, no rendering shows more than words, and a shell gets back exactly those words.

use ecs_why_core::account::EvidenceFile;
use ecs_why_core::diagnosis::replay;
use ecs_why_core::evidence::{Answer, Known, Question};
use ecs_why_core::model::stores::ImageId;
use ecs_why_core::render;
use ecs_why_core::report::Report;
use ecs_why_tests::{Scenario, on_each, scenarios, shell};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a name may be made to hold. A file `pwned` in the folder shows that something was executed.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "$(touch pwned)`touch pwned`",
        "x' \"$(touch pwned)\" 'y'; touch pwned; '\"; touch pwned; \"",
        "x\ntouch pwned\n && touch pwned || touch pwned | touch pwned > pwned",
        "\u{1b}[2J\u{1b}[31mred\u{7}\u{8}\u{9b}1m\rover\u{202e}gnp\u{2066}\u{200b}\u{feff}\u{ad}",
        "<img src=x onerror=alert(1)><script>alert(1)&lt; [a](b) ![c](d) **e** `f` ~~g~~ | h | # i",
        "*.*?[a-z]~^!{a,b}#%\\&|\\1\\n$HOME",
        "-rf --output=text",
        "ünïcödé 名前 🦀",
    ]
    .map(str::to_owned)
    .into();
    all.push("long".repeat(2000));
    all
}

/// The file with a name replaced wherever it stands, so that it is consistent.
fn renamed(file: &EvidenceFile, name: &str, new: &str) -> EvidenceFile {
    let mut value: Value = serde_json::from_str(&file.to_text()).expect("it is JSON");
    replace(&mut value, name, new);
    EvidenceFile::parse(&value.to_string()).expect("only names were changed")
}

fn replace(value: &mut Value, name: &str, new: &str) {
    match value {
        Value::String(text) => {
            // A document inside a text has names that are escaped once more.
            let inner = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
            *text = match inner {
                Some(mut document) => {
                    replace(&mut document, name, new);
                    document.to_string()
                }
                None => text.replace(name, new),
            };
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, name, new)),
        Value::Object(fields) => fields.values_mut().for_each(|item| replace(item, name, new)),
        _ => {}
    }
}

/// The names of a case: of its service (which are in those of roles, secrets, log groups and repositories too), its cluster, a tag.
fn names(one: &Scenario) -> BTreeSet<String> {
    let mut names = BTreeSet::from([one.file.target.cluster().to_owned()]);
    for entry in &one.file.answers {
        if let Answer::Known(Known::Service(service)) = &entry.answer {
            names.insert(service.name.clone());
        }
        if let Question::Image { image: ImageId::Tag(tag), .. } = &entry.question {
            names.insert(tag.clone());
        }
    }
    // What is a word of the evidence's own form cannot be replaced in it.
    names.retain(|name| !["service", "cluster", "image", "latest"].contains(&name.as_str()));
    names
}

/// One incident for each cause whose report has commands to run.
fn some() -> Vec<Scenario> {
    let mut seen = BTreeSet::new();
    let mut chosen = vec![];
    for one in scenarios() {
        let fixes = replay(&one.file).expect("it was recorded").fixes;
        if fixes.iter().any(|fix| !fix.commands.is_empty()) && seen.insert(one.group.clone()) {
            chosen.push(one);
        }
    }
    assert!(chosen.len() >= 8, "{} incidents have commands", chosen.len());
    chosen
}

/// Characters that do something without being seen.
fn acts(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Markdown without its fenced blocks, and the lines of those that are commands.
fn split(markdown: &str) -> (String, Vec<String>) {
    let (mut prose, mut commands, mut fence) = (String::new(), vec![], None);
    for line in markdown.lines() {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match fence {
            None if ticks >= 3 => fence = Some((ticks, line.ends_with("sh"))),
            None => prose += &format!("{}\n", outside_code(line)),
            Some((opened, _)) if ticks >= opened && line.chars().all(|c| c == '`') => fence = None,
            Some((_, true)) => commands.push(line.to_owned()),
            Some(_) => {}
        }
    }
    (prose, commands)
}

/// A line without what stands in it as code, where nothing is alive: from a backtick to the next one.
fn outside_code(line: &str) -> String {
    let (mut out, mut code, mut escaped) = (String::new(), false, false);
    for c in line.chars() {
        match c {
            '`' if code || !escaped => code = !code,
            c if !code => out.push(c),
            _ => {}
        }
        escaped = c == '\\' && !escaped && !code;
    }
    // A backtick without a partner is one: nothing behind it is code.
    if code { line.to_owned() } else { out }
}

#[test]
fn no_rendering_is_more_than_words() {
    // What is said depends little on the cause: a few are enough.
    let few: Vec<Scenario> = some().into_iter().step_by(5).collect();
    on_each(&few, |one| {
        let mut wrong = vec![];
        for (name, new) in names(one).iter().flat_map(|name| hostile().into_iter().map(move |new| (name, new))) {
            // Some names make the target unreadable, which is an error and no report.
            let Ok(report) = replay(&renamed(&one.file, name, &new)) else { continue };
            let mut tell = |what: &str| wrong.push(format!("{name} as {:.40?}: {what}", new));
            for verbose in [false, true] {
                let look = render::Look { verbose, ..render::Look::default() };
                let (text, markdown) = (render::text(&report, &look), render::markdown(&report, verbose));
                if let Some(c) = text.chars().chain(markdown.chars()).find(|c| acts(*c)) {
                    tell(&format!("{c:?} is printed"));
                }
                let plain = render::text(&report, &render::Look { unicode: false, ..look });
                if plain.chars().any(acts) {
                    tell("a character that acts is printed as ASCII");
                }
                let (prose, commands) = split(&markdown);
                if ["<img", "<script", "[a](b)", "**e**", "~~g~~"].iter().any(|live| prose.contains(live)) {
                    tell("Markdown is alive");
                }
                if !verbose && let Some(made) = shell(&commands, "{}").made.first() {
                    tell(&format!("what is printed as a command makes {made}"));
                }
            }
            if serde_json::from_str::<Value>(&render::json(&report)).is_err() {
                tell("no JSON");
            }
        }
        wrong
    });
}

fn commands(report: &Report) -> Vec<String> {
    report.fixes.iter().flat_map(|fix| fix.commands.clone()).collect()
}

/// What `aws ecs describe-task-definition` prints, as far as an edit looks at it.
fn definition(file: &EvidenceFile) -> String {
    let mut containers = vec![];
    for entry in &file.answers {
        if let Answer::Known(Known::TaskDefinition(known)) = &entry.answer {
            let images = known.containers.iter().map(|one| serde_json::json!({"name": one.name, "image": one.image}));
            containers.extend(images);
        }
    }
    serde_json::to_string_pretty(&serde_json::json!({"family": "x", "containerDefinitions": containers})).expect("data")
}

/// A word with the name in it has the hostile name in the same place, also where it stands in a document.
fn same(before: &str, after: &str, name: &str, new: &str) -> bool {
    match (serde_json::from_str::<Value>(before), serde_json::from_str::<Value>(after)) {
        (Ok(mut before), Ok(after)) => {
            replace(&mut before, name, new);
            before == after
        }
        (Ok(_), Err(_)) => false,
        _ => sizeless(&before.replace(name, new)) == sizeless(after),
    }
}

/// Without the size of a disk: an image whose name cannot be read has no size, and another disk is offered for it.
fn sizeless(word: &str) -> String {
    match word.split_once("\"sizeInGiB\":") {
        Some((before, after)) => format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => word.to_owned(),
    }
}

#[test]
fn a_shell_gives_back_exactly_the_names() {
    on_each(&some(), |one| {
        let usual = replay(&one.file).expect("it was recorded");
        let mut wrong = vec![];
        let before = shell(&commands(&usual), &definition(&one.file));
        let words = |calls: &[Vec<String>]| -> Vec<String> { calls.iter().flatten().cloned().collect() };
        let mut compared = 0;
        for (at, name) in names(one).into_iter().enumerate() {
            // Every value in one name of the incident, and every name with some of the values.
            for new in hostile().into_iter().skip(at % 3).step_by(if at == 0 { 1 } else { 3 }) {
                let file = renamed(&one.file, &name, &new);
                let Ok(report) = replay(&file) else { continue };
                let ran = shell(&commands(&report), &definition(&file));
                let mut tell = |what: String| wrong.push(format!("{name} as {new:.40?}: {what}"));
                if !ran.made.is_empty() || !ran.stderr.is_empty() {
                    tell(format!("the shell did more: {:?} {}", ran.made, ran.stderr));
                    continue;
                }
                let titles =
                    |report: &Report| -> Vec<usize> { report.fixes.iter().map(|fix| fix.commands.len()).collect() };
                if titles(&report) != titles(&usual) {
                    // The name changed what is wrong: a reference to an image that cannot be read is another fault.
                    continue;
                }
                compared += 1;
                let (before, after) = (words(&before.calls), words(&ran.calls));
                if before.len() != after.len() {
                    tell(format!("{} words instead of {}", after.len(), before.len()));
                    continue;
                }
                let parted = before.iter().zip(&after).find(|(before, after)| !same(before, after, &name, &new));
                if let Some((before, after)) = parted {
                    tell(format!("{before:.300?} became {after:.300?}"));
                }
            }
        }
        if compared == 0 {
            wrong.push("no command could be compared".to_owned());
        }
        wrong
    });
}
