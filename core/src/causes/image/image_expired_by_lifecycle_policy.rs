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
    const REFINES: Option<CauseId> = Some(CauseId::ImageTagNotFound);

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
