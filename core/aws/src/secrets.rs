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
