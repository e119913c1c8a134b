//! What a house sets for all front ends, in one TOML file: rules for fixes, the accounts that may be asked about, and what
//! assistants may see.

use crate::change::HouseRules;
use indexmap::IndexMap;
use serde::Deserialize;

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `[fixes]`: what fixes may do.
    #[serde(default)]
    pub fixes: HouseRules,
    /// `[accounts.NAME]`: how each account is read.
    #[serde(default)]
    pub accounts: IndexMap<String, NamedAccount>,
    /// `[mcp]`: what assistants may see.
    #[serde(default)]
    pub mcp: ForAssistants,
}

/// What assistants may see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ForAssistants {
    /// The last log lines of the guilty container; not said: no.
    pub logs: Option<bool>,
}

/// An account by the name that a house gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NamedAccount {
    /// The profile of the AWS configuration with its credentials.
    pub profile: Option<String>,
    /// The ARN of a role to assume, with the credentials of the profile or of the environment.
    pub role: Option<String>,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Where to look; none means the region that is set.
    #[serde(default)]
    pub regions: Vec<String>,
}

/// Settings that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct SettingsError {
    /// Where.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

impl Settings {
    /// Reads the text of a configuration file.
    ///
    /// # Errors
    /// Says in which line it is wrong: a key that is not known is a rule that would not hold.
    pub fn parse(text: &str) -> Result<Settings, SettingsError> {
        let line = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let settings: Settings = toml::from_str(text).map_err(|error| SettingsError {
            line: line(error.span().map_or(0, |span| span.start)),
            why: error.message().trim().replace('\n', " "),
        })?;
        let unread = settings.accounts.iter().find(|(_, one)| one.profile.is_none() && one.role.is_none());
        match unread {
            // Without either it would be the account of whoever asks, under a name that may be another's.
            Some((name, _)) => Err(SettingsError {
                line: line(text.find(&format!("accounts.{name}")).unwrap_or_default()),
                why: format!("account `{name}` has neither `profile` nor `role`"),
            }),
            None => Ok(settings),
        }
    }

    /// These settings, and where they say nothing, the others.
    #[must_use]
    pub fn or(self, other: Settings) -> Settings {
        let mut accounts = self.accounts;
        for (name, account) in other.accounts {
            accounts.entry(name).or_insert(account);
        }
        let mcp = ForAssistants { logs: self.mcp.logs.or(other.mcp.logs) };
        Settings { fixes: self.fixes.or(other.fixes), accounts, mcp }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_wrong_says_where() {
        for (text, line, word) in [
            ("[fixes]\n\npublic-ips = 'never'\n", 3, "unknown field `public-ips`"),
            ("[fixes]\npublic-ip = 'sometimes'\n", 2, "unknown variant `sometimes`"),
            ("\n[rules]\n", 2, "unknown field `rules`"),
            ("[fixes]\nprefer = 3\n", 2, ""),
            ("[fixes\n", 1, ""),
            (
                "[accounts.prod]\nrole = 'r'\n[accounts.test]\nregions = ['eu-west-1']\n",
                3,
                "account `test` has neither",
            ),
            ("[accounts.prod]\nroles = 'r'\n", 2, "unknown field `roles`"),
        ] {
            let error = Settings::parse(text).expect_err(text);
            assert_eq!(error.line, line, "{text:?}: {error}");
            assert!(error.to_string().contains(word), "{text:?}: {error}");
        }
        assert_eq!(Settings::parse("# nothing\n"), Ok(Settings::default()));
    }

    #[test]
    fn assistants_see_log_lines_where_a_file_says_so() {
        let silent = Settings::default();
        let told = Settings::parse("[mcp]\nlogs = true\n").expect("well formed");
        assert_eq!((silent.mcp.logs, told.mcp.logs), (None, Some(true)));
        let never = Settings::parse("[mcp]\nlogs = false\n").expect("well formed");
        assert_eq!(never.or(told.clone()).mcp.logs, Some(false));
        assert_eq!(silent.or(told).mcp.logs, Some(true));
    }

    #[test]
    fn the_nearer_file_wins_account_by_account() {
        let near = Settings::parse("[accounts.prod]\nprofile = 'a'\n").expect("well formed");
        let far = "[accounts.prod]\nprofile = 'b'\n[accounts.test]\nrole = 'r'\nregions = ['eu-west-1']\n";
        let both = near.or(Settings::parse(far).expect("well formed"));
        let profiles: Vec<_> =
            both.accounts.iter().map(|(name, one)| (name.as_str(), one.profile.as_deref())).collect();
        assert_eq!(profiles, [("prod", Some("a")), ("test", None)]);
    }
}
