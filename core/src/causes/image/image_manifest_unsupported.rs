//! The manifest is none that a runtime can use.

use super::told;
use crate::causes::prelude::*;
use crate::change::command;
use crate::launch::images::EcrUse;
use crate::launch::platform;

documented! {
/// What the name stands for is no container image that the runtime can use.
///
/// # Why a task stops here
/// A registry keeps more than images: charts, signatures, the attestations that `docker buildx` adds to a build, and images
/// in a format that is long out of use. A runtime that gets one of those finds no layer that it could unpack.
/// # How it is told
/// By the runtime's own words, which name the media type. ECR tells what an image's configuration is, and where the stop
/// points to the manifest, it is read for the types of its layers; reading it counts as a pull.
/// # Prevention
/// Give charts and signatures repositories of their own, and build with current tools; where a registry or a scanner cannot
/// cope with attestations, with `--provenance=false --sbom=false`.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html>
pub struct ImageManifestUnsupported;
}

/// A configuration that a container can be made of.
fn is_image(kind: &str) -> bool {
    kind.contains("container.image") || kind.contains("oci.image.config")
}

/// A layer that can be unpacked: a tar archive, of whichever compression.
fn is_layer(kind: &str) -> bool {
    kind.contains("tar")
}

impl Cause for ImageManifestUnsupported {
    type Subject = Whole;
    const ID: CauseId = CauseId::ImageManifestUnsupported;
    const READS: &'static [&'static [Source]] = &[&[Source::Image, Source::Manifest]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(symptom) = &case.symptom else { return Ok(Verdict::NotApplicable) };
        if !symptom.claims.iter().any(|claim| claim.cause == Self::ID) {
            return Ok(Verdict::NotApplicable);
        }
        let container = told::container(case, symptom);
        let mut finding = Finding::on(told::resources(symptom, container.as_ref(), &["digest"]));
        finding.container = container.as_ref().map(|one| one.name().to_owned());
        let image = container.as_ref().map_or("the image", |one| one.definition.image.as_str());
        let kind = symptom.facts.get("media_type").and_then(|value| value.as_str());
        let told = match kind {
            Some(kind) => format!("what `{image}` names has the media type {kind}, which the runtime cannot unpack"),
            None => format!("the runtime cannot use the manifest that `{image}` names"),
        };
        let Some((container, ecr)) = container.as_ref().and_then(|one| Some((one, EcrUse::of(one)?.pinned(case))))
        else {
            return Ok(Verdict::AsTold(finding.because(told)));
        };
        let Some(found) = ecr.found(facts)? else { return Ok(Verdict::AsTold(finding.because(told))) };
        if let Some(kind) = found.artifact_type.as_deref().filter(|kind| !is_image(kind)) {
            return Ok(finding.because(format!("`{image}` is no container image: ECR has it as {kind}")).into());
        }
        if platform::is_in_question(case, container.name(), &ecr, Some(&found.digest))
            && let Some(manifest) = ecr.manifest(facts)?
            && let Some(kind) = manifest.layer_types.iter().find(|kind| !is_layer(kind))
        {
            return Ok(finding
                .because(format!("`{image}` has a layer of the type {kind}, which is no archive of files"))
                .into());
        }
        Ok(Verdict::AsTold(finding.because(told)))
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let container = case.symptom.as_ref().and_then(|symptom| told::container(case, symptom));
        let image = container.map_or_else(String::new, |one| one.definition.image);
        let wanted = platform::wanted(case)?.map_or("linux/amd64".to_owned(), |platform| platform.to_string());
        // A digest names what is there already: what is built gets a tag of its own.
        let name = image.split_once('@').map_or(image.as_str(), |(name, _)| name);
        let mut words = vec!["docker", "buildx", "build", "--provenance=false", "--sbom=false", "--platform", &wanted];
        words.extend(["-t", name, "--push", "."]);
        let fix = Fix::new("Build the image again, without attestations, and push it", Risk::Low)
            .making(Change::ByHand { commands: vec![] })
            .documented_at("https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html")
            .noting(format!(
                "where the image is built: {}; if the name stands for a chart or a signature, it is the name that is wrong",
                command(words)
            ));
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, Said, ecr_image, image, manifest, platforms};
    use crate::evidence::Known;
    use crate::model::registry::ImageManifest;

    const ID: CauseId = CauseId::ImageManifestUnsupported;

    fn refused() -> Fixture {
        let why = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to unpack image on snapshotter \
                   overlayfs: failed to extract layer sha256:c02342326b04a05fa0fc4c703c4aaa8ffb46cc0f2eda269c4a0dee53c8296182: \
                   failed to get stream processor for application/vnd.in-toto+json: no processor for media-type: unknown";
        Fixture::fargate()
            .with(manifest("v42"), Known::Manifest(platforms(&["linux/amd64"])))
            .stopped("TaskFailedToStart", why)
    }

    fn of_layers(kinds: &[&str]) -> Fixture {
        let layer_types = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        refused().with(manifest("v42"), Known::Manifest(ImageManifest { layer_types, ..ImageManifest::default() }))
    }

    #[test]
    fn the_runtimes_words_tell_and_the_account_may_know_more() {
        let found = refused().finding(ID);
        assert_eq!(refused().says(ID), Said::AsTold);
        assert_eq!(found.resources[0], IMAGE);
        assert!(found.explanation.contains("application/vnd.in-toto+json"), "{}", found.explanation);
        let attested = of_layers(&["application/vnd.in-toto+json"]);
        assert_eq!(attested.says(ID), Said::Fault);
        assert!(attested.finding(ID).explanation.ends_with("which is no archive of files"));
        let usual = of_layers(&[
            "application/vnd.oci.image.layer.v1.tar+zstd",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
        ]);
        assert_eq!(usual.says(ID), Said::AsTold, "the account has nothing against it, the runtime had");
    }

    #[test]
    fn a_chart_is_no_image() {
        let kept = |kind: &str| {
            let mut found = ecr_image("v42", "09:00");
            found.artifact_type = Some(kind.to_owned());
            refused().with(image("v42"), Known::Image(found))
        };
        assert_eq!(kept("application/vnd.cncf.helm.config.v1+json").says(ID), Said::Fault);
        assert_eq!(kept("application/vnd.oci.image.config.v1+json").says(ID), Said::AsTold);
    }

    #[test]
    fn nothing_is_asked_where_the_stop_does_not_point_there() {
        assert_eq!(Fixture::fargate().check().says(ID), Said::NotApplicable);
        assert_eq!(
            Fixture::fargate().stopped("TaskFailedToStart", "no space left on device").says(ID),
            Said::NotApplicable
        );
        refused().hangs_on(ID, &image("v42"));
        refused().never_turns(ID);
        let elsewhere = refused().app(|app| app.image = "ghcr.io/o/app:1".to_owned());
        assert_eq!((elsewhere.says(ID), elsewhere.judged(ID).1.len()), (Said::AsTold, 0));
    }

    #[test]
    fn a_plain_build_is_the_way_out() {
        let fixes = refused().mended(ID);
        let note = fixes[0].note.clone().expect("it says how");
        assert!(note.contains("--provenance=false") && note.contains(IMAGE), "{note}");
    }
}
