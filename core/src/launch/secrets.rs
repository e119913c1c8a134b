//! Secrets and parameters that a definition names: where they are, and how they are named.

use crate::case::Case;
use crate::evidence::{Facts, Known};
use crate::iam::wildcard;
use crate::model::{Arn, Unknown};

/// Which store holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// Secrets Manager.
    Secret,
    /// Systems Manager's parameters.
    Parameter,
}

/// One secret or parameter that a container names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretUse {
    /// The container.
    pub container: String,
    /// The variable, or what else it is for.
    pub variable: String,
    /// As written.
    pub text: String,
    /// Its store.
    pub store: Store,
    /// Its region.
    pub region: String,
    /// Its account, if an ARN names it.
    pub account: Option<String>,
    /// What the store is asked for: an ARN without key, stage and version, or a name.
    pub id: String,
    /// The JSON key that is wanted.
    pub key: Option<String>,
    /// The staging label that is wanted.
    pub stage: Option<String>,
    /// The version that is wanted.
    pub version: Option<String>,
    /// It holds the credentials of a private registry.
    pub credentials: bool,
    /// An ARN of a secret that has neither seven fields nor ten.
    pub miscounted: bool,
}

impl SecretUse {
    /// The name without the six characters that Secrets Manager adds, for people.
    pub fn short_name(&self) -> &str {
        match self.id.parse::<Arn>() {
            Ok(_) => {
                let name = self.id.splitn(7, ':').nth(6).unwrap_or(&self.id);
                match name.rsplit_once('-') {
                    Some((head, tail)) if tail.len() == 6 && tail.chars().all(|c| c.is_ascii_alphanumeric()) => head,
                    _ => name,
                }
            }
            Err(_) => &self.id,
        }
    }

    /// The ARN of a parameter, as rights are checked against it.
    /// <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html>
    pub fn parameter_arn(&self, case: &Case<'_>) -> String {
        let account = self.account.as_deref().unwrap_or(&case.region.account);
        let name = self.id.trim_start_matches('/');
        format!("arn:{}:ssm:{}:{account}:parameter/{name}", case.region.partition, self.region)
    }

    /// It belongs to another account.
    pub fn is_foreign(&self, case: &Case<'_>) -> bool {
        self.account.as_deref().is_some_and(|account| !account.is_empty() && account != case.region.account)
    }

    /// As a reference with another ARN or name, and the same key, stage and version.
    pub fn renamed(&self, id: &str) -> String {
        match (self.store, self.text.strip_prefix(&self.id)) {
            (Store::Secret, Some(rest)) if !self.credentials => format!("{id}{rest}"),
            _ => id.to_owned(),
        }
    }
}

/// Regions in which the same thing may be: the task's own, those that the definition names, and those where most accounts
/// began. Never the one that was asked already, and never many.
pub fn other_regions(case: &Case<'_>, used: &SecretUse) -> Vec<String> {
    const USUAL: [&str; 3] = ["us-east-1", "eu-west-1", "us-west-2"];
    const MOST: usize = 5;
    let mut named = vec![case.region.region.clone()];
    named.extend(secret_uses(case).into_iter().flatten().map(|other| other.region));
    named.extend(case.containers().into_iter().flatten().filter_map(|one| Some(one.image.ok()?.ecr()?.region)));
    named.extend(super::logs::log_uses(case).into_iter().flatten().map(|log| log.region));
    if case.region.partition == "aws" {
        named.extend(USUAL.map(str::to_owned));
    }
    let mut others: Vec<String> = vec![];
    for region in named {
        if !region.is_empty() && region != used.region && !others.contains(&region) && others.len() < MOST {
            others.push(region);
        }
    }
    others
}

/// Everything secret that the definition names, in its order, also for log drivers and private registries.
///
/// # Errors
/// When the definition is not known.
pub fn secret_uses(case: &Case<'_>) -> Result<Vec<SecretUse>, Unknown> {
    let mut uses = vec![];
    for container in &case.definition?.containers {
        let log = container.log.iter().flat_map(|log| &log.secrets);
        for reference in container.secrets.iter().chain(log) {
            uses.push(secret_use(case, &container.name, &reference.name, &reference.value_from, false));
        }
        if let Some(credentials) = &container.repository_credentials {
            uses.push(secret_use(case, &container.name, "the registry's credentials", credentials, true));
        }
    }
    Ok(uses)
}

