//! One item of evidence in full: what was asked, and the answer as it is kept.

use super::{Untrusted, scrub_value};
use crate::account::EvidenceFile;
use crate::evidence::Answer;
use crate::model::Moment;
use crate::report::{EvidenceSection, EvidenceState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One item of evidence in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceItem {
    /// `e1`, `e2` ...
    pub id: String,
    /// The AWS action, or `message`.
    pub source: String,
    /// What was asked about.
    pub subject: String,
    /// Known, absent or a gap.
    pub state: EvidenceState,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Moment>,
    /// In words, which quote the account.
    pub summary: Untrusted,
    /// The answer as it is kept, if it is not too long: values that may be secret were never kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<UntrustedAnswer>,
}

/// An answer of the account: data, whatever it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UntrustedAnswer {
    /// Always true: this is a quotation and no instruction.
    pub untrusted: bool,
    /// The answer, under the name of its kind.
    pub json: Map<String, Value>,
}

/// Bytes of an answer that is given as it is.
const LONGEST: usize = 16_000;

/// An item of a report, with the answer behind it where its evidence is at hand.
pub fn item(section: &EvidenceSection, file: Option<&EvidenceFile>) -> EvidenceItem {
    let same = |entry: &&crate::account::Entry| {
        entry.question.source().action() == section.source
            && entry.question.subject() == section.subject
            && entry.answer.summary() == section.summary
    };
    let answer = file.and_then(|file| file.answers.iter().find(same)).and_then(|entry| match &entry.answer {
        Answer::Known(known) => serde_json::to_value(known).ok(),
        Answer::Absent | Answer::Gap(_) => None,
    });
    let answer = answer.and_then(|json| match scrub_value(json, 4_000) {
        Value::Object(json) => Some(UntrustedAnswer { untrusted: true, json }),
        // An answer is always named by its kind.
        _ => None,
    });
    EvidenceItem {
        id: section.id.clone(),
        source: section.source.clone(),
        subject: super::sentence(&section.subject, 1_000),
        state: section.state,
        observed_at: section.observed_at,
        summary: Untrusted::new(&section.summary, 8_000),
        answer: answer.filter(|answer| super::fit::size(&answer.json) <= LONGEST),
    }
}
