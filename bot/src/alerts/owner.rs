//! Whose an event is: a service, or a family of task definitions, of one cluster, region and account.

use ecs_why_core::target::{Place, Target};
use ecs_why_core::triage::Owner;
use std::fmt;

/// Whose an event is. Every part is checked, since whoever can write to the queue can write anything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Whose {
    /// Twelve digits.
    pub account: String,
    /// As in `us-east-1`.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// The service or family.
    pub owner: Owner,
}

impl Whose {
    /// Of parts as an event tells them; none if one of them can be no such name.
    pub fn of(account: &str, region: &str, cluster: &str, owner: Owner) -> Option<Whose> {
        let lower = |text: &str| text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
        let word = |text: &str| !text.is_empty() && text.len() <= 30 && lower(text);
        let whole = word(region)
            && account.len() == 12
            && account.bytes().all(|c| c.is_ascii_digit())
            && is_name(cluster)
            && is_name(owner.name());
        whole.then(|| Whose {
            account: account.to_owned(),
            region: region.to_owned(),
            cluster: cluster.to_owned(),
            owner,
        })
    }

    /// What [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Whose> {
        let [account, region, cluster, kind, name] = text.split('/').collect::<Vec<_>>().try_into().ok()?;
        let owner = match kind {
            "service" => Owner::Service(name.to_owned()),
            "family" => Owner::Family(name.to_owned()),
            _ => return None,
        };
        Whose::of(account, region, cluster, owner)
    }

    /// The service's name, if it is one.
    pub fn service(&self) -> Option<&str> {
        match &self.owner {
            Owner::Service(name) => Some(name),
            Owner::Family(_) => None,
        }
    }

    /// The service, as something to ask about.
    pub fn target(&self) -> Option<Target> {
        let (cluster, place) = (self.cluster.clone(), self.place());
        self.service().map(|service| Target::Service { cluster, service: service.to_owned(), place })
    }

    /// One of its tasks, as something to ask about.
    pub fn task(&self, task: &str) -> Target {
        Target::Task { cluster: self.cluster.clone(), task: task.to_owned(), place: self.place() }
    }

    fn place(&self) -> Place {
        Place { partition: None, region: Some(self.region.clone()), account: Some(self.account.clone()) }
    }

    /// For people: `prod/payments`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.cluster, self.owner.name())
    }
}

/// As a column of the state file.
impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.owner {
            Owner::Service(_) => "service",
            Owner::Family(_) => "family",
        };
        let Whose { account, region, cluster, owner } = self;
        write!(f, "{account}/{region}/{cluster}/{kind}/{}", owner.name())
    }
}

/// What ECS takes as a name.
pub fn is_name(text: &str) -> bool {
    let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    !text.is_empty() && text.len() <= 255 && text.bytes().all(fits)
}