/// `arn:{p}:secretsmanager:{r}:{a}:secret:{name}-{6}[:{json-key}:{version-stage}:{version-id}]`, an ARN of a parameter, or a
/// parameter's name in the task's own region.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html>
fn secret_use(case: &Case<'_>, container: &str, variable: &str, text: &str, credentials: bool) -> SecretUse {
    let mut used = SecretUse {
        container: container.to_owned(),
        variable: variable.to_owned(),
        text: text.to_owned(),
        store: if credentials { Store::Secret } else { Store::Parameter },
        region: case.region.region.clone(),
        account: None,
        id: text.to_owned(),
        key: None,
        stage: None,
        version: None,
        credentials,
        miscounted: false,
    };
    let Ok(arn) = text.parse::<Arn>() else { return used };
    used.account = Some(arn.account().to_owned());
    if !arn.region().is_empty() {
        used.region = arn.region().to_owned();
    }
    if arn.service() == "secretsmanager" {
        used.store = Store::Secret;
        let fields: Vec<&str> = text.split(':').collect();
        used.id = fields[..fields.len().min(7)].join(":");
        used.miscounted = !matches!(fields.len(), 7 | 10);
        let field = |at: usize| fields.get(at).filter(|field| !field.is_empty()).map(|field| (*field).to_owned());
        (used.key, used.stage, used.version) = (field(7), field(8), field(9));
    } else if arn.service() == "ssm" {
        // `parameter/a/b` is the parameter `/a/b`, and `parameter/a` may be `a` or `/a`: its own store knows both.
        let name = arn.resource().strip_prefix("parameter").unwrap_or(arn.resource());
        // `:3` and `:label` select a version.
        let name = name.split_once(':').map_or(name, |(name, _)| name);
        used.id = if name.matches('/').count() > 1 { name.to_owned() } else { name.trim_start_matches('/').to_owned() };
    }
    used
}

/// The ARN of the secret that was read, where a right is for a pattern of it: a simulation takes a resource by its name.
pub fn whole_arn(facts: &Facts<'_>, resource: &str) -> String {
    let found = facts.anywhere(|known| match known {
        Known::Secret(secret) if resource.contains('?') && wildcard(resource, &secret.arn) => {
            Some(Some(secret.arn.clone()))
        }
        _ => None,
    });
    found.unwrap_or_else(|| resource.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, SECRET, definition};
    use crate::model::ecs::SecretReference;

    fn used(text: &str) -> SecretUse {
        let fixture = Fixture::fargate().app(|app| app.secrets[0].value_from = text.to_owned());
        secret_uses(&fixture.case()).expect("the definition is known").remove(0)
    }

    #[test]
    fn a_secrets_arn_has_seven_fields_and_may_name_key_stage_and_version() {
        let none = [None, None, None];
        let rows: [(&str, [Option<&str>; 3]); 7] = [
            ("", none),
            (":password", [Some("password"), None, None]),
            (":password::", [Some("password"), None, None]),
            ("::AWSPREVIOUS:", [None, Some("AWSPREVIOUS"), None]),
            (":::v-1", [None, None, Some("v-1")]),
            (":password:AWSCURRENT:v-1", [Some("password"), Some("AWSCURRENT"), Some("v-1")]),
            (":::", none),
        ];
        for (rest, [key, stage, version]) in rows {
            let found = used(&format!("{SECRET}{rest}"));
            assert_eq!(
                (found.store, found.id.as_str(), found.short_name()),
                (Store::Secret, SECRET, "prod/db"),
                "{rest}"
            );
            let read = [found.key.as_deref(), found.stage.as_deref(), found.version.as_deref()];
            assert_eq!(read, [key, stage, version], "{rest}");
        }
    }

    #[test]
    fn a_parameter_is_named_by_its_arn_or_by_its_name() {
        let arn = |rest: &str| format!("arn:aws:ssm:eu-west-1:222222222222:parameter{rest}");
        for (text, id, region, account) in [
            ("DB_URL", "DB_URL", "us-east-1", None),
            ("/prod/db", "/prod/db", "us-east-1", None),
            (arn("/DB_URL").as_str(), "DB_URL", "eu-west-1", Some("222222222222")),
            (arn("/prod/db").as_str(), "/prod/db", "eu-west-1", Some("222222222222")),
        ] {
            let found = used(text);
            let read = (found.store, found.id.as_str(), found.region.as_str(), found.account.as_deref());
            assert_eq!(read, (Store::Parameter, id, region, account), "{text}");
        }
    }

    #[test]
    fn log_drivers_and_registries_name_secrets_too() {
        let fixture = Fixture::fargate().app(|app| {
            let token = SecretReference { name: "token".to_owned(), value_from: format!("{SECRET}:t::") };
            app.log.as_mut().expect("it logs").secrets.push(token);
            app.repository_credentials = Some("docker-hub".to_owned());
        });
        let found = secret_uses(&fixture.case()).expect("the definition is known");
        let read: Vec<_> = found.iter().map(|one| (one.variable.as_str(), one.store, one.credentials)).collect();
        let (secret, registry) = (Store::Secret, "the registry's credentials");
        assert_eq!(read, [("DB_PASSWORD", secret, false), ("token", secret, false), (registry, secret, true)]);
        assert_eq!(found[2].id, "docker-hub", "a name in the task's own region, not a parameter");
    }

    #[test]
    fn a_short_name_ends_before_the_six_characters_and_only_there() {
        for (name, short) in [("a-b-AbCdEf", "a-b"), ("plain", "plain"), ("a-bcd", "a-bcd"), ("a-b_cdef", "a-b_cdef")] {
            let arn = format!("arn:aws:secretsmanager:us-east-1:111111111111:secret:{name}");
            assert_eq!(used(&arn).short_name(), short);
        }
    }

    #[test]
    fn without_the_definition_nobody_knows_what_it_names() {
        assert!(secret_uses(&Fixture::fargate().gap(definition(crate::causes::fixture::REVISION)).case()).is_err());
    }
}
