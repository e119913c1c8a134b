//! Who may ask, where, and about what: nothing that is not in the configuration.

use crate::config::{Clusters, Config};
use crate::desk::asked::Spot;
use crate::platform::{Kind, Person, Place};
use ecs_why_core::settings::NamedAccount;
use std::collections::HashMap;
use std::sync::Arc;
use toml::Spanned;

/// What may be asked about somewhere.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Accounts with regions.
    pub spots: Vec<Spot>,
    /// Clusters.
    pub clusters: Clusters,
    /// Whether log lines may be read and shown.
    pub logs: bool,
    people: Vec<String>,
    roles: Vec<String>,
}

/// Why somebody may not ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The workspace or guild is not one of ours.
    Space,
    /// The channel is not one of ours.
    Channel,
    /// Direct messages are not answered.
    Direct,
    /// The person may not.
    Person,
}

impl Refused {
    /// For the audit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Refused::Space => "space",
            Refused::Channel => "channel",
            Refused::Direct => "direct",
            Refused::Person => "person",
        }
    }

    /// For who asked: nothing of what others may ask about.
    pub const fn told(self) -> &'static str {
        match self {
            Refused::Space => "This workspace or server may not ask me.",
            Refused::Channel => "I may not be asked in this channel: whoever runs me can allow it in my configuration.",
            Refused::Direct => "I may not answer direct messages here: please ask in a channel.",
            Refused::Person => "You may not ask me here: whoever runs me can allow it in my configuration.",
        }
    }
}

/// All of it.
#[derive(Debug, Default)]
pub struct Allow {
    spaces: Vec<(Kind, String)>,
    channels: HashMap<(Kind, String), Arc<Scope>>,
    direct: Option<Arc<Scope>>,
}

impl Allow {
    /// As the configuration says.
    pub fn new(config: &Config) -> Allow {
        let slack = config.slack.iter().flat_map(|one| one.workspaces.get_ref()).map(|id| (Kind::Slack, id.clone()));
        let discord = config.discord.iter().flat_map(|one| one.guilds.get_ref()).map(|id| (Kind::Discord, id.clone()));
        let scope = |accounts: &Option<Spanned<Vec<String>>>, regions: &Option<Spanned<Vec<String>>>| {
            spots(
                config,
                accounts.as_ref().map(|list| list.get_ref().as_slice()),
                regions.as_ref().map(Spanned::get_ref),
            )
        };
        let channels = config.channels.iter().map(|channel| {
            let of = Scope {
                spots: scope(&channel.accounts, &channel.regions),
                clusters: channel.clusters.get_ref().clone(),
                logs: channel.logs,
                people: channel.people.clone(),
                roles: channel.roles.clone(),
            };
            ((*channel.platform.get_ref(), channel.id.get_ref().clone()), Arc::new(of))
        });
        let direct = config.direct.as_ref().map(|direct| {
            Arc::new(Scope {
                spots: scope(&direct.accounts, &direct.regions),
                clusters: direct.clusters.get_ref().clone(),
                logs: direct.logs,
                people: direct.people.clone(),
                roles: vec![],
            })
        });
        Allow { spaces: slack.chain(discord).collect(), channels: channels.collect(), direct }
    }

    /// What may be asked about in a channel.
    pub fn channel(&self, kind: Kind, id: &str) -> Option<&Arc<Scope>> {
        self.channels.get(&(kind, id.to_owned()))
    }

    /// What a person may ask about in a place.
    ///
    /// # Errors
    /// When it is nothing.
    pub fn of(&self, place: &Place, person: &Person) -> Result<&Arc<Scope>, Refused> {
        let known = |space: &String| self.spaces.iter().any(|(kind, id)| *kind == place.kind && id == space);
        match &place.space {
            Some(space) if known(space) => {}
            // A direct message on Discord is in no guild: there only those may ask who are named.
            None if place.direct => {}
            _ => return Err(Refused::Space),
        }
        if place.direct {
            let scope = self.direct.as_ref().ok_or(Refused::Direct)?;
            let named = scope.people.contains(&person.id);
            let all = scope.people.is_empty() && place.space.is_some();
            return if named || all { Ok(scope) } else { Err(Refused::Person) };
        }
        let scope = self.channels.get(&(place.kind, place.channel.clone())).ok_or(Refused::Channel)?;
        if scope.takes(person) { Ok(scope) } else { Err(Refused::Person) }
    }
}

