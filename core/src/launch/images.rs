//! Images of ECR as the evidence knows them.

use crate::case::{Case, Container};
use crate::evidence::{Facts, Read, Source};
use crate::image::{EcrRegistry, ImageReference};
use crate::model::Unknown;
use crate::model::registry::{ImageManifest, PullThroughRule};
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

    /// The very image that the stop names: a deployment keeps to the digest that a tag had when it began.
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html>
    pub fn pinned(mut self, case: &Case<'_>) -> EcrUse {
        let told = case.symptom.as_ref().and_then(|symptom| symptom.facts.get("image")?.as_str());
        let told = told.and_then(|text| ImageReference::parse(text).ok());
        if let Some(told) = told.filter(|told| {
            (&told.host, &told.repository) == (&self.image.host, &self.image.repository)
                && self.image.digest.is_none()
                && (told.tag.is_none() || told.tag == self.image.tag)
        }) {
            self.image.digest = told.digest;
        }
        self
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

    /// The pull through cache rule that may bring it from upstream: then its absence here is no fault.
    ///
    /// # Errors
    /// When that is not known.
    pub fn cache_rule<'e>(&self, case: &Case<'_>, facts: &Facts<'e>) -> Read<'e, PullThroughRule> {
        if self.is_foreign(case) {
            // The rules of another registry are not this account's to read.
            return Ok(None);
        }
        let rules = facts.pull_through_prefixes(&self.registry.region, &self.registry.account)?;
        let its = rules.into_iter().flatten().filter(|rule| rule.is_for(&self.image.repository));
        // The longest prefix wins, and the one for everything comes last.
        Ok(its.max_by_key(|rule| (rule.prefix != "ROOT", rule.prefix.len())))
    }

    /// Whether such a rule is there.
    ///
    /// # Errors
    /// When that is not known.
    pub fn is_cached(&self, case: &Case<'_>, facts: &Facts<'_>) -> Result<bool, Unknown> {
        Ok(self.cache_rule(case, facts)?.is_some())
    }

    /// Its manifest. Reading it counts as a pull: see [`crate::launch::platform`] for when it may be asked.
    ///
    /// # Errors
    /// When it is not known.
    pub fn manifest<'e>(&self, facts: &Facts<'e>) -> Read<'e, ImageManifest> {
        facts.manifest(&self.registry.region, &self.registry.account, &self.image.repository, self.image.id())
    }

    /// The same repository in another region or account, on a host of the same kind.
    pub fn in_registry(&self, region: &str, account: &str) -> String {
        let host = self.registry.host.replacen(&self.registry.account, account, 1);
        let host = host.replacen(&format!(".{}.", self.registry.region), &format!(".{region}."), 1);
        let rest = self.image.text.split_once('/').map_or("", |(_, rest)| rest);
        format!("{host}/{rest}")
    }

    /// All images of its repository, the newest first.
    ///
    /// # Errors
    /// When they are not known.
    pub fn others<'e>(&self, facts: &Facts<'e>) -> Read<'e, Vec<EcrImage>> {
        facts.images(&self.registry.region, &self.registry.account, &self.image.repository)
    }
}
