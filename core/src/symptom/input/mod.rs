//! What people paste: a reason, log lines, an event, the answer of an API, whole or in fragments.

mod fragment;
mod json;

use super::stop::{ContainerStop, Field, Launch, Stop};
use super::{plain, read};
use crate::model::{CauseId, Stage};

/// More than this is not read at all.
const LONGEST: usize = 8 << 20;
/// Of many tasks or events, no more than this are weighed.
const MOST: usize = 300;

/// A paste that holds no stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReadable {
    /// There is nothing.
    #[error("there is no text")]
    Empty,
    /// It is larger than anything that a stop can be.
    #[error("the text is longer than {} MiB", LONGEST >> 20)]
    TooLong,
    /// JSON without a task, an event or a message.
    #[error("this JSON holds neither a task nor an event or message")]
    NoStop,
}

/// Reads what somebody pasted; of many tasks or events, the most telling one.
///
/// Fails where there is nothing to read: no text, far too much of it, or JSON of another kind.
pub fn parse_pasted(text: &str) -> Result<Stop, NotReadable> {
    let trimmed = text.trim().trim_start_matches('\u{feff}');
    if trimmed.is_empty() {
        return Err(NotReadable::Empty);
    }
    if text.len() > LONGEST {
        return Err(NotReadable::TooLong);
    }
    if trimmed.starts_with(['{', '[', '"'])
        && let Ok(value) = serde_json::from_str::<serde_json::Value>(trimmed)
    {
        return most_telling(json::stops(&value)).ok_or(NotReadable::NoStop);
    }
    if let Some(stop) = fragment::stop(trimmed) {
        return Ok(stop);
    }
    let lines = entries(trimmed);
    let stop = if lines.len() > 1 {
        most_telling(lines.into_iter().map(of_text).collect()).unwrap_or_else(|| of_text(trimmed))
    } else {
        of_text(trimmed)
    };
    Ok(stop)
}

/// A message of which more is known than its text: a line of `explain --batch`.
pub fn message(
    text: &str,
    field: Option<Field>,
    stop_code: Option<&str>,
    exit_code: Option<i64>,
    launch: Option<Launch>,
) -> Stop {
    let mut stop = parse_pasted(text).unwrap_or_else(|_| of_text(text));
    stop.field = field.or(stop.field);
    stop.launch = launch.or(stop.launch);
    if let Some(code) = stop_code {
        stop.stop_code = Some(code.to_owned());
    }
    if field == Some(Field::ContainerReason) && stop.containers.is_empty() {
        let container = ContainerStop { reason: stop.reason.take(), exit_code, ..ContainerStop::default() };
        stop.containers.push(container);
    } else if let Some(code) = exit_code {
        match stop.containers.as_mut_slice() {
            [] => stop.containers.push(ContainerStop { exit_code: Some(code), ..ContainerStop::default() }),
            [only] => only.exit_code = only.exit_code.or(Some(code)),
            _ => {} // the text itself has the codes of its containers
        }
    }
    stop
}

fn of_text(text: &str) -> Stop {
    let text = &text[..plain::floor(text, 64 * 1024)];
    Stop { reason: Some(text.to_owned()), field: field_of(text), ..Stop::default() }
}

/// Where such a text stands, where its beginning tells.
fn field_of(text: &str) -> Option<Field> {
    let start = text.trim_start_matches(['"', '(', '`', '\'', ' ']).to_ascii_lowercase();
    let starts = |words: &[&str]| words.iter().any(|word| start.starts_with(word));
    if starts(&["service "]) || start.starts_with("task ") && start.contains(") (port ") {
        Some(Field::ServiceEvent)
    } else if starts(&[
        "failed to pull image",
        "back-off ",
        "error: errimagepull",
        "error: imagepull",
        "failed to create pod",
    ]) {
        Some(Field::KubeletEvent)
    } else if starts(&["level=", "time=", "an error occurred ("])
        || start.starts_with("20") && start.contains("t") && start.contains("z [")
    {
        Some(Field::AgentLog)
    } else {
        None
    }
}

/// The entries of a log or of a list of events: each begins as such entries do, and takes the lines that follow with it.
fn entries(text: &str) -> Vec<&str> {
    let begins = |line: &str| {
        let line = line.trim_start_matches([' ', '-', '*', '"', '\t', '|']);
        let dated = line.len() > 10 && line.starts_with("20") && line.as_bytes().get(4) == Some(&b'-');
        dated || ["level=", "time=", "(service ", "Warning ", "Normal "].iter().any(|word| line.starts_with(word))
    };
    let mut starts = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if begins(line) {
            starts.push(at);
        }
        at += line.len();
    }
    if starts.first() != Some(&0) {
        return vec![text]; // prose around it: one text
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(from, to)| text[*from..to].trim()).collect()
}

/// Of many stops the one that tells most: a failure before an order, an order before silence, and of equals the first (AWS
/// lists the newest first).
fn most_telling(mut stops: Vec<Stop>) -> Option<Stop> {
    if stops.len() <= 1 {
        return stops.pop();
    }
    stops.truncate(MOST);
    let weight = |stop: &Stop| {
        let symptom = read(stop);
        match (symptom.first(), symptom.stage) {
            (CauseId::Unknown, Stage::Unknown) => 4,
            (CauseId::Unknown, _) => 3,
            (CauseId::ApplicationCompleted, _) => 2,
            (_, Stage::Lifecycle) => 2,
            _ if symptom.row.is_none() => 1,
            _ => 0,
        }
    };
    stops.into_iter().min_by_key(weight)
}
