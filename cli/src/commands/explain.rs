//! `ecs-why explain`: what a text alone tells.

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::failure::Usage;
use crate::view::View;
use ecs_why_core::report::Report;
use ecs_why_core::{diagnosis, render, symptom};
use std::io::{self, BufRead, IsTerminal, Read, Write};

/// More than any describe-tasks of a hundred tasks has.
const LONGEST_TEXT: u64 = 8 << 20;
/// The same for a line of a batch.
const LONGEST_LINE: u64 = 4 << 20;

/// Explains the arguments, or standard input.
pub fn run(args: &ExplainArgs, view: &View, out: &mut impl Write) -> anyhow::Result<Exit> {
    if args.batch {
        return batch(&mut io::stdin().lock(), out).map(|()| Exit::Report);
    }
    let text = match args.text.join(" ") {
        text if text.is_empty() || text == "-" => from_stdin()?,
        text => text,
    };
    view.write(&explain_text(&text)?, out)?;
    Ok(Exit::Report)
}

fn from_stdin() -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        return Err(Usage::NoText.into());
    }
    let mut text = Vec::new();
    io::stdin().lock().take(LONGEST_TEXT + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LONGEST_TEXT {
        return Err(Usage::LongText(LONGEST_TEXT >> 20).into());
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    if text.trim().is_empty() { Err(Usage::NoText.into()) } else { Ok(text) }
}

/// A line of a batch: a message, and what is known of it.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Message {
    text: Option<String>,
    field: Option<String>,
    stop_code: Option<String>,
    exit_code: Option<i64>,
    launch_type: Option<String>,
}

/// Answers each line with a line, at once: whoever feeds us may wait for it.
fn batch(input: &mut impl BufRead, out: &mut impl Write) -> anyhow::Result<()> {
    while let Some(line) = next_line(input)? {
        let report = line.and_then(|line| {
            let message: Message =
                serde_json::from_slice(&line).map_err(|error| format!("the line cannot be read: {error}"))?;
            explain_message(&message).map_err(|error| format!("{error:#}"))
        });
        let answer = match report {
            Ok(report) => render::json_line(&report),
            Err(error) => render::escape::json(&serde_json::json!({ "error": error }).to_string()) + "\n",
        };
        out.write_all(answer.as_bytes())?;
        out.flush()?;
    }
    Ok(())
}

/// The next line, if it is not longer than a line may be; what is too long is skipped to its end.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Result<Vec<u8>, String>>> {
    let mut line = Vec::new();
    if (&mut *input).take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let mut too_long = false;
    while line.last() != Some(&b'\n') {
        let mut more = Vec::new();
        if (&mut *input).take(1 << 16).read_until(b'\n', &mut more)? == 0 || more == b"\n" {
            break;
        }
        too_long = true;
        line = more;
    }
    Ok(Some(if too_long { Err(format!("the line is longer than {} MiB", LONGEST_LINE >> 20)) } else { Ok(line) }))
}

/// What a pasted text tells.
fn explain_text(text: &str) -> anyhow::Result<Report> {
    let stop = symptom::parse_pasted(text).map_err(|error| Usage::NotReadable(error.to_string()))?;
    Ok(diagnosis::explain(&stop))
}

/// What a message tells of which more is known.
fn explain_message(message: &Message) -> anyhow::Result<Report> {
    let known = |name: &Option<String>| name.clone().map(serde_json::Value::String);
    let field = known(&message.field).and_then(|field| serde_json::from_value(field).ok());
    let launch = known(&message.launch_type).and_then(|launch| serde_json::from_value(launch).ok());
    let text = message.text.as_deref().unwrap_or_default();
    let stop = symptom::message(text, field, message.stop_code.as_deref(), message.exit_code, launch);
    Ok(diagnosis::explain(&stop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_batch_is_answered_in_order() {
        let long = format!("{{\"text\": \"{}\"}}", "x".repeat(5 << 20));
        let input = format!("{{\"text\": \"a\", \"exit_code\": null}}\nnonsense\n{long}\n\n{{\"text\": 1}}");
        let mut out = Vec::new();
        batch(&mut input.as_bytes(), &mut out).expect("a Vec takes everything");
        let out = String::from_utf8(out).expect("UTF-8");
        let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines.len(), 5, "{out}");
        for (line, expected) in
            lines[1..].iter().zip(["cannot be read", "longer than 4 MiB", "cannot be read", "cannot be read"])
        {
            assert!(line["error"].as_str().is_some_and(|error| error.contains(expected)), "{line}");
        }
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_read() {
        let mut input = "x".repeat(LONGEST_LINE as usize);
        input.push('\n');
        input.push('y');
        let mut input = input.as_bytes();
        let lengths =
            std::iter::from_fn(|| next_line(&mut input).expect("a slice")).map(|line| line.map(|l| l.len()).ok());
        assert_eq!(lengths.collect::<Vec<_>>(), [Some(LONGEST_LINE as usize), Some(1)]);
    }
}
