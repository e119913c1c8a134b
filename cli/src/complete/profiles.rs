//! Profiles of the AWS configuration, by their names alone.

use std::path::{Path, PathBuf};

/// The names of all profiles, in order.
pub fn names() -> Vec<String> {
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

    #[test]
    fn profiles_are_those_of_both_files() {
        let config = "[default]\nregion=x\n[profile prod]\n# [profile no]\n[ profile  test ]\n[sso-session x]\n[plugins]\n[profile]";
        assert_eq!(of_file(config, true), ["default", "prod", "test"]);
        assert_eq!(of_file("[prod]\n[other]\n[", false), ["prod", "other"]);
    }
}
