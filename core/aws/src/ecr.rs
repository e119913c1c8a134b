//! ECR: repositories, images and their policies. The registry is always named: it may be another account's.

use crate::answer::{Told, told, unanswered};
use crate::moment::moment;
use crate::refusal::{Asked, Class, Refused};
use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{
    DescribeImagesFilter, ImageDetail, ImageIdentifier, ImageStatusFilter, ImageTagMutability,
    ReplicationRule as SdkReplicationRule, Repository as SdkRepository,
};
use ecs_why_core::evidence::{Known, Question};
use ecs_why_core::model::Keeper;
use ecs_why_core::model::registry::{ImageManifest, PullThroughRule, ReplicationRule};
use ecs_why_core::model::stores::{EcrImage, ImageId, LifecyclePolicy, Repository, Scan};
use futures_util::future::join_all;
use std::cmp::Reverse;

/// Answers a question.
pub(crate) async fn answer(ecr: &Client, question: &Question) -> Told {
    match question {
        Question::Repository { registry, repository, .. } => {
            told(self::repository(ecr, registry, repository).await, Known::Repository)
        }
        Question::Repositories { registry, .. } => told(repositories(ecr, registry).await, Known::Repositories),
        Question::Image { registry, repository, image, .. } => {
            told(self::image(ecr, registry, repository, image).await, Known::Image)
        }
        Question::Images { registry, repository, .. } => told(images(ecr, registry, repository).await, Known::Images),
        Question::RepositoryPolicy { registry, repository, .. } => {
            told(repository_policy(ecr, registry, repository).await, Known::RepositoryPolicy)
        }
        Question::LifecyclePolicy { registry, repository, .. } => {
            told(lifecycle_policy(ecr, registry, repository).await, Known::LifecyclePolicy)
        }
        Question::PullThroughPrefixes { registry, .. } => {
            told(pull_through_rules(ecr, registry).await, Known::PullThroughPrefixes)
        }
        Question::RepositoryKeeper { arn, .. } => told(keeper(ecr, arn).await, Known::RepositoryKeeper),
        Question::Manifest { registry, repository, image, .. } => {
            told(manifest(ecr, registry, repository, image).await, Known::Manifest)
        }
        Question::RegistryPolicy { .. } => told(registry_policy(ecr).await, Known::RegistryPolicy),
        Question::Replication { .. } => told(replication(ecr).await, Known::Replication),
        _ => Err(unanswered()),
    }
}

pub(crate) async fn repository(ecr: &Client, registry: &str, name: &str) -> Asked<Repository> {
    let told = ecr.describe_repositories().registry_id(registry).repository_names(name).send().await?;
    Ok(told.repositories().iter().find(|repository| repository.repository_name() == Some(name)).map(described))
}

/// Several repositories in one request. AWS refuses all where one is missing: then each is asked for alone.
pub(crate) async fn listed_repositories(
    ecr: &Client,
    registry: &str,
    names: &[&str],
) -> Result<Vec<Asked<Repository>>, Refused> {
    let all = Some(names.iter().map(|name| (*name).to_owned()).collect());
    let told = ecr.describe_repositories().registry_id(registry).set_repository_names(all).send().await;
    let told = match told.map_err(Refused::from) {
        Err(refused) if matches!(refused.class, Class::Absent | Class::Invalid) => {
            return Ok(join_all(names.iter().map(|name| repository(ecr, registry, name))).await);
        }
        told => told?,
    };
    let found = |name: &&str| told.repositories().iter().find(|one| one.repository_name() == Some(name)).map(described);
    Ok(names.iter().map(|name| Ok(found(name))).collect())
}

fn described(repository: &SdkRepository) -> Repository {
    use ImageTagMutability::{Immutable, ImmutableWithExclusion};
    Repository {
        name: repository.repository_name().unwrap_or_default().to_owned(),
        arn: repository.repository_arn().unwrap_or_default().to_owned(),
        immutable: matches!(repository.image_tag_mutability(), Some(Immutable | ImmutableWithExclusion)),
        kms_key: repository.encryption_configuration().and_then(|encryption| encryption.kms_key()).map(str::to_owned),
        created: moment(repository.created_at()),
    }
}

