//! A layer of the image cannot be had.

use super::told;
use crate::causes::prelude::*;
use crate::causes::told as run;
use crate::image::ImageReference;

documented! {
/// A layer of the image is missing, is not what it should be, or its download broke off.
///
/// # Why a task stops here
/// The manifest lists layers by their digests, and each is downloaded and compared. A mirror that was filled halfway lacks
/// one; a proxy or a firewall that looks into TLS changes or cuts it; a connection breaks off.
/// # How it is told
/// By the runtime's own words, which name the layer's digest. What is in a layer cannot be read without pulling it.
/// # Prevention
/// Exempt registries and the layers' bucket from inspection, and let a mirror copy whole images (`crane copy`, `skopeo`).
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html>
pub struct ImageLayerUnavailable;
}

impl Cause for ImageLayerUnavailable {
    type Subject = Whole;
    const ID: CauseId = CauseId::ImageLayerUnavailable;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        run::judge(Self::ID, case, |symptom| {
            let container = told::container(case, symptom);
            let text = |name: &str| symptom.facts.get(name).and_then(|value| value.as_str());
            let layer = text("digest").map_or("a layer".to_owned(), |digest| format!("layer {digest}"));
            let named = container.as_ref().map(|one| one.definition.image.as_str()).or(text("image"));
            let of = named.map_or(String::new(), |image| format!(" of `{image}`"));
            let mut resources = told::resources(symptom, container.as_ref(), &["digest"]);
            let host = named.and_then(|image| match ImageReference::parse(image) {
                Ok(image) => Some(image.host),
                Err(_) => None,
            });
            resources.extend(host);
            let finding =
                Finding::on(resources).because(format!("{layer}{of} could not be had as its manifest lists it"));
            Finding { container: container.map(|one| one.definition.name), ..finding }
        })
    }

    fn fixes(&self, _: &Whole, _: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let fix = Fix::new("Push or mirror the image again, whole and under a new tag", Risk::Low)
            .making(Change::ByHand { commands: vec![] })
            .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html")
            .noting("try once more first; where every image fails, something between the task and the registry cuts or changes downloads");
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, Said};

    const ID: CauseId = CauseId::ImageLayerUnavailable;
    const LAYER: &str = "sha256:c02342326b04a05fa0fc4c703c4aaa8ffb46cc0f2eda269c4a0dee53c8296182";

    fn lost() -> Fixture {
        let why = format!(
            "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: \
             could not fetch content descriptor {LAYER} (application/vnd.docker.image.rootfs.diff.tar.gzip) from remote: not found"
        );
        Fixture::fargate().stopped("TaskFailedToStart", &why)
    }

    #[test]
    fn the_runtimes_words_name_the_layer() {
        let found = lost().finding(ID);
        assert_eq!(lost().says(ID), Said::AsTold);
        assert_eq!(found.resources[..2], [IMAGE, LAYER]);
        assert_eq!(found.container.as_deref(), Some("app"));
        assert_eq!(found.explanation, format!("layer {LAYER} of `{IMAGE}` could not be had as its manifest lists it"));
        let mirror = lost().app(|app| app.image = "mirror.example.org/maps/tiles:4".to_owned()).finding(ID);
        assert_eq!(mirror.resources, ["mirror.example.org/maps/tiles:4", LAYER, "mirror.example.org"]);
    }

    #[test]
    fn another_stop_or_none_says_nothing_of_it() {
        let other = Fixture::fargate().ended("EssentialContainerExited", "", Some(3), None);
        assert_eq!([other.says(ID), Fixture::fargate().check().says(ID)], [Said::Sound, Said::NotApplicable]);
        assert!(lost().judged(ID).1.is_empty(), "nothing in the account could tell more");
    }

    #[test]
    fn only_hands_can_mend_it() {
        assert!(lost().mended(ID)[0].is_by_hand());
    }
}
