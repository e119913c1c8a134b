//! The repository has no such tag, or had none when the task stopped.

use crate::causes::prelude::*;
use crate::image::nearest;
use crate::launch::images;
use crate::model::stores::{EcrImage, ImageId};

documented! {
/// The repository has no image with the tag that the container names, or had none when the task stopped.
///
/// # Why a task stops here
/// The tag is resolved to a digest before anything is pulled. A tag that was never pushed, or was deleted, ends the launch.
/// # How it is told
/// The repository is asked for the tag. An image that was pushed after the stop did not exist at the stop: the fault was
/// there, and is gone. The newest tag, and those that are like the one wanted, are named.
/// # Prevention
/// Push before you register a revision, name images by digest, and keep deployed tags out of the lifecycle policy.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html>
pub struct ImageTagNotFound;
}

/// Tags that somebody may have meant: the newest one, and the ones that are spelled like it.
fn tags_instead(tag: &str, images: &[EcrImage]) -> String {
    let tags: Vec<&str> = images.iter().flat_map(|image| image.tags.iter().map(String::as_str)).collect();
    let Some(newest) = tags.first() else { return "the repository has no tagged image at all".to_owned() };
    let like: Vec<&str> = nearest(tag, tags.iter().copied(), 3).into_iter().filter(|one| one != newest).collect();
    match like.is_empty() {
        true => format!("the newest is `{newest}`"),
        false => format!("the newest is `{newest}`, and `{}` is like it", like.join("`, `")),
    }
}

impl Cause for ImageTagNotFound {
    type Subject = Pull;
    const ID: CauseId = CauseId::ImageTagNotFound;
    const READS: &'static [&'static [Source]] = &[images::READS, &[Source::Images]];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let ImageId::Tag(tag) = pull.ecr.image.id() else { return Ok(Verdict::NotApplicable) };
        let (repository, image) = (pull.ecr.repository(facts), pull.ecr.found(facts));
        let name = &pull.ecr.image.repository;
        if repository?.is_none() {
            return Ok(Verdict::NotApplicable);
        }
        let finding = Finding::on([pull.ecr.image.text.clone(), name.clone()]).in_container(&pull.container);
        if let Some(image) = image? {
            let (Some(moment), Some(pushed)) = (facts.moment(), image.pushed) else { return Ok(Verdict::Sound) };
            if pushed <= moment {
                return Ok(Verdict::Sound);
            }
            let why = format!(
                "image {name}:{tag} was pushed at {pushed:.0}, after the task had stopped: it was not there, and is now"
            );
            return Ok(Verdict::Healed(finding.because(why).healed(pushed)));
        }
        let (cached, others) = (pull.ecr.is_cached(case, facts), pull.ecr.others(facts));
        if cached? {
            return Ok(Verdict::NotApplicable);
        }
        let instead = match others {
            Ok(images) => tags_instead(&tag, images.map_or(&[], Vec::as_slice)),
            Err(_) => "which others there are could not be read".to_owned(),
        };
        let why = format!("repository {name} has no image tagged `{tag}`; {instead}");
        Ok(finding.because(why).into())
    }

    fn fixes(&self, pull: &Pull, _case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        use_newest(pull, facts)
    }
}

