//! KMS: keys and their policies, never a decryption.

use crate::moment::moment;
use crate::refusal::Asked;
use aws_sdk_kms::Client;
use aws_sdk_kms::types::KeyManagerType;
use ecs_why_core::model::stores::{Grant, Key};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// A key by id, ARN or alias.
pub(crate) async fn key(kms: &Client, key: &str) -> Asked<Key> {
    let told = kms.describe_key().key_id(key).send().await?;
    Ok(told.key_metadata().map(|key| Key {
        arn: key.arn().unwrap_or_else(|| key.key_id()).to_owned(),
        state: key.key_state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        aws_managed: key.key_manager() == Some(&KeyManagerType::Aws),
        deletion: moment(key.deletion_date()),
    }))
}

/// A key's policy. An alias names no policy: then the key behind it is asked for first.
pub(crate) async fn key_policy(kms: &Client, asked: &str) -> Asked<String> {
    let mut id = asked.to_owned();
    if asked.starts_with("alias/") || asked.contains(":alias/") {
        match key(kms, asked).await? {
            Some(key) => id = key.arn,
            None => return Ok(None),
        }
    }
    let told = kms.get_key_policy().key_id(id).policy_name("default").send().await?;
    Ok(told.policy().map(str::to_owned))
}

/// Who may use a key by a grant.
pub(crate) async fn grants(kms: &Client, key: &str) -> Asked<Vec<Grant>> {
    let pages = kms.list_grants().key_id(key).into_paginator().items();
    let found = pages.send().try_collect().await?;
    let grants = found.iter().map(|grant| {
        let constraints = grant.constraints();
        let subset = constraints.and_then(|all| all.encryption_context_subset());
        let equal = constraints.and_then(|all| all.encryption_context_equals());
        let context: BTreeMap<_, _> = subset.into_iter().chain(equal).flatten().collect();
        Grant {
            grantee: grant.grantee_principal().unwrap_or_default().to_owned(),
            operations: grant.operations().iter().map(|one| one.as_str().to_owned()).collect(),
            context: context.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect::<IndexMap<_, _>>(),
        }
    });
    Ok(Some(grants.collect()))
}
