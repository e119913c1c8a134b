//! Pieces of JSON or YAML, as people cut them out of a console: read by the names of their fields.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::symptom::plain;
use crate::symptom::stop::{ContainerStop, Field, Stop};

static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\\?"(stoppedReason|stopCode|reason|exitCode|name|image|imageDigest|healthStatus|clusterArn)\\?"\s*:\s*(?:\\?"((?:[^"\\]|\\[^"])*)\\?"|(\d+))"#)
        .expect("the expression is constant")
});

/// The stop in a fragment, if it has a field that only a stop has.
pub fn stop(text: &str) -> Option<Stop> {
    let text = &text[..plain::floor(text, 256 * 1024)];
    if !["stoppedReason", "stopCode", "exitCode"].iter().any(|name| text.contains(name)) {
        return None;
    }
    let mut stop = Stop::default();
    let mut container = ContainerStop::default();
    let mut told = false;
    for found in FIELD.captures_iter(text) {
        let value = found.get(2).or(found.get(3)).map(|one| one.as_str().replace("\\n", "\n").replace("\\/", "/"));
        let set = |place: &mut Option<String>| {
            if place.is_none() {
                place.clone_from(&value);
            }
        };
        match found.get(1).map(|one| one.as_str()) {
            Some("stoppedReason") => (set(&mut stop.reason), told = true).1,
            Some("stopCode") => (set(&mut stop.stop_code), told = true).1,
            Some("exitCode") => {
                container.exit_code = container.exit_code.or(value.and_then(|code| code.parse().ok()));
                told = true;
            }
            Some("reason") => set(&mut container.reason),
            Some("name") => set(&mut container.name),
            Some("image") => set(&mut container.image),
            Some("imageDigest") => set(&mut container.image_digest),
            Some("healthStatus") => set(&mut container.health),
            _ => {
                if let Some((_, cluster)) = value.as_deref().and_then(|arn| arn.split_once(":cluster/")) {
                    stop.known.entry("cluster".to_owned()).or_insert_with(|| Value::from(cluster));
                }
            }
        }
    }
    if container != ContainerStop::default() {
        stop.containers.push(container);
    }
    stop.field = Some(Field::StoppedReason);
    told.then_some(stop)
}
