//! Secrets Manager: what describes a secret, never its value.

use crate::moment::moment;
use crate::refusal::Asked;
use aws_sdk_secretsmanager::Client;
use ecs_why_core::model::Keeper;
use ecs_why_core::model::stores::Secret;
use std::collections::BTreeMap;

pub(crate) async fn secret(secrets: &Client, secret: &str) -> Asked<Secret> {
    let told = secrets.describe_secret().secret_id(secret).send().await?;
    let versions: BTreeMap<_, _> = told.version_ids_to_stages().into_iter().flatten().collect();
    Ok(Some(Secret {
        arn: told.arn().unwrap_or(secret).to_owned(),
        name: told.name().unwrap_or_default().to_owned(),
        deleted: moment(told.deleted_date()),
        kms_key: told.kms_key_id().filter(|key| !key.is_empty()).map(str::to_owned),
        created: moment(told.created_date()),
        changed: moment(told.last_changed_date()),
        tags: Some(
            told.tags().iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()))).collect(),
        ),
        versions: versions.into_iter().map(|(version, stages)| (version.clone(), stages.clone())).collect(),
        keeper: Keeper::of_tags(
            told.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default()))),
        ),
    }))
}

/// A secret's resource policy; absent if it has none, or is none.
pub(crate) async fn policy(secrets: &Client, secret: &str) -> Asked<String> {
    let told = secrets.get_resource_policy().secret_id(secret).send().await?;
    Ok(told.resource_policy().map(str::to_owned))
}

/// The ids of all versions, also of those that no label is on.
pub(crate) async fn versions(secrets: &Client, secret: &str) -> Asked<Vec<String>> {
    let asked = secrets.list_secret_version_ids().secret_id(secret).include_deprecated(true);
    let mut pages = asked.into_paginator().send();
    let mut ids = vec![];
    while let Some(page) = pages.try_next().await? {
        ids.extend(page.versions().iter().filter_map(|version| version.version_id()).map(str::to_owned));
    }
    Ok(Some(ids))
}
