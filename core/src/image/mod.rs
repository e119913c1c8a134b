//! What an image's name says (registry, repository, tag or digest), and what a lifecycle policy does to images. Knows no account.

mod lifecycle;
mod reference;

pub use lifecycle::{Doom, NotReadable, fates};
pub use reference::{EcrRegistry, ImageReference, MalformedReference, is_almost_ecr, nearest};
