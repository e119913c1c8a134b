//! What an image's name says: registry, repository, tag or digest. Knows no account.

mod reference;

pub use reference::{EcrRegistry, ImageReference, MalformedReference, is_almost_ecr, nearest};