/// Run the newest image that has a tag.
pub(super) fn use_newest(pull: &Pull, facts: &Facts<'_>) -> Fixes {
    let images = pull.ecr.others(facts)?.map_or(&[][..], Vec::as_slice);
    let wanted = pull.ecr.image.tag.as_deref();
    let other = |tag: &&String| *tag != "latest" && Some(tag.as_str()) != wanted;
    // What is in the archive cannot be pulled either.
    let active = images.iter().filter(|image| image.status.as_deref().is_none_or(|status| status == "ACTIVE"));
    let Some(tag) = active.flat_map(|image| &image.tags).find(other) else { return Ok(vec![]) };
    let new = pull.ecr.image.with_tag(tag);
    let change = Change::UseImage { container: pull.container.clone(), old: pull.ecr.image.text.clone(), new };
    let fix = Fix::new(format!("Run the newest image, `{tag}`, in a new revision"), Risk::Medium)
        .making(change)
        .noting("or push the missing tag: what was to be released is not in the repository");
    Ok(vec![fix])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        Fixture, HOST, IMAGE, Said, at, cache_rule, cache_rules, ecr_image, image, images, repository,
    };
    use crate::evidence::Known;
    use crate::model::ecs::ContainerDefinition;

    const ID: CauseId = CauseId::ImageTagNotFound;

    fn never_pushed() -> Fixture {
        let others = vec![ecr_image("v43", "09:30"), ecr_image("v41", "06:30")];
        Fixture::fargate()
            .absent(image("v42"))
            .with(image("v43"), Known::Image(ecr_image("v43", "09:30")))
            .with(images(), Known::Images(others))
    }

    #[test]
    fn a_tag_that_is_not_there_is_at_fault_and_its_neighbours_are_named() {
        let found = never_pushed().finding(ID);
        assert_eq!(found.resources, [IMAGE, "team/web"]);
        assert_eq!(found.container.as_deref(), Some("app"));
        assert_eq!(
            found.explanation,
            "repository team/web has no image tagged `v42`; the newest is `v43`, and `v41` is like it"
        );
        assert_eq!(never_pushed().with(image("v42"), Known::Image(ecr_image("v42", "09:00"))).says(ID), Said::Sound);
    }

    #[test]
    fn an_image_that_was_pushed_after_the_stop_was_missing_then_and_is_there_now() {
        for (pushed, said) in [("10:04", Said::Sound), ("10:05", Said::Sound), ("10:06", Said::Healed)] {
            let late = Fixture::fargate().with(image("v42"), Known::Image(ecr_image("v42", pushed)));
            assert_eq!(late.says(ID), said, "pushed at {pushed}, stopped at 10:05");
            assert_eq!(late.check().says(ID), Said::Sound, "today it is there");
        }
        let late = Fixture::fargate().with(image("v42"), Known::Image(ecr_image("v42", "10:30")));
        assert_eq!(late.finding(ID).healed_at, Some(at("10:30")));
    }

    #[test]
    fn what_has_no_tag_or_no_repository_or_comes_from_upstream_is_not_asked_for_one() {
        let digest = format!("{HOST}/team/web@sha256:{}", "0".repeat(64));
        assert_eq!(Fixture::fargate().app(|app| app.image = digest).says(ID), Said::NotApplicable);
        assert_eq!(Fixture::fargate().app(|app| app.image = "nginx:1".to_owned()).says(ID), Said::NotApplicable);
        assert_eq!(never_pushed().absent(repository("team/web")).says(ID), Said::NotApplicable);
        let cached = |prefix: &str| {
            never_pushed().with(cache_rules(), Known::PullThroughPrefixes(vec![cache_rule(prefix)])).says(ID)
        };
        assert_eq!(
            [cached("team"), cached("ROOT"), cached("tea")],
            [Said::NotApplicable, Said::NotApplicable, Said::Fault]
        );
    }

    #[test]
    fn without_the_image_nothing_is_known_and_without_the_others_only_their_names_are_not() {
        for question in [image("v42"), repository("team/web"), cache_rules()] {
            never_pushed().hangs_on(ID, &question);
        }
        never_pushed().never_turns(ID);
        let found = never_pushed().gap(images()).finding(ID);
        assert!(found.explanation.ends_with("which others there are could not be read"), "{}", found.explanation);
    }

    #[test]
    fn the_newest_image_with_a_tag_of_its_own_mends_it() {
        let use_v43 = Change::UseImage {
            container: "app".to_owned(),
            old: IMAGE.to_owned(),
            new: format!("{HOST}/team/web:v43"),
        };
        let fixes = never_pushed().mended(ID);
        assert_eq!(fixes[0].changes, [use_v43]);
        assert_eq!(never_pushed().after(&fixes[0]).says(ID), Said::Sound);
        let twice = never_pushed().revision(|revision| {
            let sidecar = ContainerDefinition { name: "worker".to_owned(), ..revision.containers[0].clone() };
            revision.containers.push(sidecar);
        });
        assert_eq!(twice.after(&twice.mended(ID)[0]).says(ID), Said::Sound, "both containers of that image are mended");
        let only_latest = never_pushed().with(images(), Known::Images(vec![ecr_image("latest", "09:30")]));
        assert_eq!(only_latest.mended(ID), [], "`latest` is no release");
    }
}
