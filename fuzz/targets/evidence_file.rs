//! An evidence file from somewhere: refused, or replayed into the same report every time.
#![no_main]

use ecs_why_core::account::EvidenceFile;
use ecs_why_core::diagnosis::replay;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(file) = EvidenceFile::parse(&String::from_utf8_lossy(data)) else { return };
    let again = EvidenceFile::parse(&file.to_text()).expect("what we write, we read");
    assert_eq!(again, file);
    let Ok(report) = replay(&file) else { return };
    assert_eq!(replay(&again).ok().as_ref(), Some(&report), "the same evidence gives the same report");
    ecs_why_fuzz::rendered(&report);
});
