//! The line that is being typed: which account and region its names are of.

use serde::{Deserialize, Serialize};

/// Where names are looked for. What is not typed is what the environment says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The profile.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Where requests are sent.
    pub endpoint_url: Option<String>,
}

impl Place {
    /// The place of a line, which may be anything: it is not finished.
    pub fn of_line(words: impl Iterator<Item = String>) -> Place {
        let words: Vec<String> = words.collect();
        let value = |option: &str| {
            let mut found = None;
            for (at, word) in words.iter().enumerate() {
                match word.strip_prefix(option) {
                    Some("") => found = words.get(at + 1).cloned().or(found),
                    Some(rest) => found = rest.strip_prefix('=').map(str::to_owned).or(found),
                    None => {}
                }
            }
            found.filter(|value| !value.is_empty() && !value.starts_with('-'))
        };
        let set = |names: &[&str]| names.iter().find_map(|name| std::env::var(name).ok().filter(|set| !set.is_empty()));
        Place {
            profile: value("--profile").or_else(|| set(&["AWS_DEFAULT_PROFILE", "AWS_PROFILE"])),
            region: value("--region").or_else(|| set(&["AWS_REGION", "AWS_DEFAULT_REGION"])),
            endpoint_url: value("--endpoint-url").or_else(|| set(&["AWS_ENDPOINT_URL"])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: &str) -> Place {
        Place::of_line(line.split(' ').map(str::to_owned))
    }

    #[test]
    fn the_place_is_read_from_a_line_that_is_not_finished() {
        let typed = place("ecs-why -- ecs-why --profile prod triage --region=eu-west-1 pr");
        assert_eq!((typed.profile.as_deref(), typed.region.as_deref()), (Some("prod"), Some("eu-west-1")));
        // The last one counts, and an option is no value of another.
        assert_eq!(place("x --region a --region b").region.as_deref(), Some("b"));
        assert_eq!(place("x --profile --verbose").profile.as_deref(), None);
        assert_eq!(place("x --profiles prod").profile.as_deref(), None);
    }
}
