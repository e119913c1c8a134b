//! Nobody looked into the image.

use super::prelude::*;
use crate::model::stores::Scan;

documented! {
/// ECR tells of no scan of the image.
///
/// # Why
/// What nobody looks for is found by others. ECR scans images when they are pushed, or (with Amazon Inspector) as long as they
/// are there.
/// # When it is said
/// Where ECR's description of an image has neither a scan's status nor its findings. Lists of images for several platforms
/// are not scanned themselves, and not told.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html>
pub struct ImageNotScanned;
}

impl Advice for ImageNotScanned {
    const ID: &'static str = "image-not-scanned";
    const TITLE: &'static str = "Have images scanned when they are pushed";
    const READS: &'static [&'static [Source]] = &[images::READS];

    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> Advised {
        let mut tip = Tip::default();
        for used in &ecr_uses(case)? {
            let Ok(Some(image)) = used.found(facts) else { continue };
            let list = image.media_type.as_deref().is_some_and(|kind| kind.contains("index") || kind.contains("list"));
            if image.scan != Scan::Never || list {
                continue;
            }
            tip.resources.push(used.image.text.clone());
            let (region, registry) = (&used.registry.region, &used.registry.account);
            let words =
                ["aws", "ecr", "put-image-scanning-configuration", "--region", region, "--registry-id", registry];
            let rest =
                ["--repository-name", &used.image.repository, "--image-scanning-configuration", "scanOnPush=true"];
            let words = command(words.into_iter().chain(rest));
            if !tip.commands.contains(&words) {
                tip.commands.push(words);
            }
        }
        if tip.resources.is_empty() {
            return Ok(None);
        }
        let why = format!("{} was never scanned", some_of(&tip.resources));
        Ok(Some(tip.because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::{silent_without, tip};
    use crate::causes::fixture::{Fixture, IMAGE, ecr_image, image};
    use crate::evidence::Known;
    use crate::model::stores::EcrImage;

    const ID: &str = ImageNotScanned::ID;

    fn scanned(scan: Scan, media_type: Option<&str>) -> Fixture {
        let media_type = media_type.map(str::to_owned);
        Fixture::fargate().with(image("v42"), Known::Image(EcrImage { scan, media_type, ..ecr_image("v42", "09:00") }))
    }

    #[test]
    fn an_image_without_a_scan_is_told() {
        let never = scanned(Scan::Never, None);
        let found = tip(ID, &never).expect("nobody looked");
        assert_eq!(found.explanation, format!("{IMAGE} was never scanned"));
        let words = shlex::split(&found.commands[0]).expect("it is a command");
        assert_eq!(words[words.len() - 3..], ["team/web", "--image-scanning-configuration", "scanOnPush=true"]);
        silent_without(ID, &never, &image("v42"));
    }

    #[test]
    fn one_that_was_scanned_a_list_and_evidence_of_old_are_not() {
        let done = scanned(Scan::Done { findings: Default::default() }, None);
        let list = scanned(Scan::Never, Some("application/vnd.oci.image.index.v1+json"));
        assert_eq!([tip(ID, &done), tip(ID, &list), tip(ID, &Fixture::fargate())], [None, None, None]);
    }
}
