//! ECR: repositories, images and their policies. The registry is always named: it may be another account's.

use crate::answer::{Told, told, unanswered};
use crate::moment::moment;
use crate::refusal::{Asked, Class, Refused};
use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::{
    DescribeImagesFilter, ImageDetail, ImageIdentifier, ImageStatusFilter, ImageTagMutability,
    Repository as SdkRepository,
};
use ecs_why_core::evidence::{Known, Question};
use ecs_why_core::model::Keeper;
use ecs_why_core::model::stores::{EcrImage, ImageId, LifecyclePolicy, Repository, Scan};
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
            told(pull_through_prefixes(ecr, registry).await, Known::PullThroughPrefixes)
        }
        Question::RepositoryKeeper { arn, .. } => told(keeper(ecr, arn).await, Known::RepositoryKeeper),
        _ => Err(unanswered()),
    }
}

pub(crate) async fn repository(ecr: &Client, registry: &str, name: &str) -> Asked<Repository> {
    let told = ecr.describe_repositories().registry_id(registry).repository_names(name).send().await?;
    Ok(told.repositories().iter().find(|repository| repository.repository_name() == Some(name)).map(described))
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

pub(crate) async fn image(ecr: &Client, registry: &str, repository: &str, image: &ImageId) -> Asked<EcrImage> {
    let id = match image {
        ImageId::Tag(tag) => ImageIdentifier::builder().image_tag(tag),
        ImageId::Digest(digest) => ImageIdentifier::builder().image_digest(digest),
    };
    let asked = ecr.describe_images().registry_id(registry).repository_name(repository).image_ids(id.build());
    let told = match asked.clone().filter(any_status()).send().await.map_err(Refused::from) {
        // Registries that do not know the archive do not know the filter either.
        Err(refused) if refused.class == Class::Invalid => asked.send().await?,
        told => told?,
    };
    Ok(told.image_details().first().map(detail))
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

pub(crate) async fn pull_through_prefixes(ecr: &Client, registry: &str) -> Asked<Vec<String>> {
    let mut rules = ecr.describe_pull_through_cache_rules().registry_id(registry).into_paginator().items().send();
    let mut prefixes = vec![];
    while let Some(rule) = rules.try_next().await? {
        prefixes.extend(rule.ecr_repository_prefix().map(str::to_owned));
    }
    Ok(Some(prefixes))
}

pub(crate) async fn lifecycle_policy(ecr: &Client, registry: &str, repository: &str) -> Asked<LifecyclePolicy> {
    let told = ecr.get_lifecycle_policy().registry_id(registry).repository_name(repository).send().await?;
    let evaluated = moment(told.last_evaluated_at());
    Ok(told.lifecycle_policy_text().map(|text| LifecyclePolicy { text: text.to_owned(), evaluated }))
}
