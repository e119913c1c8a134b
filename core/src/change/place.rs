//! Where a change is made: in whose account, and who keeps what it changes.

use super::{Change, Fix};
use crate::case::Case;
use crate::evidence::{Answer, Facts, Known, Question};
use crate::model::{Arn, Keeper};

/// A resource that a change edits, or (where it makes a new one) the one beside which that will stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// As in ``role `web` ``.
    pub what: String,
    /// Its id, name or ARN.
    pub id: String,
    /// Who keeps it.
    pub keeper: Keeper,
}

impl Change {
    /// The account in which the change is made.
    pub fn account(&self, case: &Case<'_>) -> String {
        let of_arn = |text: &str| {
            let arn: Option<Arn> = text.parse().ok();
            arn.map(|arn| arn.account().to_owned()).filter(|account| !account.is_empty())
        };
        let named = match self {
            Change::RepositoryPolicy { registry, .. } => Some(registry.clone()),
            Change::SecretPolicy { secret, .. } => of_arn(secret),
            Change::RewriteManagedPolicy { policy, .. } => of_arn(policy),
            _ => None,
        };
        named.unwrap_or_else(|| case.region.account.clone())
    }

    /// Who keeps what the change edits, as far as the evidence tells; only a repository's tags are asked for anew.
    fn keeper(&self, case: &Case<'_>, facts: &Facts<'_>) -> Option<Changed> {
        let one = |what: &str, id: &str, keeper: Keeper| {
            Some(Changed { what: format!("{what} {id}"), id: id.to_owned(), keeper })
        };
        match self {
            Change::Allow { role, .. }
            | Change::RewriteInlinePolicy { role, .. }
            | Change::Attach { role, .. }
            | Change::Trust { role, .. } => one("role", role, of_role(facts, role)),
            Change::RepositoryPolicy { region, registry, repository, .. } => {
                // Tags of another account's are not this one's to read.
                if *registry != case.region.account {
                    return None;
                }
                let arn = format!("arn:{}:ecr:{region}:{registry}:repository/{repository}", case.region.partition);
                let keeper = facts.repository_keeper(region, arn).ok().flatten().cloned();
                one("repository", repository, keeper.unwrap_or_default())
            }
            Change::SecretPolicy { region, secret, .. } => one("secret", secret, of_secret(facts, region, secret)),
            Change::UseImage { .. } | Change::UseMemory { .. } | Change::UseExecutionRole { .. } => {
                let definition = case.definition.ok()?;
                let keeper = match (&definition.keeper, case.service) {
                    // Revisions are seldom tagged; whoever keeps the service registers them.
                    (Keeper::Untold | Keeper::Nobody, Some(service)) => service.keeper.clone(),
                    (keeper, _) => keeper.clone(),
                };
                one("task definition", &definition.family, keeper)
            }
            Change::UseRevision { .. } | Change::AssignPublicIp => {
                let service = case.service?;
                one("service", &service.name, service.keeper.clone())
            }
            Change::AssociateRouteTable { route_table, .. }
            | Change::CreateRoute { route_table, .. }
            | Change::CreateNat { route_table, .. } => {
                one("route table", route_table, of_route_table(facts, route_table))
            }
            Change::CreateGatewayEndpoint { route_tables, .. } => {
                let table = route_tables.first()?;
                one("route table", table, of_route_table(facts, table))
            }
            Change::EnablePrivateDns { endpoint, .. } => one("endpoint", endpoint, of_endpoint(facts, endpoint)),
            Change::LetOut { group, .. } | Change::LetIn { group, .. } => {
                one("security group", group, of_group(facts, group))
            }
            Change::DeleteAclEntry { acl, .. } | Change::CreateAclEntry { acl, .. } => {
                one("network ACL", acl, of_acl(facts, acl))
            }
            _ => None,
        }
    }
}

impl Change {
    /// What is to be done where no command can do it: in the file of a definition, or in what runs it.
    pub fn in_words(&self) -> Option<String> {
        match self {
            Change::UseImage { container, new, .. } => {
                Some(format!("in the definition, the image of container {container} becomes {new}"))
            }
            Change::UseMemory { memory, cpu, container } => {
                let task = memory.iter().map(|memory| format!("memory becomes {memory}"));
                let cpu = cpu.iter().map(|cpu| format!("cpu becomes {cpu}"));
                let own = container.iter().map(|(name, _, new)| format!("memory of container {name} becomes {new}"));
                let all: Vec<String> = task.chain(cpu).chain(own).collect();
                Some(format!("in the definition, {}", all.join(", ")))
            }
            Change::UseExecutionRole { role } => Some(format!("in the definition, executionRoleArn becomes {role}")),
            Change::AssignPublicIp => {
                Some("run it with a public address, and check again with --assign-public-ip".to_owned())
            }
            _ => None,
        }
    }
}

impl Fix {
    /// The accounts in which its changes are made, each once, in order.
    pub fn accounts(&self, case: &Case<'_>) -> Vec<String> {
        let mut accounts: Vec<String> = vec![];
        for account in self.changes.iter().map(|change| change.account(case)) {
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        accounts
    }

    /// What it edits that somebody keeps, each once.
    pub fn kept(&self, case: &Case<'_>, facts: &Facts<'_>) -> Vec<Changed> {
        let mut all: Vec<Changed> = vec![];
        for changed in self.changes.iter().filter_map(|change| change.keeper(case, facts)) {
            if changed.keeper.name().is_some() && !all.contains(&changed) {
                all.push(changed);
            }
        }
        all
    }
}

// What was read already is looked up and not asked for: who keeps a thing is worth no question of its own.

fn known<'e>(facts: &Facts<'e>, question: &Question) -> Option<&'e Known> {
    match facts.kept(question).map(|kept| &kept.answer) {
        Some(Answer::Known(known)) => Some(known),
        _ => None,
    }
}

fn of_role(facts: &Facts<'_>, role: &str) -> Keeper {
    match known(facts, &Question::Role { role: role.to_owned() }) {
        Some(Known::Role(role)) => Keeper::of_tags(role.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))),
        _ => Keeper::Untold,
    }
}

fn of_secret(facts: &Facts<'_>, region: &str, secret: &str) -> Keeper {
    match known(facts, &Question::Secret { region: region.to_owned(), secret: secret.to_owned() }) {
        Some(Known::Secret(secret)) => secret.keeper.clone(),
        _ => Keeper::Untold,
    }
}

fn of_group(facts: &Facts<'_>, group: &str) -> Keeper {
    match known(facts, &Question::SecurityGroup { group: group.to_owned() }) {
        Some(Known::SecurityGroup(group)) => group.keeper.clone(),
        _ => Keeper::Untold,
    }
}

fn of_route_table(facts: &Facts<'_>, id: &str) -> Keeper {
    facts.anywhere(|known| match known {
        Known::RouteTables(all) => all.iter().find(|one| one.id == id).map(|one| one.keeper.clone()),
        _ => None,
    })
}

fn of_endpoint(facts: &Facts<'_>, id: &str) -> Keeper {
    facts.anywhere(|known| match known {
        Known::VpcEndpoints(all) => all.iter().find(|one| one.id == id).map(|one| one.keeper.clone()),
        _ => None,
    })
}

fn of_acl(facts: &Facts<'_>, id: &str) -> Keeper {
    facts.anywhere(|known| match known {
        Known::NetworkAcls(all) => all.iter().find(|one| one.id == id).map(|one| one.keeper.clone()),
        _ => None,
    })
}
