//! What is wrong with a configuration, as far as it can be known without asking anybody.

use super::{Clusters, Config};
use crate::platform::Kind;
use std::collections::BTreeSet;
use std::fmt;
use toml::Spanned;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    line: Option<usize>,
    what: String,
}

impl Problem {
    /// In a line.
    pub fn new(line: usize, what: impl Into<String>) -> Problem {
        Problem { line: Some(line), what: what.into() }
    }

    /// Outside of the file.
    pub fn elsewhere(what: impl Into<String>) -> Problem {
        Problem { line: None, what: what.into() }
    }

    /// The line; 0 where it is in none.
    #[cfg(test)]
    pub fn line(&self) -> usize {
        self.line.unwrap_or_default()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// The line of a byte.
pub fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

struct Check<'c> {
    config: &'c Config,
    text: &'c str,
    found: Vec<Problem>,
}

/// All that is wrong, by line.
pub fn problems(config: &Config, text: &str) -> Vec<Problem> {
    let mut check = Check { config, text, found: vec![] };
    check.accounts();
    check.platforms();
    check.channels();
    check.rest();
    let mut found = check.found;
    found.sort_by_key(|one| one.line);
    found
}

impl Check<'_> {
    fn wrong<T>(&mut self, at: &Spanned<T>, what: impl Into<String>) {
        let line = line(self.text, at.span().start);
        self.found.push(Problem::new(line, what));
    }

    /// Where a table begins that has nothing with a place of its own.
    fn header(&self, words: &str) -> usize {
        line(self.text, self.text.find(words).unwrap_or_default())
    }

    fn accounts(&mut self) {
        for (name, account) in &self.config.accounts {
            if account.profile.is_none() && account.role.is_none() {
                // Without either it would be the account of whoever runs the bot, under a name that may be another's.
                let line = self.header(&format!("accounts.{name}"));
                self.found.push(Problem::new(line, format!("account `{name}` has neither `profile` nor `role`")));
            }
        }
        if let Some(recorded) = &self.config.recorded {
            if !self.config.accounts.is_empty() {
                self.wrong(
                    &recorded.evidence,
                    "recorded evidence answers instead of accounts: take one of the two out",
                );
            }
            for path in recorded.evidence.get_ref().iter().filter(|path| !path.is_file()) {
                let what = format!("there is no evidence file `{}`", path.display());
                self.wrong(&recorded.evidence, what);
            }
        }
    }

    fn platforms(&mut self) {
        if self.config.slack.is_none() && self.config.discord.is_none() {
            self.found.push(Problem::new(1, "there is neither `[slack]` nor `[discord]`: nobody could ask"));
        }
        if let Some(slack) = &self.config.slack {
            if slack.workspaces.get_ref().is_empty() {
                self.wrong(&slack.workspaces, "it names no workspace: nobody could ask (ids as in `T0123ABCD`)");
            }
            for variable in [&slack.token_env, &slack.app_token_env, &slack.signing_secret_env].into_iter().flatten() {
                self.variable(variable);
            }
            if let Some(command) = slack.command.as_ref().filter(|command| !is_command(command.get_ref())) {
                self.wrong(command, "a slash command is written as in `/why`");
            }
        }
        if let Some(discord) = &self.config.discord {
            if discord.guilds.get_ref().is_empty() {
                self.wrong(&discord.guilds, "it names no guild: nobody could ask (ids as in `81384788765712384`)");
            }
            if discord.guilds.get_ref().iter().any(|id| !is_number(id)) {
                self.wrong(&discord.guilds, "the id of a guild is a number in quotes");
            }
            if let Some(id) = discord.application.as_ref().filter(|id| !is_number(id.get_ref())) {
                self.wrong(id, "the id of an application is a number in quotes");
            }
            discord.token_env.iter().for_each(|variable| self.variable(variable));
        }
    }

    fn variable(&mut self, name: &Spanned<String>) {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let text = name.get_ref();
        if text.is_empty() || !text.chars().all(good) || text.starts_with(|c: char| c.is_ascii_digit()) {
            // It may be the token itself: nothing of it is repeated.
            self.wrong(name, "this is not the name of a variable");
        }
    }