impl Scope {
    /// Whether a cluster of an account and region may be asked about.
    pub fn may(&self, spot: &Spot, cluster: &str) -> bool {
        self.has(spot) && self.clusters.have(cluster)
    }

    /// Whether an account and region may be asked about.
    pub fn has(&self, spot: &Spot) -> bool {
        self.spots.contains(spot)
    }

    fn takes(&self, person: &Person) -> bool {
        let all = self.people.is_empty() && self.roles.is_empty();
        all || self.people.contains(&person.id) || person.roles.iter().any(|role| self.roles.contains(role))
    }
}

/// Every account in each of its regions.
fn spots(config: &Config, accounts: Option<&[String]>, regions: Option<&Vec<String>>) -> Vec<Spot> {
    if config.accounts.is_empty() {
        return in_regions(None, regions.map(Vec::as_slice).unwrap_or_default());
    }
    let wanted = |name: &String| accounts.is_none_or(|list| list.contains(name));
    let of = |(name, account): (&String, &NamedAccount)| {
        in_regions(Some(name), regions.unwrap_or(&account.regions).as_slice())
    };
    config.accounts.iter().filter(|(name, _)| wanted(name)).flat_map(of).collect()
}

fn in_regions(account: Option<&String>, regions: &[String]) -> Vec<Spot> {
    let at = |region: Option<&String>| Spot { account: account.cloned(), region: region.cloned() };
    match regions {
        [] => vec![at(None)],
        many => many.iter().map(|region| at(Some(region))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn place(kind: Kind, space: Option<&str>, channel: &str, direct: bool) -> Place {
        Place { kind, space: space.map(str::to_owned), channel: channel.to_owned(), thread: None, direct }
    }

    fn person(id: &str, roles: &[&str]) -> Person {
        Person { id: id.to_owned(), roles: roles.iter().map(|one| (*one).to_owned()).collect() }
    }

    fn allow(more: &str) -> Allow {
        Allow::new(&config::parse(&format!("{}\n{more}", config::tests::SOUND)).expect("well formed"))
    }

    #[test]
    fn only_who_is_named_may_ask_and_only_where() {
        let allow = allow("");
        let slack = |space, channel| place(Kind::Slack, Some(space), channel, false);
        let ann = person("U1", &[]);
        assert!(allow.of(&slack("T1", "C1"), &ann).is_ok());
        assert_eq!(allow.of(&slack("T2", "C1"), &ann).err(), Some(Refused::Space));
        assert_eq!(allow.of(&slack("T1", "C2"), &ann).err(), Some(Refused::Channel));
        let discord = place(Kind::Discord, Some("100"), "200", false);
        assert_eq!(allow.of(&discord, &ann).err(), Some(Refused::Person));
        assert!(allow.of(&discord, &person("1", &["7", "300"])).is_ok());
        // The same ids on the other platform are others.
        assert_eq!(allow.of(&place(Kind::Discord, Some("T1"), "C1", false), &ann).err(), Some(Refused::Space));
        assert_eq!(allow.of(&place(Kind::Slack, Some("T1"), "D1", true), &ann).err(), Some(Refused::Direct));
        assert_eq!(allow.of(&place(Kind::Slack, None, "C1", false), &ann).err(), Some(Refused::Space));
    }

    #[test]
    fn direct_messages_are_for_who_is_named() {
        let allow = allow("[direct]\naccounts = ['test']\nclusters = ['staging']\npeople = ['U1']\n");
        let direct = place(Kind::Discord, None, "D1", true);
        assert!(allow.of(&direct, &person("U1", &[])).is_ok());
        assert_eq!(allow.of(&direct, &person("U2", &[])).err(), Some(Refused::Person));
        let other = place(Kind::Slack, Some("T2"), "D1", true);
        assert_eq!(allow.of(&other, &person("U1", &[])).err(), Some(Refused::Space));
    }

    #[test]
    fn a_scope_has_each_account_in_its_regions() {
        let allow = allow("");
        let scope = |kind, space, channel, roles: &[&str]| {
            let spots =
                &allow.of(&place(kind, Some(space), channel, false), &person("1", roles)).expect("allowed").spots;
            spots.iter().map(|one| (one.account.clone(), one.region.clone())).collect::<Vec<_>>()
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            scope(Kind::Slack, "T1", "C1", &[]),
            [(some("live"), some("eu-west-1")), (some("live"), some("us-east-1"))]
        );
        assert_eq!(
            scope(Kind::Discord, "100", "200", &["300"]),
            [(some("live"), some("eu-west-1")), (some("test"), some("eu-west-1"))]
        );
    }
}
