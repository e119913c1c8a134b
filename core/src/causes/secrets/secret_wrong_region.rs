//! The secret or parameter is in another region.

use crate::causes::prelude::*;
use crate::change::command;
use crate::evidence::Read;
use crate::launch::secrets::{SecretUse, Store, other_regions};
use crate::model::Unknown;

documented! {
/// The secret or parameter is not in the region in which it is looked for, and one of the same name is in another.
///
/// # Why a task stops here
/// Secrets and parameters live in one region. A full ARN is asked for in the region that it names; a parameter's name
/// alone is asked for in the task's own. A definition that was copied to another region looks for them where they are
/// not.
/// # How it is told
/// Where a name is known to be absent, the same name is looked for in the task's region, in those that the definition
/// names, and in a few where many accounts have begun.
/// # Prevention
/// Replicate secrets to every region in which tasks run, and take ARNs from the stack of that region.
/// # AWS
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html>
pub struct SecretWrongRegion;
}

/// What is in another region: where, and its ARN.
fn found(used: &SecretUse, region: &str, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<String>, Unknown> {
    Ok(match used.store {
        Store::Secret => facts.secret(region, used.short_name())?.map(|secret| secret.arn.clone()),
        Store::Parameter => {
            let there = SecretUse { region: region.to_owned(), account: None, ..used.clone() };
            let arn = there.parameter_arn(case);
            facts.parameter(region, &used.id)?.map(|parameter| parameter.arn.clone().unwrap_or(arn))
        }
    })
}

/// The region that has it, with its ARN there; none if the reference is sound, or none has it.
fn elsewhere(used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<(String, String)>, Unknown> {
    let here: Read<'_, ()> = match used.store {
        Store::Secret => facts.secret(&used.region, &used.id).map(|found| found.map(|_| &())),
        Store::Parameter => facts.parameter(&used.region, &used.id).map(|found| found.map(|_| &())),
    };
    if here?.is_some() {
        return Ok(None);
    }
    let regions = other_regions(case, used);
    let others: Vec<_> = regions.iter().map(|region| (region, found(used, region, case, facts))).collect();
    // Under other characters at the end it is a secret that was made anew, and the region is right.
    if used.store == Store::Secret
        && used.short_name() != used.id
        && facts.secret(&used.region, used.short_name())?.is_some()
    {
        return Ok(None);
    }
    for (region, found) in &others {
        if let Ok(Some(arn)) = found {
            return Ok(Some(((*region).clone(), arn.clone())));
        }
    }
    for (_, found) in others {
        found?;
    }
    Ok(None)
}

impl Cause for SecretWrongRegion {
    type Subject = SecretUse;
    const ID: CauseId = CauseId::SecretWrongRegion;
    const READS: &'static [&'static [Source]] = &[&[Source::Secret, Source::Parameter]];

    fn judge(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        // By its name alone a thing is looked for in this account.
        if used.is_foreign(case) {
            return Ok(Verdict::NotApplicable);
        }
        let Some((region, arn)) = elsewhere(used, case, facts)? else { return Ok(Verdict::Sound) };
        let (what, general) = match used.store {
            Store::Secret => ("secret", CauseId::SecretNotFound),
            Store::Parameter => ("parameter", CauseId::ParameterNotFound),
        };
        let why = format!(
            "{what} {}, which container {} takes {} from, is in {region} and not in {}",
            used.short_name(),
            used.container,
            used.variable,
            used.region
        );
        Ok(Finding::on([used.id.clone(), arn]).in_container(&used.container).in_place_of(general).because(why).into())
    }

    fn fixes(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some((region, arn)) = elsewhere(used, case, facts)? else { return Ok(vec![]) };
        let name = used.short_name();
        let new = used.renamed(&arn);
        let fix = Fix::new(format!("Name {name} by its full ARN in {region}, in a new revision"), Risk::Medium)
            .making(super::use_instead(used, new))
            .noting("the task must reach that region, and its execution role must be allowed there");
        let mut fixes = vec![fix];
        if used.store == Store::Secret {
            let place = format!("Region={}", used.region);
            let words =
                ["aws", "secretsmanager", "replicate-secret-to-regions", "--secret-id", &arn, "--region", &region];
            let commands = vec![command(words.into_iter().chain(["--add-replica-regions", &place]))];
            let replica = Fix::new(format!("Replicate {name} to {}", used.region), Risk::Low)
                .making(Change::ByHand { commands })
                .noting("a replica has the ARN of its original, but for the region: the definition may have to name it anew");
            fixes.push(replica);
        }
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, SECRET, Said, a_secret, secret};
    use crate::change::StoreChange;
    use crate::evidence::{Known, Question};
    use crate::model::stores::Parameter;

    const ID: CauseId = CauseId::SecretWrongRegion;

    fn there(region: &str, id: &str) -> Question {
        Question::Secret { region: region.into(), secret: id.into() }
    }

    /// The definition names the task's region, and the secret is in eu-west-1.
    fn copied() -> Fixture {
        let arn = SECRET.replace("us-east-1", "eu-west-1").replace("AbCdEf", "GhIjKl");
        Fixture::fargate()
            .absent(secret(SECRET))
            .absent(secret("prod/db"))
            .with(there("eu-west-1", "prod/db"), Known::Secret(a_secret(&arn, "prod/db")))
            .with(there("eu-west-1", &arn), Known::Secret(a_secret(&arn, "prod/db")))
            .absent(there("us-west-2", "prod/db"))
    }

    fn named_alone() -> Fixture {
        let parameter = |region: &str| Question::Parameter { region: region.into(), parameter: "/prod/db".into() };
        let arn = "arn:aws:ssm:us-west-2:111111111111:parameter/prod/db";
        let found = Parameter {
            name: "/prod/db".into(),
            arn: Some(arn.into()),
            kind: "String".into(),
            kms_key: None,
            modified: None,
            version: Some(1),
        };
        Fixture::fargate()
            .app(|app| app.secrets[0].value_from = "/prod/db".into())
            .absent(parameter("us-east-1"))
            .absent(parameter("eu-west-1"))
            .with(parameter("us-west-2"), Known::Parameter(found))
    }

    #[test]
    fn a_secret_of_the_same_name_in_another_region_is_meant() {
        let found = copied().finding(ID);
        assert_eq!(found.resources[0], SECRET);
        assert_eq!(
            found.explanation,
            "secret prod/db, which container app takes DB_PASSWORD from, is in eu-west-1 and not in us-east-1"
        );
        assert_eq!(found.instead_of, Some(CauseId::SecretNotFound));
        assert_eq!(Fixture::fargate().says(ID), Said::Sound);
        let anew = copied().with(secret("prod/db"), Known::Secret(a_secret(SECRET, "prod/db")));
        assert_eq!(anew.says(ID), Said::Sound, "it was made anew in its own region");
        assert_eq!(copied().absent(there("eu-west-1", "prod/db")).says(ID), Said::Sound, "it is nowhere");
    }

    #[test]
    fn a_parameter_that_is_named_without_its_region_is_looked_for_in_the_tasks_own() {
        assert_eq!(named_alone().finding(ID).instead_of, Some(CauseId::ParameterNotFound));
        let fixes = named_alone().mended(ID);
        let [Change::Store(StoreChange::UseReference { new, .. })] = &fixes[0].changes[..] else { unreachable!() };
        assert_eq!(new, "arn:aws:ssm:us-west-2:111111111111:parameter/prod/db");
        named_alone().never_turns(ID);
    }

    #[test]
    fn a_region_that_may_not_be_asked_leaves_it_open() {
        copied().hangs_on(ID, &secret(SECRET));
        copied().hangs_on(ID, &secret("prod/db"));
        copied().hangs_on(ID, &there("eu-west-1", "prod/db"));
        copied().never_turns(ID);
        let foreign = copied().app(|app| app.secrets[0].value_from = SECRET.replace("111111111111", "222222222222"));
        assert_eq!(foreign.says(ID), Said::NotApplicable);
    }

    #[test]
    fn the_full_arn_mends_it_with_its_key_kept() {
        let fixture = copied().app(|app| app.secrets[0].value_from = format!("{SECRET}:password::"));
        let fixes = fixture.mended(ID);
        let [Change::Store(StoreChange::UseReference { new, .. })] = &fixes[0].changes[..] else { unreachable!() };
        assert!(new.starts_with("arn:aws:secretsmanager:eu-west-1:") && new.ends_with("-GhIjKl:password::"), "{new}");
        assert!(fixes[1].is_by_hand());
    }
}
