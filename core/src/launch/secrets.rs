//! Secrets and parameters that a definition names: where they are, and how they are named.

use crate::case::Case;
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
        let field = |at: usize| fields.get(at).filter(|field| !field.is_empty()).map(|field| (*field).to_owned());
        (used.key, used.stage, used.version) = (field(7), field(8), field(9));
    } else if arn.service() == "ssm" {
        // `parameter/a/b` is the parameter `/a/b`, and `parameter/a` may be `a` or `/a`: its own store knows both.
        let name = arn.resource().strip_prefix("parameter").unwrap_or(arn.resource());
        used.id = if name.matches('/').count() > 1 { name.to_owned() } else { name.trim_start_matches('/').to_owned() };
    }
    used
}
