//! Only a digest names one image.

use super::prelude::*;

documented! {
/// A container names its image by a tag, and not by its digest.
///
/// # Why
/// Only a digest is the same image for ever. ECS resolves a tag to a digest once a deployment of a service, so that its
/// tasks run the same; the next deployment, a task run by hand and one on a schedule resolve it anew. A tag can also be
/// deleted under a revision that still names it.
/// # When it is said
/// Where an image of ECR is named by a tag and its digest can be read: both are printed.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html>
pub struct ImageNotPinned;
}

impl Advice for ImageNotPinned {
    const ID: &'static str = "image-not-pinned";
    const TITLE: &'static str = "Pin images by their digest";
    const READS: &'static [&'static [Source]] = &[images::READS];

    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> Advised {
        let mut pinned: Vec<String> = vec![];
        for used in ecr_uses(case)?.iter().filter(|used| used.image.digest.is_none()) {
            let Ok(Some(image)) = used.found(facts) else { continue };
            pinned.push(format!("{}@{}", used.image.text, image.digest));
        }
        if pinned.is_empty() {
            return Ok(None);
        }
        let why = format!("a tag may name another image tomorrow; today it is {}", some_of(&pinned));
        Ok(Some(Tip::on(pinned).because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::{silent_without, tip};
    use crate::causes::fixture::{Fixture, HOST, IMAGE, image};

    #[test]
    fn an_image_by_its_tag_is_told_with_its_digest() {
        let found = tip(ImageNotPinned::ID, &Fixture::fargate()).expect("it is named by a tag");
        assert_eq!(found.resources, [format!("{IMAGE}@sha256:{:0>64}", "v42")]);
        silent_without(ImageNotPinned::ID, &Fixture::fargate(), &image("v42"));
    }

    #[test]
    fn a_digest_is_well() {
        let pinned = Fixture::fargate().app(|app| app.image = format!("{HOST}/team/web@sha256:{}", "a".repeat(64)));
        assert_eq!(tip(ImageNotPinned::ID, &pinned), None);
    }
}
