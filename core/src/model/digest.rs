//! What stands for a value that must not be kept.

use serde::{Deserialize, Serialize};

/// A salted digest of a value that is dropped where it is collected: it can be compared, and nothing else.
///
/// The salt is made anew by each process and kept nowhere, so equal digests mean equal values within one collection only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

/// What makes the digests of one collection; see [`Digest`].
#[derive(Clone)]
pub struct Salt([u8; 32]);

impl Salt {
    /// A salt from random bytes.
    pub const fn new(random: [u8; 32]) -> Self {
        Salt(random)
    }

    /// The digest of a value.
    pub fn digest(&self, value: &str) -> Digest {
        let hash = blake3::keyed_hash(&self.0, value.as_bytes()).to_hex();
        Digest(hash.as_str()[..16].to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_same_from_other_and_hides_the_value() {
        let (salt, other) = (Salt::new([7; 32]), Salt::new([8; 32]));
        assert_eq!(salt.digest("hunter2"), salt.digest("hunter2"));
        assert_ne!(salt.digest("hunter2"), salt.digest("hunter3"));
        assert_ne!(salt.digest("hunter2"), other.digest("hunter2"));
        assert!(!format!("{:?}", salt.digest("hunter2")).contains("hunter"));
    }
}
