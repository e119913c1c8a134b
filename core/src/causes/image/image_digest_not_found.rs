//! The repository has no image with such a digest, or had none when the task stopped.

use super::image_tag_not_found::use_newest;
use crate::causes::prelude::*;
use crate::launch::images;
use crate::model::stores::ImageId;

documented! {
/// The repository has no image with the digest that the container names, or that its deployment keeps to.
///
/// # Why a task stops here
/// A digest names one image for ever: when that is deleted, nothing else can stand in for it. Also a container that names a
/// tag comes by a digest: a deployment keeps to what the tag stood for when it began, so that all its tasks are alike. Where
/// that image is deleted since, new tasks fail though the tag is there.
/// # How it is told
/// The repository is asked for the digest of the name, or of the stop reason (`repository:tag@sha256:...`). If its lifecycle
/// policy deleted it, that is said instead.
/// # Prevention
/// Keep deployed digests out of the lifecycle policy (untagged images above all), and make tags immutable.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html>
pub struct ImageDigestNotFound;
}

impl Cause for ImageDigestNotFound {
    type Subject = Pull;
    const ID: CauseId = CauseId::ImageDigestNotFound;
    const READS: &'static [&'static [Source]] = &[images::READS];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let ImageId::Digest(digest) = pull.ecr.image.id() else { return Ok(Verdict::NotApplicable) };
        let (repository, image) = (pull.ecr.repository(facts), pull.ecr.found(facts));
        let name = &pull.ecr.image.repository;
        if repository?.is_none() {
            return Ok(Verdict::NotApplicable);
        }
        let finding = Finding::on([pull.ecr.image.text.clone(), digest.clone(), name.clone()]);
        let finding = finding.in_container(&pull.container);
        if let Some(image) = image? {
            let (Some(moment), Some(pushed)) = (facts.moment(), image.pushed) else { return Ok(Verdict::Sound) };
            if pushed <= moment {
                return Ok(Verdict::Sound);
            }
            let why = format!(
                "image {name}@{digest} was pushed at {pushed:.0}, after the task had stopped, and is there now"
            );
            return Ok(Verdict::Healed(finding.because(why).healed(pushed)));
        }
        if pull.ecr.is_cached(case, facts)? {
            return Ok(Verdict::NotApplicable);
        }
        let kept = if is_pinned(pull) { ", which its deployment keeps to" } else { "" };
        let why = format!("repository {name} has no image with the digest {digest}{kept}");
        Ok(finding.because(why).into())
    }

    fn fixes(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        if !is_pinned(pull) || case.service.is_none() {
            return use_newest(pull, facts);
        }
        let (registry, name) = (&pull.ecr.registry, &pull.ecr.image.repository);
        let tag = pull.ecr.image.tag.clone().map(ImageId::Tag);
        let Some(tag) = tag else { return Ok(vec![]) };
        if facts.image(&registry.region, &registry.account, name, tag.clone())?.is_none() {
            return use_newest(pull, facts);
        }
        let title = format!("Deploy anew: the tag `{}` then stands for what it names today", tag.as_str());
        let fix = Fix::new(title, Risk::Medium)
            .making(Change::TryAgain)
            .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html")
            .noting("all tasks are replaced by that image, which may be another than the one that ran");
        Ok(vec![fix])
    }
}

/// The definition names a tag, and only the deployment the digest.
fn is_pinned(pull: &Pull) -> bool {
    !pull.ecr.image.text.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        Fixture, HOST, IMAGE, Said, at, cache_rule, cache_rules, ecr_image, image, repository,
    };
    use crate::evidence::{Known, Question};

    const ID: CauseId = CauseId::ImageDigestNotFound;

    fn digest() -> String {
        format!("sha256:{}", "ab".repeat(32))
    }

    fn by_digest() -> Question {
        Question::Image {
            region: "us-east-1".into(),
            registry: "111111111111".into(),
            repository: "team/web".into(),
            image: ImageId::Digest(digest()),
        }
    }

    fn named() -> Fixture {
        Fixture::fargate().app(|app| app.image = format!("{HOST}/team/web@{}", digest())).absent(by_digest())
    }

    /// The definition names the tag; the stop names the digest that the deployment keeps to.
    fn pinned() -> Fixture {
        let why = format!(
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {IMAGE}@{0}: \
             {IMAGE}@{0}: not found",
            digest()
        );
        Fixture::fargate().absent(by_digest()).stopped("TaskFailedToStart", &why)
    }

    #[test]
    fn a_digest_that_is_not_there_is_at_fault_whether_the_name_has_it_or_the_deployment() {
        let found = named().finding(ID);
        assert_eq!(found.resources[1..], [digest(), "team/web".to_owned()]);
        assert_eq!(found.explanation, format!("repository team/web has no image with the digest {}", digest()));
        let found = pinned().finding(ID);
        assert_eq!(found.resources[0], IMAGE);
        assert!(found.explanation.ends_with("which its deployment keeps to"), "{}", found.explanation);
        assert_eq!(pinned().says(CauseId::ImageTagNotFound), Said::NotApplicable, "the tag was not asked for");
        assert_eq!(pinned().check().says(ID), Said::NotApplicable, "the next deployment asks for the tag");
        assert_eq!(Fixture::fargate().says(ID), Said::NotApplicable);
    }

    #[test]
    fn one_that_was_pushed_after_the_stop_was_missing_then() {
        for (pushed, said) in [("10:04", Said::Sound), ("10:06", Said::Healed)] {
            let late = named().with(by_digest(), Known::Image(ecr_image("v42", pushed)));
            assert_eq!(late.says(ID), said, "pushed at {pushed}, stopped at 10:05");
            assert_eq!(late.check().says(ID), Said::Sound);
        }
        let late = named().with(by_digest(), Known::Image(ecr_image("v42", "10:30")));
        assert_eq!(late.finding(ID).healed_at, Some(at("10:30")));
    }

    #[test]
    fn without_a_repository_or_with_an_upstream_it_is_another_matter() {
        assert_eq!(named().absent(repository("team/web")).says(ID), Said::NotApplicable);
        let cached = named().with(cache_rules(), Known::PullThroughPrefixes(vec![cache_rule("team")]));
        assert_eq!(cached.says(ID), Said::NotApplicable);
        for question in [by_digest(), repository("team/web"), cache_rules()] {
            named().hangs_on(ID, &question);
        }
        named().never_turns(ID);
        pinned().never_turns(ID);
    }

    #[test]
    fn a_new_deployment_mends_what_was_pinned_and_another_image_what_was_named() {
        assert_eq!(pinned().mended(ID)[0].changes, [Change::TryAgain]);
        let uses =
            |fix: &Fix, tag: &str| matches!(&fix.changes[..], [Change::UseImage { new, .. }] if new.ends_with(tag));
        assert!(uses(&named().mended(ID)[0], "team/web:v42"));
        assert!(uses(&pinned().absent(image("v42")).mended(ID)[0], "team/web:v41"), "the tag is gone, too");
    }
}
