//! CloudTrail: what ECR's lifecycle policies did, and what was done to a role.

use crate::moment::moment;
use crate::refusal::Asked;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use ecs_why_core::model::Moment;
use ecs_why_core::model::stores::{ExpiredImage, RoleChange};
use serde_json::Value;

/// LookupEvents allows two requests a second in an account and region: more pages than this nobody waits for.
const PAGES: usize = 6;

/// Images of a repository that its lifecycle policy deleted, the newest first.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html>
pub(crate) async fn expired_images(trail: &Client, repository: &str) -> Asked<Vec<ExpiredImage>> {
    let event = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::EventName)
        .attribute_value("PolicyExecutionEvent")
        .build()
        .expect("key and value, all that it wants, are set");
    let mut pages = trail.lookup_events().lookup_attributes(event).into_paginator().send();
    let mut found = vec![];
    for _ in 0..PAGES {
        let Some(page) = pages.try_next().await? else { break };
        for event in page.events() {
            let Some(at) = moment(event.event_time()) else { continue };
            found.extend(expired(event.cloud_trail_event().unwrap_or_default(), repository, at));
        }
    }
    Ok(Some(found))
}

/// What was done to a role, the newest first.
pub(crate) async fn role_changes(trail: &Client, role: &str) -> Asked<Vec<RoleChange>> {
    let about = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::ResourceName)
        .attribute_value(role)
        .build()
        .expect("key and value, all that it wants, are set");
    let mut pages = trail.lookup_events().lookup_attributes(about).into_paginator().send();
    let mut found = vec![];
    // The newest come first: what was done since a stop stands on the first page.
    let Some(page) = pages.try_next().await? else { return Ok(Some(found)) };
    for event in page.events() {
        let (Some(at), Some(name)) = (moment(event.event_time()), event.event_name()) else { continue };
        if changes_role(name) {
            let policy = policy_of(event.cloud_trail_event().unwrap_or_default());
            found.push(RoleChange { at, event: name.to_owned(), policy, by: event.username().map(str::to_owned) });
        }
    }
    Ok(Some(found))
}

/// Events that change what a role may do or who may assume it; it is assumed far more often.
fn changes_role(event: &str) -> bool {
    event.contains("RolePolicy") || event.contains("RolePermissionsBoundary") || event == "UpdateAssumeRolePolicy"
}

/// The policy that an event is about.
fn policy_of(event: &str) -> Option<String> {
    let event: Value = serde_json::from_str(event).unwrap_or_default();
    let asked = &event["requestParameters"];
    asked["policyName"].as_str().or(asked["policyArn"].as_str()).map(str::to_owned)
}

/// The images of one event, if it is about the repository.
fn expired(event: &str, repository: &str, at: Moment) -> Vec<ExpiredImage> {
    let event: Value = serde_json::from_str(event).unwrap_or_default();
    let details = &event["serviceEventDetails"];
    if details["repositoryName"].as_str() != Some(repository) {
        return vec![];
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let actions = details["lifecycleEventImageActions"].as_array().into_iter().flatten();
    actions
        .map(|action| &action["lifecycleEventImage"])
        .map(|image| ExpiredImage {
            at,
            digest: text(&image["digest"]),
            tags: image["tagList"].as_array().into_iter().flatten().filter_map(text).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_of_a_role_count_and_they_name_their_policy() {
        for (event, counts) in [
            ("PutRolePolicy", true),
            ("DetachRolePolicy", true),
            ("DeleteRolePermissionsBoundary", true),
            ("UpdateAssumeRolePolicy", true),
            ("AssumeRole", false),
            ("GetRole", false),
        ] {
            assert_eq!(changes_role(event), counts, "{event}");
        }
        let of = |asked: &str| policy_of(&format!(r#"{{"requestParameters":{asked}}}"#));
        assert_eq!(of(r#"{"roleName":"web","policyName":"secrets"}"#).as_deref(), Some("secrets"));
        assert_eq!(of(r#"{"roleName":"web","policyArn":"arn:x"}"#).as_deref(), Some("arn:x"));
        assert_eq!(of(r#"{"roleName":"web"}"#), None);
        assert_eq!(policy_of("nonsense"), None);
    }

    #[test]
    fn only_events_of_the_repository_count() {
        let event = r#"{"serviceEventDetails":{"repositoryName":"web","lifecycleEventImageActions":[
            {"lifecycleEventImage":{"digest":"sha256:1","tagStatus":"Tagged","tagList":["v1"]},"rulePriority":1}]}}"#;
        let found = expired(event, "web", Moment::UNIX_EPOCH);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].digest.as_deref(), found[0].tags.as_slice()), (Some("sha256:1"), &["v1".to_owned()][..]));
        assert_eq!(expired(event, "other", Moment::UNIX_EPOCH), []);
        assert_eq!(expired("nonsense", "web", Moment::UNIX_EPOCH), []);
    }
}
