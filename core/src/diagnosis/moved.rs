//! Tags that stand for another image than they did: what ran against what would run now.

use crate::case::{Case, Container};
use crate::evidence::{Answer, Facts, Known, Question};
use crate::launch::images::EcrUse;
use crate::model::Moment;
use crate::model::ecs::Task;
use crate::model::stores::EcrImage;

/// What a reader should know of tags that were moved, a sentence each.
pub fn notes(case: &Case<'_>, facts: &Facts<'_>) -> Vec<String> {
    let Ok(containers) = case.containers() else { return vec![] };
    let by_tag = containers.iter().filter(|one| one.image.as_ref().is_ok_and(|image| image.digest.is_none()));
    let mut notes: Vec<String> = by_tag.filter_map(|container| note(container, case, facts)).collect();
    notes.dedup();
    notes
}

fn note(container: &Container, case: &Case<'_>, facts: &Facts<'_>) -> Option<String> {
    let tag = container.image.as_ref().ok()?.tag.clone()?;
    let own = case.task.and_then(|task| Some((ran(task, container)?, task)));
    let sibling = case.siblings.iter().find_map(|task| Some((ran(task, container)?, *task)));
    // Two tasks tell their digests in the same way: they can be compared as they are.
    if let (Some((own, _)), Some((other, task))) = (own, sibling)
        && own != other
    {
        let running = id(task);
        return Some(format!(
            "tag `{tag}` of container {} was moved: task {running}, which runs, has the image {}, and this one had {}",
            container.name(),
            short(other),
            short(own)
        ));
    }
    let (digest, task) = own.or(sibling)?;
    let now = image_now(container, facts)?;
    let pushed = now.pushed.filter(|pushed| pulled(task).is_some_and(|pulled| *pushed > pulled));
    // Of an index, ECS may tell the digest of the one image that it took: only a later push shows that it was moved.
    let is_index = now.media_type.as_deref().is_none_or(|kind| kind.contains("index") || kind.contains("list"));
    if now.digest == digest || is_index && pushed.is_none() {
        return None;
    }
    let since = pushed.map_or(String::new(), |at| format!(", pushed at {at:.0}"));
    Some(format!(
        "tag `{tag}` of container {} was moved: task {} had the image {}, and a new deployment gets {}{since}",
        container.name(),
        id(task),
        short(digest),
        short(&now.digest)
    ))
}

/// The digest with which a task ran the container's image.
fn ran<'t>(task: &'t Task, container: &Container) -> Option<&'t str> {
    let its = |one: &&crate::model::ecs::TaskContainer| {
        one.name == container.name() && one.image.as_deref() == Some(container.definition.image.as_str())
    };
    task.containers.iter().find(its)?.digest.as_deref()
}

fn pulled(task: &Task) -> Option<Moment> {
    task.times.pull_stopped.or(task.times.started).or(task.times.created)
}

/// What the registry has now, if it was asked: this asks for nothing itself.
fn image_now<'e>(container: &Container, facts: &Facts<'e>) -> Option<&'e EcrImage> {
    let ecr = EcrUse::of(container)?;
    let question = Question::Image {
        region: ecr.registry.region,
        registry: ecr.registry.account,
        repository: ecr.image.repository.clone(),
        image: ecr.image.id(),
    };
    match &facts.kept(&question)?.answer {
        Answer::Known(Known::Image(image)) => Some(image),
        _ => None,
    }
}

fn id(task: &Task) -> &str {
    task.arn.rsplit('/').next().unwrap_or(&task.arn)
}

fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, a_task, ecr_image, image};
    use crate::model::ecs::TaskContainer;

    const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

    fn digest(letter: char) -> String {
        format!("sha256:{}", String::from(letter).repeat(64))
    }

    fn with_digest(letter: char) -> Vec<TaskContainer> {
        let ran = Some(digest(letter));
        vec![TaskContainer {
            name: "app".to_owned(),
            image: Some(IMAGE.to_owned()),
            digest: ran,
            ..TaskContainer::default()
        }]
    }

    /// This task ran one image; the registry has another or the same now, pushed at a time, as an index or not.
    fn ran_and_is(ran: char, is: char, pushed: &str, kind: Option<&str>) -> Fixture {
        let mut now = ecr_image("v42", pushed);
        (now.digest, now.media_type) = (digest(is), kind.map(str::to_owned));
        Fixture::fargate().with(image("v42"), Known::Image(now)).task(|task| task.containers = with_digest(ran))
    }

    fn told(fixture: &Fixture) -> Vec<String> {
        notes(&fixture.case(), &Facts::new(&fixture.evidence))
    }

    #[test]
    fn a_tag_that_stands_for_another_image_now_was_moved() {
        let moved = told(&ran_and_is('a', 'b', "10:30", None));
        assert_eq!(
            moved,
            ["tag `v42` of container app was moved: task 0123456789abcdef0123456789abcdef had the image \
              sha256:aaaaaaaaaaaa, and a new deployment gets sha256:bbbbbbbbbbbb, pushed at 2026-03-01T10:30:00Z"]
        );
        for (ran, is, pushed, kind, why) in [
            ('a', 'a', "09:00", Some(MANIFEST), "the same"),
            ('a', 'b', "09:00", None, "an index has another digest than the image in it"),
        ] {
            assert_eq!(told(&ran_and_is(ran, is, pushed, kind)), Vec::<String>::new(), "{why}");
        }
        assert_eq!(told(&ran_and_is('a', 'b', "09:00", Some(MANIFEST))).len(), 1, "moved to an older image");
    }

    #[test]
    fn a_sibling_with_another_image_under_the_same_tag_is_named() {
        let fixture = ran_and_is('a', 'a', "09:00", None);
        let mut sibling = a_task();
        sibling.arn = sibling.arn.replace("0123", "ffff");
        let mut tell = |letter: char| {
            sibling.containers = with_digest(letter);
            let mut case = fixture.case();
            case.siblings = vec![&sibling];
            notes(&case, &Facts::new(&fixture.evidence))
        };
        assert_eq!(tell('a'), Vec::<String>::new());
        let moved = tell('c');
        assert!(
            moved[0].ends_with("has the image sha256:cccccccccccc, and this one had sha256:aaaaaaaaaaaa"),
            "{moved:?}"
        );
        assert!(moved[0].contains("task ffff"), "{moved:?}");
    }

    #[test]
    fn a_name_with_a_digest_cannot_be_moved_and_nothing_is_asked_for_it() {
        let named = ran_and_is('a', 'b', "10:30", None).app(|app| app.image = format!("{IMAGE}@{}", digest('a')));
        assert_eq!(told(&named), Vec::<String>::new());
        let unasked = ran_and_is('a', 'b', "10:30", None).without(&image("v42"));
        let facts = Facts::new(&unasked.evidence);
        assert!(notes(&unasked.case(), &facts).is_empty() && !facts.missing().contains(&image("v42")));
    }
}
