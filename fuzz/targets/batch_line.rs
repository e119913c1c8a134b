//! A line of `explain --batch`: a message of which more is known than its text.
#![no_main]

use ecs_why_core::{diagnosis, symptom};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(line) = serde_json::from_slice::<Value>(data) else { return };
    let word = |key: &str| line.get(key).and_then(Value::as_str);
    let field = line.get("field").and_then(|field| serde_json::from_value(field.clone()).ok());
    let launch = line.get("launch_type").and_then(|launch| serde_json::from_value(launch.clone()).ok());
    let exit_code = line.get("exit_code").and_then(Value::as_i64);
    let stop = symptom::message(word("text").unwrap_or_default(), field, word("stop_code"), exit_code, launch);
    ecs_why_fuzz::rendered(&diagnosis::explain(&stop));
});
