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
    let Some(tag) = images.iter().find_map(|image| image.tags.iter().find(|tag| *tag != "latest")) else {
        return Ok(vec![]);
    };
    let new = pull.ecr.image.with_tag(tag);
    let change = Change::UseImage { container: pull.container.clone(), old: pull.ecr.image.text.clone(), new };
    let fix = Fix::new(format!("Run the newest image, `{tag}`, in a new revision"), Risk::Medium)
        .making(change)
        .noting("or push the missing tag: what was to be released is not in the repository");
    Ok(vec![fix])
}
