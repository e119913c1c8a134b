//! `latest` names another image every day.

use super::prelude::*;

documented! {
/// A container runs the tag `latest`, or names no tag at all, which means the same.
///
/// # Why
/// Whoever pushes next decides what the next task runs: a task that is replaced at night runs something else than its
/// siblings, a roll-back goes nowhere, and nobody can say what ran.
/// # When it is said
/// Where an image is named with the tag `latest`, or without tag and digest, in any registry.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-considerations.html>
pub struct ImageTagLatest;
}

impl Advice for ImageTagLatest {
    const ID: &'static str = "image-tag-latest";
    const TITLE: &'static str = "Give images a tag that stays";
    const READS: &'static [&'static [Source]] = &[];

    fn give(&self, case: &Case<'_>, _: &Facts<'_>) -> Advised {
        let latest = |one: &Container| {
            let image = one.image.as_ref().ok()?;
            (image.digest.is_none() && image.tag.as_deref() == Some("latest")).then(|| image.text.clone())
        };
        let found: Vec<String> = case.containers()?.iter().filter_map(latest).collect();
        if found.is_empty() {
            return Ok(None);
        }
        let why = format!("{} is whatever was pushed last", some_of(&found));
        Ok(Some(Tip::on(found).because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::tip;
    use crate::causes::fixture::{Fixture, HOST};

    fn named(image: &str) -> Option<Tip> {
        tip(ImageTagLatest::ID, &Fixture::fargate().app(|app| app.image = image.to_owned()))
    }

    #[test]
    fn latest_is_told_whether_it_is_written_or_not() {
        for image in [format!("{HOST}/team/web:latest"), format!("{HOST}/team/web"), "nginx".to_owned()] {
            assert_eq!(named(&image).map(|tip| tip.resources), Some(vec![image]));
        }
    }

    #[test]
    fn a_tag_of_its_own_or_a_digest_is_well() {
        assert_eq!(tip(ImageTagLatest::ID, &Fixture::fargate()), None);
        assert_eq!(named(&format!("{HOST}/team/web@sha256:{}", "a".repeat(64))), None);
    }
}
