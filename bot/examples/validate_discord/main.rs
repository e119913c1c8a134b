//! Holds what was sent to Discord to its limits: JSON lines on the standard input, each with `platform`, `method` and `body`; lines of
//! another platform are passed over. Says what is wrong, and ends with 1 then.
//!
//! `cargo run -p ecs-why-bot --no-default-features --example validate_discord < sent.jsonl`

mod requests;
mod rules;

use serde_json::Value;
use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    let (mut every, mut sent, mut bad) = (0_u64, 0_u64, 0_u64);
    let mut out = std::io::stdout().lock();
    let mut say = |text: String| drop(writeln!(out, "{text}"));
    for (at, line) in std::io::stdin().lock().lines().enumerate() {
        let read = line.map_err(|error| error.to_string());
        let parsed = read.and_then(|line| match line.trim() {
            "" => Ok(Value::Null),
            line => serde_json::from_str::<Value>(line).map_err(|error| error.to_string()),
        });
        every += u64::from(parsed != Ok(Value::Null));
        let faults = match parsed {
            Ok(line) if line["platform"] == "discord" => {
                sent += 1;
                requests::faults(line["method"].as_str().unwrap_or_default(), &line["body"])
            }
            Ok(_) => vec![],
            Err(error) => vec![format!("it is no JSON: {error}")],
        };
        bad += u64::from(!faults.is_empty());
        faults.into_iter().for_each(|fault| say(format!("line {}: {fault}", at + 1)));
    }
    say(format!("discord: {sent} requests, {bad} with faults"));
    // Nothing to look at is no proof.
    if bad == 0 && every > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
