//! The secret has no such version.

use crate::causes::prelude::*;
use crate::change::{StoreChange, command};
use crate::launch::secrets::{SecretUse, Store};
use crate::model::stores::Secret;

documented! {
/// The secret is there, and has no value under the version or staging label that is asked for.
///
/// # Why a task stops here
/// A reference may end in `:key:label:version`. Without a label the value labelled `AWSCURRENT` is meant; a secret whose
/// value was never set has none, `AWSPREVIOUS` comes with the second value, and an old version goes once no label is on
/// it. An ARN with some of the three fields and not all of their colons names something else than was meant.
/// # How it is told
/// Secrets Manager lists the versions and their labels; a version without a label is looked for among all of them. No
/// value is read.
/// # Prevention
/// Name no version in a definition: a new task takes the current value. Where a stage is named, write all ten fields.
/// # AWS
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>
pub struct SecretVersionNotFound;
}

/// The label that is meant where none is named.
const CURRENT: &str = "AWSCURRENT";
/// How long a version's id is. <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>
const ID_LENGTH: std::ops::RangeInclusive<usize> = 32..=64;

fn has_label(secret: &Secret, label: &str) -> bool {
    secret.versions.values().flatten().any(|one| one == label)
}

/// What is wrong with the text of a reference, whatever the secret is like.
fn misspelt(used: &SecretUse) -> Option<String> {
    if used.miscounted {
        return Some("has neither seven fields nor ten: an ARN with a key is written `ARN:key:label:version`, with all three colons".to_owned());
    }
    let version = used.version.as_deref().filter(|version| !ID_LENGTH.contains(&version.len()))?;
    Some(format!("asks for version `{version}`, which is not the id of a version"))
}

