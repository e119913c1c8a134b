//! A line for each question: who asked what where, whether that was allowed, and what came of it. Never what was answered.

use crate::platform::Heard;
use ecs_why_core::brief::sentence;

/// The target of the lines in the log.
pub const TARGET: &str = "audit";

/// What is known of a question by its end.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// `why`, `failing`, `explain`, `help`, `press-...`, `unread`.
    pub asked: &'static str,
    /// The resolved target with account and region, if it is about one.
    pub about: Option<String>,
    /// Why it was refused, if it was.
    pub refused: Option<&'static str>,
    /// What came of it: the outcome of the report, or the kind of trouble.
    pub outcome: String,
    /// The report, if there is one.
    pub report: Option<String>,
}

/// Writes it.
pub fn write(heard: &Heard, line: &Line, milliseconds: u128) {
    // Ids are the platform's, names are AWS's or a person's: all of it is cut, and JSON escapes it.
    let cut = |text: &str| sentence(text, 200);
    tracing::info!(
        target: TARGET,
        id = cut(&heard.id),
        platform = %heard.place.kind,
        space = heard.place.space.as_deref().map(cut),
        channel = cut(&heard.place.channel),
        direct = heard.place.direct,
        person = cut(&heard.person.id),
        asked = line.asked,
        about = line.about.as_deref().map(cut),
        allowed = line.refused.is_none(),
        refused = line.refused,
        outcome = cut(&line.outcome),
        report = line.report.as_deref(),
        ms = u64::try_from(milliseconds).unwrap_or(u64::MAX),
        "question"
    );
}
