//! Holds what was sent to Discord to its limits: JSON lines in the files that are named, or on the standard input, each with `platform`,
//! `method` and `body`; lines of another platform are passed over. Says what is wrong, and ends with 1 then, and where there was no line.
//!
//! `cargo run -p ecs-why-bot --no-default-features --example validate_discord -- sent.jsonl`

mod requests;
mod rules;

use serde_json::Value;
use std::io::{BufRead, BufReader, Write as _};
use std::process::ExitCode;

/// What was looked at.
#[derive(Default)]
struct Seen {
    lines: u64,
    sent: u64,
    bad: u64,
}

fn main() -> ExitCode {
    let mut seen = Seen::default();
    let paths: Vec<String> = std::env::args().skip(1).collect();
    for path in &paths {
        match std::fs::File::open(path) {
            Ok(file) => seen.read(path, BufReader::new(file)),
            Err(error) => seen.fault(path, &error.to_string()),
        }
    }
    if paths.is_empty() {
        seen.read("-", std::io::stdin().lock());
    }
    say(&format!("discord: {} requests, {} with faults", seen.sent, seen.bad));
    // Nothing to look at is no proof.
    if seen.bad == 0 && seen.lines > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Seen {
    fn read(&mut self, path: &str, lines: impl BufRead) {
        for (at, line) in lines.lines().enumerate() {
            let place = format!("{path}:{}", at + 1);
            match line.map_err(|error| error.to_string()).and_then(|line| parsed(&line)) {
                Ok(None) => {}
                Ok(Some(line)) => self.one(&place, &line),
                Err(error) => self.fault(&place, &error),
            }
        }
    }

    fn one(&mut self, place: &str, line: &Value) {
        self.lines += 1;
        if line["platform"] != "discord" {
            return;
        }
        self.sent += 1;
        let faults = requests::faults(line["method"].as_str().unwrap_or_default(), &line["body"]);
        self.bad += u64::from(!faults.is_empty());
        faults.iter().for_each(|fault| say(&format!("{place}: {fault}")));
    }

    fn fault(&mut self, place: &str, fault: &str) {
        self.bad += 1;
        say(&format!("{place}: {fault}"));
    }
}

fn parsed(line: &str) -> Result<Option<Value>, String> {
    match line.trim() {
        "" => Ok(None),
        line => serde_json::from_str(line).map(Some).map_err(|error| error.to_string()),
    }
}

/// A reader that went away needs no more lines.
fn say(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}