impl Cause for SecretVersionNotFound {
    type Subject = SecretUse;
    const ID: CauseId = CauseId::SecretVersionNotFound;
    const READS: &'static [&'static [Source]] = &[&[Source::Secret, Source::SecretVersions, Source::TaskDefinition]];

    fn judge(&self, used: &SecretUse, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if used.store != Store::Secret {
            return Ok(Verdict::NotApplicable);
        }
        let at = |why: String| {
            let mut resources = vec![used.id.clone()];
            resources.extend(Some(used.text.clone()).filter(|text| *text != used.id));
            let what = format!("what container {} takes {} from", used.container, used.variable);
            Finding::on(resources).in_container(&used.container).because(format!("{what} {why}"))
        };
        if let Some(why) = misspelt(used) {
            // What is read of a definition is its evidence.
            if let Some(arn) = &case.definition_arn {
                let _ = facts.task_definition(arn.as_str());
            }
            return Ok(at(format!("({}) {why}", used.text)).into());
        }
        let ids = used.version.as_ref().map(|_| facts.secret_versions(&used.region, &used.id));
        let Some(secret) = facts.secret(&used.region, &used.id)? else { return Ok(Verdict::NotApplicable) };
        if secret.deleted.is_some() {
            return Ok(Verdict::NotApplicable);
        }
        let name = used.short_name();
        let Some(version) = &used.version else {
            let label = used.stage.as_deref().unwrap_or(CURRENT);
            return Ok(match (has_label(secret, label), secret.versions.is_empty()) {
                (true, _) => Verdict::Sound,
                (false, true) => at(format!("is secret {name}, which has no value yet")).into(),
                (false, false) => at(format!("is secret {name}, and no version of it is labelled {label}")).into(),
            });
        };
        let labels = secret.versions.get(version);
        let is_there = match (labels, ids.transpose()?) {
            (Some(_), _) => true,
            (None, listed) => listed.flatten().is_some_and(|all| all.contains(version)),
        };
        let labelled = |label: &String| labels.is_some_and(|labels| labels.contains(label));
        Ok(match &used.stage {
            _ if !is_there => at(format!("is secret {name}, which has no version {version}")).into(),
            Some(label) if !labelled(label) => {
                at(format!("is secret {name}, whose version {version} is not labelled {label}")).into()
            }
            _ => Verdict::Sound,
        })
    }

    fn fixes(&self, used: &SecretUse, _case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(secret) = facts.secret(&used.region, &used.id)? else { return Ok(vec![]) };
        let name = used.short_name();
        let pinned = used.stage.is_some() || used.version.is_some() || used.miscounted;
        if pinned && has_label(secret, CURRENT) {
            let new = used.key.as_ref().map_or_else(|| used.id.clone(), |key| format!("{}:{key}::", used.id));
            let change = super::use_instead(used, new);
            let fix = Fix::new(format!("Take the current value of secret {name}, in a new revision"), Risk::Medium)
                .making(change)
                .noting("somebody asked for another version on purpose: is the current value the right one?");
            return Ok(vec![fix]);
        }
        let label = used.stage.as_deref().unwrap_or(CURRENT);
        if let (Some((version, _)), 1) = (secret.versions.first(), secret.versions.len()) {
            let change = StoreChange::MoveStage {
                region: used.region.clone(),
                secret: used.id.clone(),
                stage: label.to_owned(),
                version: version.clone(),
            };
            let fix = Fix::new(format!("Label the only version of secret {name} {label}"), Risk::Medium);
            return Ok(vec![fix.making(Change::Store(change))]);
        }
        let mut words =
            vec!["aws", "secretsmanager", "put-secret-value", "--secret-id", &used.id, "--region", &used.region];
        words.extend(["--secret-string", "file://value-of-the-secret.json"]);
        let fix = Fix::new(format!("Give secret {name} a value"), Risk::Low)
            .making(Change::ByHand { commands: vec![command(words)] })
            .noting("put the value into that file first");
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REGION, SECRET, Said, a_secret, secret};
    use crate::evidence::{Known, Question};

    const ID: CauseId = CauseId::SecretVersionNotFound;
    const FIRST: &str = "11111111-1111-1111-1111-111111111111";
    const OLD: &str = "00000000-0000-0000-0000-000000000000";

    fn versions() -> Question {
        Question::SecretVersions { region: REGION.into(), secret: SECRET.into() }
    }

    fn asking(rest: &str) -> Fixture {
        let mut found = a_secret(SECRET, "prod/db");
        found.versions = [(FIRST.to_owned(), vec![CURRENT.to_owned()])].into_iter().collect();
        Fixture::fargate()
            .with(secret(SECRET), Known::Secret(found))
            .with(versions(), Known::SecretVersions(vec![FIRST.to_owned(), OLD.to_owned()]))
            .app(|app| app.secrets[0].value_from = format!("{SECRET}{rest}"))
    }

    #[test]
    fn label_and_version_must_be_there_and_the_fields_complete() {
        let none = "22222222-2222-2222-2222-222222222222";
        for (rest, said, why) in [
            (String::new(), Said::Sound, "the current one"),
            ("::AWSCURRENT:".to_owned(), Said::Sound, "by its label"),
            ("::AWSPREVIOUS:".to_owned(), Said::Fault, "there was one value only"),
            (format!(":::{FIRST}"), Said::Sound, "by its id"),
            (format!(":::{OLD}"), Said::Sound, "without a label, and still there"),
            (format!(":::{none}"), Said::Fault, "gone"),
            (format!("::AWSCURRENT:{OLD}"), Said::Fault, "two that are not the same"),
            (":::v1".to_owned(), Said::Fault, "no id at all"),
            (":password".to_owned(), Said::Fault, "eight fields"),
            (":password::".to_owned(), Said::Sound, "ten"),
        ] {
            assert_eq!(asking(&rest).says(ID), said, "{rest}: {why}");
        }
        let found = asking("::AWSPREVIOUS:").finding(ID);
        assert_eq!(found.resources, [SECRET.to_owned(), format!("{SECRET}::AWSPREVIOUS:")]);
        assert!(found.explanation.ends_with("is secret prod/db, and no version of it is labelled AWSPREVIOUS"));
    }

    #[test]
    fn a_secret_without_a_value_has_no_current_version() {
        let mut empty = a_secret(SECRET, "prod/db");
        empty.versions.clear();
        let empty = Fixture::fargate().with(secret(SECRET), Known::Secret(empty));
        assert!(empty.finding(ID).explanation.ends_with("is secret prod/db, which has no value yet"));
        assert!(empty.mended(ID)[0].is_by_hand());
    }

    #[test]
    fn what_was_not_read_may_hold_the_version() {
        asking("::AWSPREVIOUS:").hangs_on(ID, &secret(SECRET));
        asking(&format!(":::{OLD}")).hangs_on(ID, &versions());
        asking("::AWSPREVIOUS:").never_turns(ID);
        asking(&format!(":::{OLD}")).never_turns(ID);
        assert_eq!(asking("").absent(secret(SECRET)).says(ID), Said::NotApplicable);
    }

    #[test]
    fn the_current_value_mends_it_and_a_label_is_put_where_it_is_missing() {
        let fixes = asking(":password:AWSPREVIOUS:").mended(ID);
        let [Change::Store(StoreChange::UseReference { new, .. })] = &fixes[0].changes[..] else { unreachable!() };
        assert_eq!(*new, format!("{SECRET}:password::"));
        assert_eq!(asking(":password:AWSPREVIOUS:").after(&fixes[0]).says(ID), Said::Sound);
        let mut lost = a_secret(SECRET, "prod/db");
        lost.versions = [(FIRST.to_owned(), vec!["AWSPENDING".to_owned()])].into_iter().collect();
        let lost = Fixture::fargate().with(secret(SECRET), Known::Secret(lost));
        assert_eq!(lost.after(&lost.mended(ID)[0]).says(ID), Said::Sound);
    }
}
