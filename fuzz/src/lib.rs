//! What more than one target holds: whatever was read, a report goes out safely and whole.

use ecs_why_core::render::{Look, json, json_line, markdown, text};
use ecs_why_core::report::Report;

/// Every rendering of a report is made, and none lets through what commands a terminal.
pub fn rendered(report: &Report) {
    for (width, verbose) in [(30, false), (80, true)] {
        harmless(&text(report, &Look { width, verbose, ..Look::default() }));
        harmless(&markdown(report, verbose));
    }
    let line = json_line(report);
    assert_eq!(line.matches('\n').count(), 1, "a report is one line of a batch");
    harmless(&line);
    for form in [line, json(report)] {
        let back: Report = serde_json::from_str(&form).expect("a report can be read back");
        assert_eq!(&back, report, "a report says the same after a journey");
    }
}

/// No control characters but line breaks, and none that turn the direction of writing.
fn harmless(text: &str) {
    let found = text.chars().find(|&one| {
        one.is_control() && one != '\n' || matches!(one, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    assert_eq!(found, None, "in {text}");
}
