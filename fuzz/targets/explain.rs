//! What somebody pastes: read, explained, and rendered in every form.
#![no_main]

use ecs_why_core::{diagnosis, symptom};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let Ok(stop) = symptom::parse_pasted(&text) else { return };
    let _ = symptom::read(&stop);
    let report = diagnosis::explain(&stop);
    assert!(!report.causes.is_empty(), "`unknown` at least");
    ecs_why_fuzz::rendered(&report);
});
