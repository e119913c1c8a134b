//! The line that is being typed: which account and region its names are of.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where names are looked for. What is not typed is what the environment says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "live"), allow(dead_code))]
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
            profile: value("--profile").or_else(|| set(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])),
            region: value("--region").or_else(|| set(&["AWS_REGION", "AWS_DEFAULT_REGION"])),
            endpoint_url: value("--endpoint-url").or_else(|| set(&["AWS_ENDPOINT_URL"])),
        }
    }
}

/// The names of all profiles, in order.
pub fn profiles() -> Vec<String> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    let file = |variable: &str, name: &str| {
        let set = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
        set.or_else(|| home.as_ref().map(|home| home.join(".aws").join(name)))
    };
    let read = |path: Option<PathBuf>| path.map(|path| text(&path)).unwrap_or_default();
    let mut all = of_file(&read(file("AWS_CONFIG_FILE", "config")), true);
    all.extend(of_file(&read(file("AWS_SHARED_CREDENTIALS_FILE", "credentials")), false));
    all.sort();
    all.dedup();
    all
}

fn text(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// `[profile prod]` in the one file is `[prod]` in the other.
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>
fn of_file(text: &str, is_config: bool) -> Vec<String> {
    let sections = text.lines().filter_map(|line| line.trim().strip_prefix('[')?.split(']').next());
    let name = |section: &str| {
        let section = section.trim();
        let named = section.strip_prefix("profile").filter(|rest| rest.starts_with([' ', '\t'])).map(str::trim);
        match is_config {
            true => named.or(Some(section).filter(|section| *section == "default")),
            false => Some(section),
        }
        .map(|name| name.trim_matches(['"', '\'']).to_owned())
    };
    sections.filter_map(name).filter(|name| !name.is_empty()).collect()
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

    #[test]
    fn profiles_are_those_of_both_files() {
        let config = "[default]\nregion=x\n[profile prod]\n# [profile no]\n[ profile  test ]\n[sso-session x]\n[plugins]\n[profile]";
        assert_eq!(of_file(config, true), ["default", "prod", "test"]);
        assert_eq!(of_file("[prod]\n[other]\n[", false), ["prod", "other"]);
    }
}
