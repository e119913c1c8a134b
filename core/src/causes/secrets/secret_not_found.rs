//! The secret does not exist.

use crate::causes::prelude::*;
use crate::change::command;
use crate::launch::secrets::{SecretUse, Store};

documented! {
/// The Secrets Manager secret that a container names does not exist.
///
/// # Why a task stops here
/// Secrets are fetched before the first container starts; one that is not there ends the launch. An ARN must end in the
/// six characters that Secrets Manager added, and a secret lives in one region.
/// # How it is told
/// Secrets Manager is asked to describe the secret, in the region that its ARN names; its value is never read. Without the
/// right to describe it, AWS answers "denied" for an absent secret too, which is a gap and no absence.
/// # Prevention
/// Make secret and definition in one stack, and name secrets by their full ARN.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html>
pub struct SecretNotFound;
}

impl Cause for SecretNotFound {
    type Subject = SecretUse;
    const ID: CauseId = CauseId::SecretNotFound;
    const READS: &'static [&'static [Source]] = &[&[Source::Secret]];

    fn judge(&self, used: &SecretUse, _case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if used.store != Store::Secret {
            return Ok(Verdict::NotApplicable);
        }
        let finding = Finding::on([used.id.clone()]).in_container(&used.container);
        let Some(secret) = facts.secret(&used.region, &used.id)? else {
            let (name, variable) = (used.short_name(), &used.variable);
            let why =
                format!("secret {name}, which container {} takes {variable} from, does not exist", used.container);
            return Ok(finding.because(why).into());
        };
        match (facts.moment(), secret.created) {
            (Some(moment), Some(created)) if created > moment => {
                let why = format!("secret {} was made at {created:.0}, after the task had stopped", secret.name);
                Ok(Verdict::Healed(finding.because(why).healed(created)))
            }
            _ => Ok(Verdict::Sound),
        }
    }

    fn fixes(&self, used: &SecretUse, case: &Case<'_>, _facts: &Facts<'_>) -> Fixes {
        let mut words = vec!["aws", "secretsmanager", "create-secret", "--name", used.short_name()];
        if used.region != case.region.region {
            words.extend(["--region", &used.region]);
        }
        words.extend(["--secret-string", "file://value-of-the-secret.json"]);
        let fix = Fix::new(format!("Make the secret {}", used.short_name()), Risk::Low)
            .making(Change::ByHand { commands: vec![command(words)] })
            .noting("put its value into that file first; a new secret has a new ARN, which the definition has to name");
        Ok(vec![fix])
    }
}
