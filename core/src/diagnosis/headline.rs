//! The one line that a person reads first, and the words for what only a message says.

use super::rank::Ranked;
use crate::case::Case;
use crate::model::CauseId;
use crate::report::{Outcome, Status};
use crate::symptom::Symptom;

/// What happened to whom, and why, in one line.
pub fn headline(case: &Case<'_>, outcome: Outcome, ranked: &[Ranked]) -> String {
    let who = subject(case);
    let first = ranked.iter().find(|one| !one.latent && one.status != Status::RuledOut);
    let why = first.map(|one| {
        let short = one.finding.explanation.chars().count() <= SHORT;
        let why = if short { one.finding.explanation.clone() } else { lower(one.id.title()) };
        match one.status {
            Status::Confirmed => why,
            Status::Likely => format!("probably {why}"),
            Status::Possible | Status::RuledOut => format!("possibly {why}"),
        }
    });
    let what = match outcome {
        Outcome::Failed if case.symptom.is_none() => "would not start",
        Outcome::Failed if started(case) => "stopped",
        Outcome::Failed => "did not start",
        Outcome::Hanging => "hangs on its way",
        Outcome::StoppedDeliberately => "was stopped on purpose",
        Outcome::Completed => "has completed",
        Outcome::Running => "runs",
        Outcome::Sound => "is sound: no check of its launch path fails",
        Outcome::Undetermined if case.symptom.is_none() && case.task.is_some() => "is still on its way",
        Outcome::Undetermined => "cannot be judged: too little could be read",
    };
    match why {
        Some(why) => format!("{who} {what}: {why}"),
        None => format!("{who} {what}"),
    }
}

/// How long an explanation may be to stand in the headline; of a longer one the title of its cause does.
const SHORT: usize = 120;

/// A title as the second half of a sentence; names keep their capitals.
pub fn lower(title: &str) -> String {
    let mut rest = title.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_lowercase).collect();
    let rest = rest.as_str();
    let is_name = rest.chars().next().is_some_and(|second| second.is_uppercase()) || title.starts_with("Fargate");
    if is_name { title.to_owned() } else { first + rest }
}

fn started(case: &Case<'_>) -> bool {
    case.task.is_some_and(|task| {
        task.times.started.is_some() || task.containers.iter().any(|container| container.exit_code.is_some())
    })
}

/// `payments:42`, or the service where the revision is not known.
fn subject(case: &Case<'_>) -> String {
    case.revision()
        .or_else(|| case.service.map(|service| service.name.clone()))
        .unwrap_or_else(|| "the task".to_owned())
}

/// What a message says of a cause, in words.
pub fn as_told(id: CauseId, symptom: &Symptom) -> String {
    let named = symptom.names();
    match named.first() {
        Some(first) => format!("the stop reason says so: {} ({first})", lower(id.title())),
        None => format!("the stop reason says so: {}", lower(id.title())),
    }
}
