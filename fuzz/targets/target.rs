//! What a person types: refused in words, or a target whose own name means the same.
#![no_main]

use ecs_why_core::target::Target;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for cluster in [None, Some("prod")] {
        match Target::parse(text, cluster) {
            Ok(target) => {
                let again = Target::parse(&target.name(), None).expect("a target's own name is one");
                assert_eq!(again.name(), target.name());
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