/// Who keeps a repository: nothing else of its tags leaves this crate.
pub(crate) async fn keeper(ecr: &Client, arn: &str) -> Asked<Keeper> {
    let told = ecr.list_tags_for_resource().resource_arn(arn).send().await?;
    Ok(Some(Keeper::of_tags(told.tags().iter().map(|tag| (tag.key(), tag.value())))))
}

pub(crate) async fn repositories(ecr: &Client, registry: &str) -> Asked<Vec<String>> {
    let pages = ecr.describe_repositories().registry_id(registry).into_paginator().page_size(1000);
    let found = pages.items().send().try_collect().await?;
    Ok(Some(found.iter().filter_map(|repository| repository.repository_name()).map(str::to_owned).collect()))
}

/// An archived image exists, and is left out unless it is asked for.
fn any_status() -> DescribeImagesFilter {
    DescribeImagesFilter::builder().image_status(ImageStatusFilter::Any).build()
}

fn identifier(image: &ImageId) -> ImageIdentifier {
    match image {
        ImageId::Tag(tag) => ImageIdentifier::builder().image_tag(tag).build(),
        ImageId::Digest(digest) => ImageIdentifier::builder().image_digest(digest).build(),
    }
}

pub(crate) async fn image(ecr: &Client, registry: &str, repository: &str, image: &ImageId) -> Asked<EcrImage> {
    let asked = ecr.describe_images().registry_id(registry).repository_name(repository).image_ids(identifier(image));
    let told = match asked.clone().filter(any_status()).send().await.map_err(Refused::from) {
        // Registries that do not know the archive do not know the filter either.
        Err(refused) if refused.class == Class::Invalid => asked.send().await?,
        told => told?,
    };
    Ok(told.image_details().first().map(detail))
}

/// Several images of one repository, out of its list: AWS would refuse all where one is missing. What the first page of a thousand
/// does not have is asked for alone, if there is a second one.
pub(crate) async fn listed_images(
    ecr: &Client,
    registry: &str,
    repository: &str,
    wanted: &[&ImageId],
) -> Result<Vec<Asked<EcrImage>>, Refused> {
    let asked = ecr.describe_images().registry_id(registry).repository_name(repository).max_results(1000);
    let told = match asked.clone().filter(any_status()).send().await.map_err(Refused::from) {
        Err(refused) if refused.class == Class::Invalid => asked.send().await?,
        told => told?,
    };
    let is = |image: &ImageDetail, wanted: &ImageId| match wanted {
        ImageId::Tag(tag) => image.image_tags().contains(tag),
        ImageId::Digest(digest) => image.image_digest() == Some(digest),
    };
    let is_whole = told.next_token().is_none();
    let one = |wanted: &ImageId| {
        let (found, wanted) = (told.image_details().iter().find(|image| is(image, wanted)).map(detail), wanted.clone());
        async move {
            match found {
                None if !is_whole => image(ecr, registry, repository, &wanted).await,
                found => Ok(found),
            }
        }
    };
    Ok(join_all(wanted.iter().map(|wanted| one(wanted))).await)
}

pub(crate) async fn images(ecr: &Client, registry: &str, repository: &str) -> Asked<Vec<EcrImage>> {
    let asked = ecr.describe_images().registry_id(registry).repository_name(repository);
    let all = |filter| {
        let pages = asked.clone().set_filter(filter).into_paginator().page_size(1000);
        async { pages.items().send().try_collect().await.map_err(Refused::from) }
    };
    let found = match all(Some(any_status())).await {
        Err(refused) if refused.class == Class::Invalid => all(None).await?,
        found => found?,
    };
    let mut images: Vec<_> = found.iter().map(detail).collect();
    images.sort_by(|one, other| (Reverse(one.pushed), &one.digest).cmp(&(Reverse(other.pushed), &other.digest)));
    Ok(Some(images))
}

fn detail(image: &ImageDetail) -> EcrImage {
    EcrImage {
        digest: image.image_digest().unwrap_or_default().to_owned(),
        tags: image.image_tags().to_vec(),
        pushed: moment(image.image_pushed_at()),
        status: image.image_status().map(|status| status.as_str().to_owned()),
        media_type: image.image_manifest_media_type().map(str::to_owned),
        bytes: image.image_size_in_bytes(),
        scan: scan(image),
        artifact_type: image.artifact_media_type().map(str::to_owned),
        archived: moment(image.last_archived_at()),
        activated: moment(image.last_activated_at()),
    }
}

