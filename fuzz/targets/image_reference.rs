//! The name of an image: refused, or taken apart so that it can be put together again.
#![no_main]

use ecs_why_core::image::ImageReference;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(image) = ImageReference::parse(text) else { return };
    let (_, _) = (image.id(), image.ecr());
    let tagged = ImageReference::parse(&image.with_tag("v1")).expect("another tag makes no name malformed");
    assert_eq!((tagged.tag.as_deref(), &tagged.host, &tagged.repository), (Some("v1"), &image.host, &image.repository));
});
