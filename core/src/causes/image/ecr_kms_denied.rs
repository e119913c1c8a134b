//! The repository's key is out of use.

use crate::causes::prelude::*;
use crate::causes::secrets::{key_words, restore_key};
use crate::launch::images;
use crate::launch::keys::{self, State};
use crate::model::Unknown;
use crate::model::stores::Grant;
use crate::symptom::Strength;

documented! {
/// The repository is encrypted with a KMS key that is disabled, waits for its deletion, is gone, or is closed to ECR.
///
/// # Why a task stops here
/// ECR decrypts an image's layers with grants that it took on the key when the repository was made; the role that pulls
/// needs no right on it. A key that is out of use decrypts for nobody, and neither does ECR once its grants are revoked.
/// # How it is told
/// The repository names its key, and KMS tells its state. Its grants are looked at where the stop speaks of the key.
/// # Prevention
/// Deny `kms:ScheduleKeyDeletion`, `kms:DisableKey` and `kms:RevokeGrant` on keys of repositories. The encryption of a
/// repository cannot be changed: where the key is gone, its images have to be built and pushed again, into a new
/// repository.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html>
pub struct EcrKmsDenied;
}

/// The key of the repository, where it has one that is not ECR's default encryption.
fn key_of<'e>(pull: &Pull, facts: &Facts<'e>) -> Result<Option<&'e String>, Unknown> {
    Ok(pull.ecr.repository(facts)?.and_then(|repository| repository.kms_key.as_ref()))
}

/// A grant for ECR: to the service itself, or for the context of a repository.
fn is_of_ecr(grant: &Grant) -> bool {
    let named = |text: &String| text.contains("ecr");
    named(&grant.grantee) || grant.context.keys().chain(grant.context.values()).any(named)
}

impl Cause for EcrKmsDenied {
    type Subject = Pull;
    const ID: CauseId = CauseId::EcrKmsDenied;
    const READS: &'static [&'static [Source]] = &[images::READS, keys::READS];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let (region, name) = (&pull.ecr.registry.region, &pull.ecr.image.repository);
        let Some(key) = key_of(pull, facts)? else { return Ok(Verdict::NotApplicable) };
        let asked = keys::named(case, region, key);
        let claimed = case.symptom.as_ref().is_some_and(|symptom| symptom.strength(Self::ID) > Some(Strength::Allows));
        let state = keys::state(case, facts, region, key)?;
        let resources = [asked.clone(), name.clone(), pull.ecr.image.text.clone()];
        let finding = Finding::on(resources).in_container(&pull.container);
        let id = asked.rsplit('/').next().unwrap_or(&asked).to_owned();
        match state {
            State::Gone => {
                let why = format!("key {id}, with which repository {name} is encrypted, does not exist any more");
                Ok(finding.because(why).into())
            }
            State::Unusable(key) => {
                let why = format!("key {id}, with which repository {name} is encrypted, {}", key_words(&key));
                Ok(finding.because(why).into())
            }
            State::Managed => Ok(Verdict::Sound),
            State::Enabled { .. } => match claimed.then(|| facts.key_grants(region, &asked)).transpose()?.flatten() {
                Some(all) if !all.iter().any(is_of_ecr) => {
                    let why =
                        format!("key {id}, with which repository {name} is encrypted, has no grant for ECR any more");
                    Ok(Verdict::AsTold(finding.because(why)))
                }
                _ => Ok(Verdict::Sound),
            },
        }
    }

    fn fixes(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let region = &pull.ecr.registry.region;
        let Some(key) = key_of(pull, facts)? else { return Ok(vec![]) };
        if let State::Unusable(found) = keys::state(case, facts, region, key)?
            && let Some(fix) = restore_key(case, region, key, &found)
        {
            return Ok(vec![fix]);
        }
        let fix = Fix::new("Build the image again and push it to a new repository", Risk::Medium)
            .making(Change::ByHand { commands: vec![] })
            .documented_at("https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html")
            .noting(
                "what the key encrypted cannot be read again, and the encryption of a repository cannot be changed",
            );
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, REGION, REPOSITORY, Said, at, repository};
    use crate::evidence::{Known, Question};
    use crate::model::stores::{Key, Repository};

    const ID: CauseId = CauseId::EcrKmsDenied;
    const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    fn key() -> Question {
        Question::Key { region: REGION.into(), key: KEY.into() }
    }

    fn grants() -> Question {
        Question::KeyGrants { region: REGION.into(), key: KEY.into() }
    }

    fn in_state(state: &str) -> Fixture {
        let found = Repository {
            name: "team/web".into(),
            arn: REPOSITORY.into(),
            immutable: false,
            kms_key: Some(KEY.into()),
            created: Some(at("06:00")),
        };
        let state = Key { arn: KEY.into(), state: state.into(), aws_managed: false, deletion: Some(at("12:30")) };
        Fixture::fargate().with(repository("team/web"), Known::Repository(found)).with(key(), Known::Key(state))
    }

    #[test]
    fn a_key_that_is_out_of_use_or_gone_is_at_fault() {
        assert_eq!(in_state("Enabled").says(ID), Said::Sound);
        assert_eq!(Fixture::fargate().says(ID), Said::NotApplicable, "encrypted as S3 does it");
        let found = in_state("Disabled").finding(ID);
        assert_eq!(found.resources, [KEY, "team/web", IMAGE]);
        assert!(found.explanation.ends_with("is disabled, so that nobody can decrypt with it"));
        assert!(in_state("PendingDeletion").finding(ID).explanation.contains("waits for its deletion at"));
        let gone = in_state("Enabled").absent(key());
        assert!(gone.finding(ID).explanation.ends_with("does not exist any more"));
        assert!(gone.mended(ID)[0].is_by_hand());
    }

    #[test]
    fn its_grants_count_where_the_stop_speaks_of_the_key() {
        let none = in_state("Enabled").with(grants(), Known::KeyGrants(vec![]));
        assert_eq!(none.says(ID), Said::Sound);
        let stopped = none.stopped(
            "TaskFailedToStart",
            "CannotPullContainerError: failed to copy: KmsException: access to the key is denied",
        );
        assert_eq!(stopped.says(ID), Said::AsTold);
        let context = [("aws:ecr:arn".to_owned(), REPOSITORY.to_owned())].into_iter().collect();
        let grant =
            Grant { grantee: "arn:aws:iam::111111111111:root".into(), operations: vec!["Decrypt".into()], context };
        assert_eq!(stopped.with(grants(), Known::KeyGrants(vec![grant])).says(ID), Said::Sound);
    }

    #[test]
    fn it_hangs_on_repository_and_key_and_enabling_the_key_mends_it() {
        for state in ["Disabled", "PendingDeletion"] {
            let fixture = in_state(state);
            fixture.hangs_on(ID, &repository("team/web"));
            fixture.hangs_on(ID, &key());
            assert_eq!(fixture.after(&fixture.mended(ID)[0]).says(ID), Said::Sound);
        }
    }
}
