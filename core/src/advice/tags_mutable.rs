//! A tag that can be moved is no name.

use super::prelude::*;

documented! {
/// Tags of the repository can be moved to other images.
///
/// # Why
/// A tag that is pushed again names another image from then on: tasks that start later run something else under the same
/// revision, and the image that ran before is left without a tag, for a lifecycle policy to delete.
/// # When it is said
/// Where a container names an image of ECR by a tag (not `latest`, which is meant to move), and its repository is not set
/// to immutable tags.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html>
pub struct TagsMutable;
}

impl Advice for TagsMutable {
    const ID: &'static str = "tags-mutable";
    const TITLE: &'static str = "Make the repository's tags immutable";
    const READS: &'static [&'static [Source]] = &[images::READS];

    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> Advised {
        let mut tip = Tip::default();
        let by_tag = |used: &&EcrUse| used.image.digest.is_none() && used.image.tag.as_deref() != Some("latest");
        for used in ecr_uses(case)?.iter().filter(by_tag) {
            let Ok(Some(repository)) = used.repository(facts) else { continue };
            if repository.immutable || tip.resources.contains(&repository.name) {
                continue;
            }
            let (region, registry) = (&used.registry.region, &used.registry.account);
            let words = ["aws", "ecr", "put-image-tag-mutability", "--region", region, "--registry-id", registry];
            let rest = ["--repository-name", &repository.name, "--image-tag-mutability", "IMMUTABLE"];
            tip.commands.push(command(words.into_iter().chain(rest)));
            tip.resources.push(repository.name.clone());
        }
        if tip.resources.is_empty() {
            return Ok(None);
        }
        let why = format!("tags of {} can be moved to other images", some_of(&tip.resources));
        Ok(Some(tip.because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::{silent_without, tip};
    use crate::causes::fixture::{Fixture, HOST, repository};
    use crate::evidence::{Answer, Known};

    fn immutable() -> Fixture {
        let fixture = Fixture::fargate();
        let Some(Answer::Known(Known::Repository(found))) =
            fixture.evidence.get(&repository("team/web")).map(|kept| kept.answer.clone())
        else {
            panic!("the fixture has a repository")
        };
        let found = crate::model::stores::Repository { immutable: true, ..found };
        fixture.with(repository("team/web"), Known::Repository(found))
    }

    #[test]
    fn a_repository_with_tags_that_move_is_told_with_the_command() {
        let found = tip(TagsMutable::ID, &Fixture::fargate()).expect("its tags can be moved");
        assert_eq!(found.resources, ["team/web"]);
        assert!(found.commands[0].ends_with("--repository-name team/web --image-tag-mutability IMMUTABLE"));
        silent_without(TagsMutable::ID, &Fixture::fargate(), &repository("team/web"));
    }

    #[test]
    fn immutable_tags_digests_and_latest_are_left_alone() {
        assert_eq!(tip(TagsMutable::ID, &immutable()), None);
        for image in [format!("{HOST}/team/web@sha256:{}", "a".repeat(64)), format!("{HOST}/team/web:latest")] {
            assert_eq!(tip(TagsMutable::ID, &Fixture::fargate().app(|app| app.image = image)), None);
        }
    }
}
