//! The image was there, and the repository's lifecycle policy deleted it.

use super::image_tag_not_found::use_newest;
use crate::causes::prelude::*;
use crate::launch::images;
use crate::model::stores::{ExpiredImage, ImageId};

documented! {
/// The image was there, and the repository's lifecycle policy has deleted it.
///
/// # Why a task stops here
/// A lifecycle policy deletes images by age or by number, also those that a service still runs or may be rolled back to.
/// Running tasks go on; the next one that starts finds no image.
/// # How it is told
/// The image is not there, the repository has a lifecycle policy, and CloudTrail (90 days) has the event in which ECR says
/// that the policy deleted it. Without that event the tag may as well never have been pushed.
/// # Prevention
/// Write rules by tag prefix that spare what is deployed, try them with a preview, and keep a number of releases.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html>
pub struct ImageExpiredByLifecyclePolicy;
}

impl Cause for ImageExpiredByLifecyclePolicy {
    type Subject = Pull;
    const ID: CauseId = CauseId::ImageExpiredByLifecyclePolicy;
    const READS: &'static [&'static [Source]] =
        &[images::READS, &[Source::LifecyclePolicy, Source::ExpiredImages, Source::Images]];
    const REFINES: &'static [CauseId] = &[CauseId::ImageTagNotFound, CauseId::ImageDigestNotFound];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let (repository, image) = (pull.ecr.repository(facts), pull.ecr.found(facts));
        if repository?.is_none() {
            return Ok(Verdict::NotApplicable);
        }
        if image?.is_some() {
            return Ok(Verdict::Sound);
        }
        let (registry, name) = (&pull.ecr.registry, &pull.ecr.image.repository);
        let policy = facts.lifecycle_policy(&registry.region, &registry.account, name);
        // The trail of another account is not this one's to read.
        let deleted = match pull.ecr.is_foreign(case) {
            true => Ok(None),
            false => facts.expired_images(&registry.region, name),
        };
        if policy?.is_none() {
            return Ok(Verdict::NotApplicable);
        }
        let id = pull.ecr.image.id();
        let it = |one: &&ExpiredImage| match &id {
            ImageId::Tag(tag) => one.tags.contains(tag),
            ImageId::Digest(digest) => one.digest.as_ref() == Some(digest),
        };
        // Deleted after the stop, it is not why the task stopped.
        let before = |one: &&ExpiredImage| facts.moment().is_none_or(|moment| one.at <= moment);
        let Some(found) = deleted?.and_then(|all| all.iter().filter(before).find(it)) else {
            return Ok(Verdict::Sound);
        };
        let why =
            format!("the lifecycle policy of repository {name} deleted the image `{}` at {:.0}", id.as_str(), found.at);
        let resources = [pull.ecr.image.text.clone(), name.clone()];
        Ok(Finding::on(resources).in_container(&pull.container).because(why).into())
    }

    fn fixes(&self, pull: &Pull, _case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let mut fixes = use_newest(pull, facts)?;
        for fix in &mut fixes {
            fix.docs = Some("https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html".to_owned());
            fix.note = Some(
                "a deleted image cannot be restored: build and push it again if it is the one you want".to_owned(),
            );
        }
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        Fixture, HOST, IMAGE, Said, at, ecr_image, expired_images, image, images, lifecycle_policy, repository,
    };
    use crate::evidence::Known;
    use crate::model::stores::LifecyclePolicy;

    const ID: CauseId = CauseId::ImageExpiredByLifecyclePolicy;

    fn deleted(tag: &str, time: &str) -> Fixture {
        let event = ExpiredImage { at: at(time), digest: None, tags: vec![tag.to_owned()] };
        let policy = LifecyclePolicy { text: "{}".to_owned(), evaluated: None };
        Fixture::fargate()
            .absent(image("v42"))
            .with(image("v41"), Known::Image(ecr_image("v41", "06:30")))
            .with(images(), Known::Images(vec![ecr_image("v41", "06:30")]))
            .with(lifecycle_policy(), Known::LifecyclePolicy(policy))
            .with(expired_images(), Known::ExpiredImages(vec![event]))
    }

    #[test]
    fn the_trail_shows_that_the_policy_deleted_the_image() {
        let found = deleted("v42", "09:45").finding(ID);
        assert_eq!(found.resources, [IMAGE, "team/web"]);
        assert!(
            found.explanation.starts_with("the lifecycle policy of repository team/web deleted the image `v42` at ")
        );
        assert_eq!(deleted("v42", "09:45").says(CauseId::ImageTagNotFound), Said::Fault, "the general case holds too");
    }

    #[test]
    fn what_was_deleted_otherwise_or_later_is_not_the_policys_doing() {
        for (tag, time, why) in [("v40", "09:45", "another image"), ("v42", "10:06", "after the stop")] {
            assert_eq!(deleted(tag, time).says(ID), Said::Sound, "{why}");
        }
        assert_eq!(deleted("v42", "10:06").check().says(ID), Said::Fault, "for the next launch it is gone");
        let there = deleted("v42", "09:45").with(image("v42"), Known::Image(ecr_image("v42", "09:50")));
        assert_eq!(there.says(ID), Said::Sound, "it was pushed again");
        assert_eq!(deleted("v42", "09:45").absent(lifecycle_policy()).says(ID), Said::NotApplicable);
        assert_eq!(deleted("v42", "09:45").absent(repository("team/web")).says(ID), Said::NotApplicable);
    }

    #[test]
    fn an_image_named_by_its_digest_is_found_by_it() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        let event = ExpiredImage { at: at("09:45"), digest: Some(digest.clone()), tags: vec![] };
        let named = deleted("v42", "09:45").app(|app| app.image = format!("{HOST}/team/web@{digest}")).absent(
            crate::evidence::Question::Image {
                region: "us-east-1".into(),
                registry: "111111111111".into(),
                repository: "team/web".into(),
                image: ImageId::Digest(digest.clone()),
            },
        );
        assert_eq!(named.says(ID), Said::Sound);
        assert_eq!(named.with(expired_images(), Known::ExpiredImages(vec![event])).says(ID), Said::Fault);
    }

    #[test]
    fn it_is_not_known_without_the_image_the_policy_and_the_trail() {
        for question in [image("v42"), lifecycle_policy(), expired_images()] {
            deleted("v42", "09:45").hangs_on(ID, &question);
        }
        deleted("v42", "09:45").never_turns(ID);
    }

    #[test]
    fn another_image_mends_it_and_says_that_this_one_cannot_be_restored() {
        let fixes = deleted("v42", "09:45").mended(ID);
        assert!(matches!(fixes[0].changes.as_slice(), [Change::UseImage { new, .. }] if new.ends_with("team/web:v41")));
        assert!(fixes[0].note.as_ref().is_some_and(|note| note.contains("cannot be restored")));
    }
}
