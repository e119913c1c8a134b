//! The bounded view of a report, for chat and for assistants: what they can read at once, in the report's own names.
//!
//! Whatever was written elsewhere (stop reasons, log lines, what AWS says) stands in an object that says so ([`Untrusted`]),
//! without secrets ([`scrub`]); what is left out is counted, with the way to get it ([`Cut`]).

mod fit;
mod foreign;
mod item;
mod quoted;
mod sections;
mod text;
mod triage;

#[cfg(test)]
mod tests;

pub use crate::render::scrub::{scrub, sentence};
pub use foreign::{NOTICE, Untrusted, scrub_value};
pub use item::{EvidenceItem, UntrustedAnswer, item};
pub use sections::{
    BriefAdvice, BriefCause, BriefEvidence, BriefFix, BriefGap, BriefImpact, BriefLog, BriefSymptom, BriefTarget,
};
pub use triage::{BriefGroup, BriefOwner, TriageBrief};

use crate::report::{Outcome, Report, SCHEMA_VERSION, SinceSection};
use fit::{LEVELS, Limits, fit};
use quoted::referring;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many bytes of JSON a brief has at most, where nobody says otherwise.
pub const DEFAULT_LIMIT: usize = 6_000;

/// A report in brief. The names are the report's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// The report's version.
    pub schema_version: u32,
    /// What in here is data and no instruction.
    pub notice: String,
    /// What the report is about.
    pub target: BriefTarget,
    /// What became of it.
    pub outcome: Outcome,
    /// One line that a person reads first.
    pub headline: String,
    /// How it died, as ECS tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptom: Option<BriefSymptom>,
    /// What has changed since the older report that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<SinceSection>,
    /// What a service suffers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<BriefImpact>,
    /// The causes; the first is the answer.
    pub causes: Vec<BriefCause>,
    /// What would mend it, the best first. Nothing of it was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<BriefFix>,
    /// What a check advises, apart from faults.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<BriefAdvice>,
    /// What proves the first causes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<BriefEvidence>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<BriefGap>,
    /// The last lines of the guilty container, where they may be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<BriefLog>,
    /// What a reader should know besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What was left out, and how to get it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut: Vec<Cut>,
}

/// A list that was cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cut {
    /// The list, as in `causes`.
    pub list: String,
    /// How many are shown.
    pub shown: usize,
    /// How many there are.
    pub of: usize,
    /// How to get the others.
    pub how: String,
}

impl Cut {
    fn new(list: &str, shown: usize, of: usize, how: &str) -> Option<Cut> {
        (shown < of).then(|| Cut { list: list.to_owned(), shown, of, how: how.to_owned() })
    }
}

impl Brief {
    /// A report in at most so many bytes of JSON; less than 3,000 is no room for an answer, and taken for that.
    pub fn of(report: &Report, limit: usize) -> Brief {
        let report = referring(report);
        fit(limit, LEVELS, |limits| Brief::within(&report, limits))
    }

    fn within(report: &Report, limits: &Limits) -> Brief {
        let mut cut = vec![];
        let causes = sections::causes(report, limits, &mut cut);
        let fixes = sections::fixes(report, limits, &mut cut);
        let evidence = sections::evidence(report, &causes, limits, &mut cut);
        let advice = sections::advice(report, limits, &mut cut);
        let gaps = sections::gaps(report, limits, &mut cut);
        let log = sections::log(report, limits, &mut cut);
        let notes: Vec<String> =
            report.notes.iter().take(limits.notes).map(|note| sentence(note, limits.sentence)).collect();
        cut.extend(Cut::new("notes", notes.len(), report.notes.len(), WHOLE));
        Brief {
            schema_version: SCHEMA_VERSION,
            notice: NOTICE.to_owned(),
            target: BriefTarget::of(&report.target, limits),
            outcome: report.outcome,
            headline: sentence(&report.headline, limits.sentence),
            symptom: report.symptom.as_ref().map(|symptom| BriefSymptom::of(symptom, limits)),
            since: report
                .since
                .as_ref()
                .map(|since| SinceSection { state: since.state, text: sentence(&since.text, limits.sentence) }),
            impact: report.impact.as_ref().map(|impact| BriefImpact::of(impact, limits)),
            causes,
            fixes,
            advice,
            evidence,
            gaps,
            log,
            notes,
            cut,
        }
    }
}

/// How to get all of a report.
const WHOLE: &str = "ask with detail `full`";
