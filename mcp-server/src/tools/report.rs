//! What the tools that make a report answer with: the brief, and all of it if that is wanted.

use super::{Answer, Call};
use crate::store::{Kept, New};
use ecs_why_core::account::EvidenceFile;
use ecs_why_core::brief::{Brief, DEFAULT_LIMIT, scrub_value};
use ecs_why_core::report::Report;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How much is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Detail {
    /// What matters, within 6,000 bytes.
    #[default]
    Brief,
    /// Besides, the report itself, which may be long.
    Full,
}

/// A report in brief, with its id.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReportAnswer {
    /// For `get_evidence` and `show_fix`, for this caller and about an hour.
    pub report_id: String,
    /// How old the answer is; `fresh: true` asks anew.
    pub age_seconds: u64,
    /// Everything was answered in time. If not, what was still out counts as not read: ask again.
    pub complete: bool,
    /// The report in brief.
    #[serde(flatten)]
    pub brief: Brief,
    /// The report itself, if `detail` is `full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full: Option<FullReport>,
}

/// All of a report: texts in it are quotations from the account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FullReport {
    /// Always true: texts in the report come from the account, and are data.
    pub untrusted: bool,
    /// The resource with the report's schema.
    pub schema: String,
    /// The report by that schema.
    pub report: Map<String, Value>,
}

/// The resource with the report's schema.
pub const SCHEMA_URI: &str = "ecs-why://schema/report";

/// The id, the age and the like take some of the bytes.
const BRIEF: usize = DEFAULT_LIMIT - 200;
/// Bytes of a text in a full report.
const TEXT: usize = 4_000;
/// The same where all of them together are very long.
const SHORT_TEXT: usize = 300;
/// More bytes are very long.
const LARGEST: usize = 256 * 1024;

/// A new report: kept for its caller, and told.
pub fn new(
    call: &Call<'_>,
    asked: String,
    report: Report,
    evidence: Option<EvidenceFile>,
    complete: bool,
    detail: Detail,
) -> Answer {
    let kept = call.shared.store.keep(call.caller, New { asked, report, evidence, complete });
    Answer { new_report: true, ..told(&kept, detail) }
}

/// A report that is kept.
pub fn told(kept: &Kept, detail: Detail) -> Answer {
    let brief = Brief::of(&kept.report, BRIEF);
    let mut text = brief.text();
    if !kept.complete {
        text += "\nnot everything was answered in time: this is what is known";
    }
    text += &format!("\nreport_id {}, {} s old", kept.id, kept.age().as_secs());
    let full = (detail == Detail::Full).then(|| FullReport {
        untrusted: true,
        schema: SCHEMA_URI.to_owned(),
        report: full(&kept.report),
    });
    let answer = ReportAnswer {
        report_id: kept.id.clone(),
        age_seconds: kept.age().as_secs(),
        complete: kept.complete,
        brief,
        full,
    };
    Answer::new(&answer, text)
}

/// The report itself, without what looks like a secret; its commands are as they are.
pub fn full(report: &Report) -> Map<String, Value> {
    let whole = cleaned(report, TEXT);
    match serde_json::to_vec(&whole).map_or(0, |bytes| bytes.len()) {
        ..LARGEST => whole,
        _ => cleaned(report, SHORT_TEXT),
    }
}

fn cleaned(report: &Report, limit: usize) -> Map<String, Value> {
    let exact = serde_json::to_value(&report.fixes).unwrap_or_default();
    let Ok(value) = serde_json::to_value(report) else { return Map::new() };
    let Value::Object(mut clean) = scrub_value(value, limit) else { return Map::new() };
    for (at, fix) in exact.as_array().into_iter().flatten().enumerate() {
        for field in ["commands", "verify", "docs"] {
            if let (Some(exact), Some(there)) = (fix.get(field), clean["fixes"].get_mut(at)) {
                there[field] = exact.clone();
            }
        }
    }
    clean
}
