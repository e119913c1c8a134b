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

    fn judge(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if used.store != Store::Secret {
            return Ok(Verdict::NotApplicable);
        }
        let finding = Finding::on([used.id.clone()]).in_container(&used.container);
        let Some(secret) = facts.secret(&used.region, &used.id)? else {
            let (name, variable) = (used.short_name(), &used.variable);
            let anew = match made_anew(used, case, facts) {
                Some(_) => "; one of that name was made anew, with other characters at the end of its ARN",
                None => "",
            };
            let why = format!(
                "secret {name}, which container {} takes {variable} from, does not exist{anew}",
                used.container
            );
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

    fn fixes(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let mut fixes = vec![];
        if let Some(arn) = made_anew(used, case, facts) {
            let title = format!("Name the secret {} by the ARN that it has now, in a new revision", used.short_name());
            fixes.push(Fix::new(title, Risk::Medium).making(super::use_instead(used, used.renamed(&arn))));
        }
        let mut words = vec!["aws", "secretsmanager", "create-secret", "--name", used.short_name()];
        if used.region != case.region.region {
            words.extend(["--region", &used.region]);
        }
        words.extend(["--secret-string", "file://value-of-the-secret.json"]);
        let fix = Fix::new(format!("Make the secret {}", used.short_name()), Risk::Low)
            .making(Change::ByHand { commands: vec![command(words)] })
            .noting("put its value into that file first; a new secret has a new ARN, which the definition has to name");
        fixes.push(fix);
        Ok(fixes)
    }
}

/// The ARN of a secret of the same name, if the one that is named was deleted and made again: its last six characters are new.
fn made_anew(used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Option<String> {
    if used.short_name() == used.id || used.is_foreign(case) {
        return None;
    }
    match facts.secret(&used.region, used.short_name()) {
        Ok(Some(secret)) if secret.deleted.is_none() => Some(secret.arn.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, SECRET, Said, a_secret, at, secret};
    use crate::evidence::Known;

    const ID: CauseId = CauseId::SecretNotFound;

    fn absent() -> Fixture {
        Fixture::fargate().absent(secret(SECRET))
    }

    #[test]
    fn a_secret_that_is_not_there_is_at_fault_and_named_without_its_six_characters() {
        let found = absent().finding(ID);
        assert_eq!(found.resources, [SECRET]);
        assert_eq!(found.explanation, "secret prod/db, which container app takes DB_PASSWORD from, does not exist");
        assert_eq!(Fixture::fargate().says(ID), Said::Sound);
    }

    #[test]
    fn a_secret_that_was_made_after_the_stop_was_missing_then() {
        let mut late = a_secret(SECRET, "prod/db");
        late.created = Some(at("11:00"));
        let late = Fixture::fargate().with(secret(SECRET), Known::Secret(late));
        assert_eq!((late.says(ID), late.finding(ID).healed_at), (Said::Healed, Some(at("11:00"))));
        assert_eq!(late.check().says(ID), Said::Sound);
    }

    #[test]
    fn a_parameter_is_no_secret_and_the_credentials_of_a_registry_are_one() {
        let parameter = absent().app(|app| app.secrets[0].value_from = "/prod/db".to_owned());
        assert_eq!(parameter.says(ID), Said::NotApplicable);
        let registry = Fixture::fargate().absent(secret("hub")).app(|app| {
            app.secrets.clear();
            app.repository_credentials = Some("hub".to_owned());
        });
        assert_eq!(registry.finding(ID).resources, ["hub"]);
    }

    #[test]
    fn a_secret_that_may_not_be_described_is_not_absent() {
        absent().hangs_on(ID, &secret(SECRET));
        absent().never_turns(ID);
    }

    #[test]
    fn it_is_made_in_its_own_region_from_a_file_and_never_from_a_value() {
        let there = SECRET.replace("us-east-1", "eu-west-1");
        let question = crate::evidence::Question::Secret { region: "eu-west-1".into(), secret: there.clone() };
        let elsewhere = Fixture::fargate().app(|app| app.secrets[0].value_from = there).absent(question);
        for (fixture, region) in [(absent(), ""), (elsewhere, " --region eu-west-1")] {
            let fixes = fixture.mended(ID);
            let [Change::ByHand { commands }] = fixes[0].changes.as_slice() else { unreachable!() };
            let made = format!(
                "aws secretsmanager create-secret --name prod/db{region} --secret-string file://value-of-the-secret.json"
            );
            assert_eq!(*commands, [made]);
        }
    }

    #[test]
    fn one_of_the_same_name_that_was_made_anew_is_named_instead() {
        let now = SECRET.replace("AbCdEf", "GhIjKl");
        let anew = absent()
            .app(|app| app.secrets[0].value_from = format!("{SECRET}:password::"))
            .with(secret("prod/db"), Known::Secret(a_secret(&now, "prod/db")))
            .with(secret(&now), Known::Secret(a_secret(&now, "prod/db")));
        assert!(anew.finding(ID).explanation.ends_with("with other characters at the end of its ARN"));
        let fixes = anew.mended(ID);
        assert_eq!(
            fixes[0].changes,
            [super::super::use_instead(
                &crate::launch::secrets::secret_uses(&anew.case()).expect("it is known")[0],
                format!("{now}:password::"),
            )]
        );
        assert_eq!(anew.after(&fixes[0]).says(ID), Said::Sound);
    }
}
