//! Images of ECR as the evidence knows them.

use crate::case::{Case, Container};
use crate::evidence::{Facts, Read, Source};
use crate::image::{EcrRegistry, ImageReference};
use crate::model::Unknown;
use crate::model::stores::{EcrImage, Repository};

/// What reading an image reads.
pub const READS: &[Source] = &[Source::Repository, Source::Image, Source::PullThroughPrefixes];

/// A container's image in a private registry of ECR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrUse {
    /// The registry.
    pub registry: EcrRegistry,
    /// The image's name.
    pub image: ImageReference,
}

impl EcrUse {
    /// The image of a container, if it is in ECR.
    pub fn of(container: &Container) -> Option<EcrUse> {
        let image = container.image.as_ref().ok()?;
        Some(EcrUse { registry: image.ecr()?, image: image.clone() })
    }

    /// The ARN of its repository.
    pub fn repository_arn(&self, case: &Case<'_>) -> String {
        let EcrRegistry { account, region, .. } = &self.registry;
        format!("arn:{}:ecr:{region}:{account}:repository/{}", case.region.partition, self.image.repository)
    }

    /// The registry is another account's.
    pub fn is_foreign(&self, case: &Case<'_>) -> bool {
        self.registry.account != case.region.account
    }

    /// Its repository.
    ///
    /// # Errors
    /// When it is not known.
    pub fn repository<'e>(&self, facts: &Facts<'e>) -> Read<'e, Repository> {
        facts.repository(&self.registry.region, &self.registry.account, &self.image.repository)
    }

    /// The image itself.
    ///
    /// # Errors
    /// When it is not known.
    pub fn found<'e>(&self, facts: &Facts<'e>) -> Read<'e, EcrImage> {
        facts.image(&self.registry.region, &self.registry.account, &self.image.repository, self.image.id())
    }

    /// Whether a pull through cache rule may bring it from upstream: then its absence here is no fault.
    ///
    /// # Errors
    /// When that is not known.
    pub fn is_cached(&self, case: &Case<'_>, facts: &Facts<'_>) -> Result<bool, Unknown> {
        if self.is_foreign(case) {
            // The rules of another registry are not this account's to read.
            return Ok(false);
        }
        let prefixes = facts.pull_through_prefixes(&self.registry.region, &self.registry.account)?;
        let below = |prefix: &String| {
            prefix == "ROOT"
                || self.image.repository.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        Ok(prefixes.is_some_and(|all| all.iter().any(below)))
    }

    /// All images of its repository, the newest first.
    ///
    /// # Errors
    /// When they are not known.
    pub fn others<'e>(&self, facts: &Facts<'e>) -> Read<'e, Vec<EcrImage>> {
        facts.images(&self.registry.region, &self.registry.account, &self.image.repository)
    }
}
