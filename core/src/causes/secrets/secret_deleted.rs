//! The secret is marked for deletion.

use crate::causes::prelude::*;
use crate::launch::secrets::{SecretUse, Store};

documented! {
/// The secret that a container names is marked for deletion, and cannot be read until it is restored.
///
/// # Why a task stops here
/// Secrets Manager keeps a secret for 7 to 30 days after somebody has deleted it. Until then it can be described and
/// restored, and every call for its value fails.
/// # How it is told
/// Secrets Manager describes the secret with the date of its deletion; its value is never read.
/// # Prevention
/// Look at a secret's last access before it is deleted, take a long recovery window, and check services that name it.
/// # AWS
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_restore-secret.html>
pub struct SecretDeleted;
}

impl Cause for SecretDeleted {
    type Subject = SecretUse;
    const ID: CauseId = CauseId::SecretDeleted;
    const READS: &'static [&'static [Source]] = &[&[Source::Secret]];

    fn judge(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if used.store != Store::Secret {
            return Ok(Verdict::NotApplicable);
        }
        let Some(secret) = facts.secret(&used.region, &used.id)? else { return Ok(Verdict::NotApplicable) };
        let since = |at| at <= case.now && facts.moment().is_some_and(|moment| at > moment);
        match secret.deleted {
            None => return Ok(Verdict::Sound),
            // Marked after the stop: it was there then. A date to come is the end of the time in which it can be restored.
            Some(at) if since(at) => return Ok(Verdict::Sound),
            Some(_) => {}
        }
        let why = format!(
            "secret {}, which container {} takes {} from, is marked for deletion",
            used.short_name(),
            used.container,
            used.variable
        );
        Ok(Finding::on([used.id.clone()]).in_container(&used.container).because(why).into())
    }

    fn fixes(&self, used: &SecretUse, _case: &Case<'_>, _facts: &Facts<'_>) -> Fixes {
        let change = Change::RestoreSecret { region: used.region.clone(), secret: used.id.clone() };
        let fix = Fix::new(format!("Restore the secret {}", used.short_name()), Risk::Low)
            .making(change)
            .documented_at("https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_restore-secret.html")
            .noting("somebody deleted it: tell them that it is in use");
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, SECRET, Said, a_secret, at, secret};
    use crate::evidence::Known;

    const ID: CauseId = CauseId::SecretDeleted;

    fn deleted() -> Fixture {
        let mut found = a_secret(SECRET, "prod/db");
        found.deleted = Some(at("09:00"));
        Fixture::fargate().with(secret(SECRET), Known::Secret(found))
    }

    #[test]
    fn one_that_was_marked_after_the_stop_did_not_stop_it_and_stops_the_next() {
        let deleted = |time: &str| {
            let found = crate::model::stores::Secret { deleted: Some(at(time)), ..a_secret(SECRET, "prod/db") };
            Fixture::fargate().with(secret(SECRET), Known::Secret(found))
        };
        assert_eq!([deleted("10:30").says(ID), deleted("10:30").check().says(ID)], [Said::Sound, Said::Fault]);
        assert_eq!(deleted("18:00").says(ID), Said::Fault, "a date to come says when it will be gone");
    }

    #[test]
    fn a_secret_that_is_marked_for_deletion_is_at_fault_and_no_other_cause_is() {
        let found = deleted().finding(ID);
        assert_eq!(found.resources, [SECRET]);
        let why = "secret prod/db, which container app takes DB_PASSWORD from, is marked for deletion";
        assert_eq!(found.explanation, why);
        assert_eq!(deleted().check().says(ID), Said::Fault);
        assert_eq!(deleted().says(CauseId::SecretNotFound), Said::Sound);
        assert_eq!(deleted().says(CauseId::SecretVersionNotFound), Said::NotApplicable);
        assert_eq!(Fixture::fargate().says(ID), Said::Sound);
    }

    #[test]
    fn an_absent_secret_and_a_parameter_are_other_causes() {
        assert_eq!(deleted().absent(secret(SECRET)).says(ID), Said::NotApplicable);
        assert_eq!(deleted().app(|app| app.secrets[0].value_from = "/a".to_owned()).says(ID), Said::NotApplicable);
    }

    #[test]
    fn it_hangs_on_the_secret_and_restoring_mends_it() {
        deleted().hangs_on(ID, &secret(SECRET));
        let fixes = deleted().mended(ID);
        assert!(matches!(&fixes[0].changes[..], [Change::RestoreSecret { secret, .. }] if secret == SECRET));
    }
}
