//! How large an image is, as far as the account tells.

use super::images::EcrUse;
use super::platform;
use crate::case::Case;
use crate::evidence::{Facts, Source};
use crate::model::Unknown;
use crate::model::stores::{EcrImage, ImageId};

/// What a size that is sure reads.
pub const READS: &[Source] = &[Source::Image, Source::Manifest];

/// An index and the images that it lists are pushed together.
const PUSHED_TOGETHER_SECONDS: i64 = 600;

/// What is no larger is small, whichever platform's it is: ECR gives an index the size of its largest image.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html>
const SMALL_BYTES: i64 = 1_000_000_000;

/// Compressed bytes of the image that a container pulls; none where nothing says so.
///
/// # Errors
/// When the image, or where it may be asked for its manifest, is not known.
pub fn size(container: &str, ecr: &EcrUse, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<i64>, Unknown> {
    let Some(image) = ecr.found(facts)? else { return Ok(None) };
    let is_index = image.media_type.as_deref().is_none_or(|kind| kind.contains("index") || kind.contains("list"));
    if !is_index || image.bytes.is_some_and(|bytes| bytes <= SMALL_BYTES) {
        return Ok(image.bytes);
    }
    // An index has the size of its largest image, which may be another platform's.
    if !platform::is_in_question(case, container, ecr, Some(&image.digest)) {
        return Ok(None);
    }
    let Some(manifest) = ecr.manifest(facts)? else { return Ok(None) };
    if !manifest.is_index {
        return Ok(manifest.bytes);
    }
    let wanted = platform::wanted(case)?;
    let Some(listed) = wanted.and_then(|platform| platform.pick(manifest)) else { return Ok(None) };
    let (registry, digest) = (&ecr.registry, ImageId::Digest(listed.digest.clone()));
    let own = facts.image(&registry.region, &registry.account, &ecr.image.repository, digest)?;
    Ok(own.and_then(|image| image.bytes))
}

/// The largest of the images without a tag that were pushed together with an index, which has no size itself.
pub fn largest_pushed_with(index: &EcrImage, all: &[EcrImage]) -> Option<i64> {
    let pushed = index.pushed?;
    let together = |image: &&EcrImage| {
        image.tags.is_empty()
            && image
                .pushed
                .is_some_and(|at| (0..=PUSHED_TOGETHER_SECONDS).contains(&(pushed.as_second() - at.as_second())))
    };
    all.iter().filter(together).filter_map(|image| image.bytes).max()
}

/// Bytes as people say them, as in `17.0 GB`.
pub fn gigabytes(bytes: i64) -> String {
    let tenths = (bytes + 50_000_000) / 100_000_000;
    format!("{}.{} GB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::ecr_image;

    #[test]
    fn an_index_is_as_large_as_the_largest_image_pushed_with_it() {
        let image = |pushed: &str, tagged: bool, bytes| {
            let mut one = ecr_image("x", pushed);
            one.bytes = Some(bytes);
            one.tags.retain(|_| tagged);
            one
        };
        let index = ecr_image("v42", "09:30");
        let all = [
            image("09:30", false, 17),
            image("09:22", false, 18),
            image("09:30", true, 90),
            image("09:10", false, 91),
            image("09:31", false, 92),
        ];
        assert_eq!(largest_pushed_with(&index, &all), Some(18));
        assert_eq!(largest_pushed_with(&index, &[]), None);
    }

    #[test]
    fn bytes_are_said_in_gigabytes() {
        assert_eq!([17_000_000_051, 960_000_000, 12].map(gigabytes), ["17.0 GB", "1.0 GB", "0.0 GB"]);
    }
}