/// The answer holds the last scan's status and count, by ECR itself or by Inspector.
fn scan(image: &ImageDetail) -> Scan {
    let counts = image.image_scan_findings_summary().and_then(|summary| summary.finding_severity_counts());
    if image.image_scan_status().is_none() && counts.is_none() {
        return Scan::Never;
    }
    let mut findings: Vec<_> = counts
        .into_iter()
        .flatten()
        .map(|(severity, count)| (severity.as_str().to_owned(), i64::from(*count)))
        .collect();
    findings.sort();
    Scan::Done { findings: findings.into_iter().collect() }
}

pub(crate) async fn repository_policy(ecr: &Client, registry: &str, repository: &str) -> Asked<String> {
    let told = ecr.get_repository_policy().registry_id(registry).repository_name(repository).send().await?;
    Ok(told.policy_text().map(str::to_owned))
}

/// The manifest formats of images; without them ECR gives what an old client can read.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html>
const MANIFESTS: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

#[expect(clippy::disallowed_methods, reason = "asked only where the platform is in question: nothing else has it")]
pub(crate) async fn manifest(ecr: &Client, registry: &str, repository: &str, image: &ImageId) -> Asked<ImageManifest> {
    let mut asked = ecr.batch_get_image().registry_id(registry).repository_name(repository);
    for kind in MANIFESTS {
        asked = asked.accepted_media_types(kind);
    }
    let told = asked.image_ids(identifier(image)).send().await?;
    let Some(found) = told.images().first() else {
        use aws_sdk_ecr::types::ImageFailureCode::ImageNotFound;
        return match told.failures().first() {
            Some(failure) if failure.failure_code() != Some(&ImageNotFound) => {
                Err(Refused::new(Class::Unsupported, failure.failure_reason().unwrap_or("ECR gives no manifest")))
            }
            _ => Ok(None),
        };
    };
    let read = ImageManifest::parse(found.image_manifest().unwrap_or_default());
    let unread = || Refused::new(Class::NoAnswer, "a manifest that cannot be read");
    let mut read = read.ok_or_else(unread)?;
    read.media_type = read.media_type.or_else(|| found.image_manifest_media_type().map(str::to_owned));
    Ok(Some(read))
}

/// The own registry's: no other account's can be asked for.
pub(crate) async fn registry_policy(ecr: &Client) -> Asked<String> {
    Ok(ecr.get_registry_policy().send().await?.policy_text().map(str::to_owned))
}

/// The own registry's: no other account's can be asked for.
pub(crate) async fn replication(ecr: &Client) -> Asked<Vec<ReplicationRule>> {
    let told = ecr.describe_registry().send().await?;
    let rules = told.replication_configuration().map(|configuration| configuration.rules()).unwrap_or_default();
    let rule = |rule: &SdkReplicationRule| ReplicationRule {
        destinations: rule
            .destinations()
            .iter()
            .map(|to| (to.region().to_owned(), to.registry_id().to_owned()))
            .collect(),
        prefixes: rule.repository_filters().iter().map(|filter| filter.filter().to_owned()).collect(),
    };
    Ok(Some(rules.iter().map(rule).collect()))
}

pub(crate) async fn pull_through_rules(ecr: &Client, registry: &str) -> Asked<Vec<PullThroughRule>> {
    let mut rules = ecr.describe_pull_through_cache_rules().registry_id(registry).into_paginator().items().send();
    let mut found = vec![];
    while let Some(rule) = rules.try_next().await? {
        found.push(PullThroughRule {
            prefix: rule.ecr_repository_prefix().unwrap_or_default().to_owned(),
            upstream: rule.upstream_registry().map(|upstream| upstream.as_str().to_owned()),
            url: rule.upstream_registry_url().map(str::to_owned),
            credential: rule.credential_arn().map(str::to_owned),
            updated: moment(rule.updated_at().or(rule.created_at())),
        });
    }
    Ok(Some(found))
}

pub(crate) async fn lifecycle_policy(ecr: &Client, registry: &str, repository: &str) -> Asked<LifecyclePolicy> {
    let told = ecr.get_lifecycle_policy().registry_id(registry).repository_name(repository).send().await?;
    let evaluated = moment(told.last_evaluated_at());
    Ok(told.lifecycle_policy_text().map(|text| LifecyclePolicy { text: text.to_owned(), evaluated }))
}
