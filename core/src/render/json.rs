//! A report for programs: the contract itself.

use super::escape;
use crate::report::Report;

/// Indented, with a line break at the end.
pub fn json(report: &Report) -> String {
    value(report) + "\n"
}

/// On one line, with a line break at the end.
pub fn json_line(report: &Report) -> String {
    let text = serde_json::to_string(report).expect("a report has string keys only");
    escape::json(&text) + "\n"
}

/// Anything that goes out as JSON beside reports, indented.
pub fn value(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("what is printed has string keys only");
    escape::json(&text)
}
