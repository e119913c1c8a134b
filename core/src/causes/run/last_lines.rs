//! The last lines that a container wrote: where an application ends by itself, they tell more than the account.

use crate::case::Case;
use crate::causes::{Fixes, told};
use crate::change::command;
use crate::launch::logs::log_uses;
use crate::report::Risk;

/// A fix that begins with reading them; none where the container has no log that can be read.
///
/// # Errors
/// When the definition is not known.
pub(super) fn read(case: &Case<'_>, title: &str) -> Fixes {
    let guilty = case.symptom.as_ref().and_then(|symptom| symptom.container.clone());
    let log = log_uses(case)?.into_iter().find(|log| guilty.as_ref().is_none_or(|name| *name == log.container));
    let stream = log.as_ref().zip(case.task).and_then(|(log, task)| log.stream(&task.arn));
    let (Some(log), Some(stream)) = (log, stream) else { return Ok(vec![]) };
    let words = ["aws", "logs", "get-log-events", "--region", &log.region, "--log-group-name", &log.group];
    let which = ["--log-stream-name", &stream, "--limit", "50", "--query", "events[].message", "--output", "text"];
    Ok(vec![told::by_hand(title, Risk::None, command(words.into_iter().chain(which)))])
}