    fn channels(&mut self) {
        let mut seen = BTreeSet::new();
        for channel in &self.config.channels {
            let kind = *channel.platform.get_ref();
            let has = match kind {
                Kind::Slack => self.config.slack.is_some(),
                Kind::Discord => self.config.discord.is_some(),
            };
            if !has {
                self.wrong(&channel.platform, format!("there is no `[{kind}]`"));
            }
            if kind == Kind::Discord && !is_number(channel.id.get_ref()) {
                self.wrong(&channel.id, "the id of a channel is a number in quotes on Discord");
            }
            if !seen.insert((kind, channel.id.get_ref())) {
                self.wrong(&channel.id, "this channel stands in the file twice");
            }
            if let Some(quiet) = &channel.quiet {
                let zone = quiet.get_ref().zone.as_deref().unwrap_or("UTC");
                if jiff::tz::TimeZone::get(zone).is_err() {
                    self.wrong(quiet, format!("there is no time zone `{zone}`"));
                }
                if quiet.get_ref().from == quiet.get_ref().to {
                    self.wrong(quiet, "it begins when it ends");
                }
            }
            self.scope(&channel.clusters, channel.accounts.as_ref(), channel.regions.as_ref(), &channel.id);
        }
        if let Some(direct) = &self.config.direct {
            self.scope(&direct.clusters, direct.accounts.as_ref(), direct.regions.as_ref(), &direct.clusters);
            if self.config.discord.is_some() && direct.people.is_empty() {
                let what = "on Discord a direct message may come from anybody: name the `people` who may ask";
                self.wrong(&direct.clusters, what);
            }
        }
    }

    fn scope<T>(
        &mut self,
        clusters: &Spanned<Clusters>,
        accounts: Option<&Spanned<Vec<String>>>,
        regions: Option<&Spanned<Vec<String>>>,
        whole: &Spanned<T>,
    ) {
        if clusters.get_ref().is_empty() {
            self.wrong(clusters, "it names no cluster: nothing could be asked (`[\"*\"]` for all of them)");
        }
        if let Some(pattern) = clusters.get_ref().wrong() {
            let what = format!("`{pattern}` cannot be a cluster's name or pattern");
            self.wrong(clusters, what);
        }
        let all = &self.config.accounts;
        let named: Vec<&String> = match accounts {
            Some(list) => list.get_ref().iter().collect(),
            None => all.keys().collect(),
        };
        match accounts {
            None if all.len() > 1 => {
                self.wrong(whole, "say which of the accounts may be asked about: `accounts = [...]`")
            }
            Some(list) if list.get_ref().is_empty() => {
                self.wrong(list, "it names no account: leave it out, or name one")
            }
            _ => {}
        }
        for name in &named {
            match (all.get(*name), accounts, regions) {
                (None, Some(list), _) => self.wrong(list, format!("there is no account `{name}` in this file")),
                (Some(account), _, Some(wanted)) if !account.regions.is_empty() => {
                    let other = wanted.get_ref().iter().find(|region| !account.regions.contains(region));
                    if let Some(other) = other {
                        self.wrong(wanted, format!("account `{name}` does not let `{other}` be asked"));
                    }
                }
                _ => {}
            }
        }
        if let Some(regions) = regions
            && regions.get_ref().is_empty()
        {
            self.wrong(regions, "it names no region: leave it out, or name one");
        }
    }

    fn rest(&mut self) {
        if let Some(owners) = &self.config.owners {
            match (&owners.get_ref().folder, &owners.get_ref().channel) {
                (Some(_), None) => {}
                (None, Some(name)) if self.config.channels.iter().any(|one| one.name == *name) => {}
                (None, Some(name)) => {
                    let line = self.header("[owners]") + 1;
                    self.found
                        .push(Problem::new(line, format!("there is no channel of the name `{name}` in this file")));
                }
                _ => self.wrong(owners, "name either a `folder` or a `channel`"),
            }
        }
        if let Some(alerts) = &self.config.alerts {
            if let Some(name) =
                alerts.account.as_ref().filter(|name| !self.config.accounts.contains_key(name.get_ref()))
            {
                self.wrong(name, format!("there is no account `{}` in this file", name.get_ref()));
            }
            if !self.config.channels.iter().any(|channel| channel.alerts) {
                let line = self.header("[alerts]");
                self.found.push(Problem::new(line, "no channel takes alerts: set `alerts = true` in one"));
            }
        }
    }
}

fn is_number(id: &str) -> bool {
    !id.is_empty() && id.len() <= 20 && id.chars().all(|c| c.is_ascii_digit())
}

fn is_command(text: &str) -> bool {
    let name = text.strip_prefix('/').unwrap_or_default();
    !name.is_empty() && name.len() <= 32 && name.chars().all(|c| c.is_ascii_lowercase() || "-_".contains(c))
}
