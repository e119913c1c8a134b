//! IAM: roles, their policies, and instance profiles. It is global, and its documents come percent-encoded.

use crate::answer::{Told, told, unanswered};
use crate::moment::moment;
use crate::refusal::{Asked, Class, Refused};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use ecs_why_core::evidence::{Known, Question};
use ecs_why_core::model::stores::{InstanceProfile, ManagedPolicy, PolicyVersion, Role, Simulated, Simulation};
use percent_encoding::percent_decode_str;

/// The role, policy or profile that a question is about: a name, or an ARN.
pub(crate) fn subject(question: &Question) -> &str {
    match question {
        Question::Role { role }
        | Question::AttachedPolicies { role }
        | Question::InlinePolicies { role }
        | Question::InlinePolicy { role, .. } => role,
        Question::Simulation { role, .. } => role,
        Question::ManagedPolicy { policy } | Question::PolicyVersion { policy, .. } => policy,
        Question::InstanceProfile { profile } => profile,
        _ => "",
    }
}

/// Answers a question.
pub(crate) async fn answer(iam: &Client, question: &Question) -> Told {
    match question {
        Question::Role { role } => told(self::role(iam, role).await, Known::Role),
        Question::AttachedPolicies { role } => told(attached_policies(iam, role).await, Known::AttachedPolicies),
        Question::InlinePolicies { role } => told(inline_policies(iam, role).await, Known::InlinePolicies),
        Question::InlinePolicy { role, policy } => told(inline_policy(iam, role, policy).await, Known::InlinePolicy),
        Question::ManagedPolicy { policy } => told(managed_policy(iam, policy).await, Known::ManagedPolicy),
        Question::PolicyVersion { policy, version } => {
            told(policy_version(iam, policy, version).await, Known::PolicyVersion)
        }
        Question::Simulation { role, action, resource, context } => {
            told(simulation(iam, role, action, resource, context).await, Known::Simulation)
        }
        Question::InstanceProfile { profile } => told(instance_profile(iam, profile).await, Known::InstanceProfile),
        _ => Err(unanswered()),
    }
}

/// The name of a role or profile, which may be asked for by its ARN; names have no path.
pub(crate) fn name(asked: &str) -> &str {
    asked.rsplit_once('/').map_or(asked, |(_, name)| name)
}

/// A policy document as text. IAM encodes it; what is plain already stays as it is, percent signs and all.
fn document(text: &str) -> Result<String, Refused> {
    if text.trim_start().starts_with('{') {
        return Ok(text.to_owned());
    }
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(|text| text.into_owned()).map_err(|_| Refused::new(Class::NoAnswer, "the policy is not valid UTF-8"))
}

pub(crate) async fn role(iam: &Client, asked: &str) -> Asked<Role> {
    let told = iam.get_role().role_name(name(asked)).send().await?;
    let Some(role) = told.role() else { return Err(no_role()) };
    Ok(Some(Role {
        name: role.role_name().to_owned(),
        arn: role.arn().to_owned(),
        id: role.role_id().to_owned(),
        trust: document(role.assume_role_policy_document().unwrap_or_default())?,
        boundary: role.permissions_boundary().and_then(|one| one.permissions_boundary_arn()).map(str::to_owned),
        created: moment(Some(role.create_date())),
        tags: role.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect(),
    }))
}

fn no_role() -> Refused {
    Refused::new(Class::NoAnswer, "IAM gave an answer without a role")
}

pub(crate) async fn attached_policies(iam: &Client, role: &str) -> Asked<Vec<String>> {
    let pages = iam.list_attached_role_policies().role_name(name(role)).into_paginator();
    let policies = pages.items().send().try_collect().await?;
    Ok(Some(policies.iter().filter_map(|policy| policy.policy_arn()).map(str::to_owned).collect()))
}

pub(crate) async fn inline_policies(iam: &Client, role: &str) -> Asked<Vec<String>> {
    let pages = iam.list_role_policies().role_name(name(role)).into_paginator();
    Ok(Some(pages.items().send().try_collect().await?))
}

pub(crate) async fn inline_policy(iam: &Client, role: &str, policy: &str) -> Asked<String> {
    let told = iam.get_role_policy().role_name(name(role)).policy_name(policy).send().await?;
    document(told.policy_document()).map(Some)
}

pub(crate) async fn managed_policy(iam: &Client, arn: &str) -> Asked<ManagedPolicy> {
    let told = iam.get_policy().policy_arn(arn).send().await?;
    let version = told.policy().and_then(|policy| policy.default_version_id());
    let Some(default_version) = version else {
        return Err(Refused::new(Class::NoAnswer, "IAM gave an answer without a version"));
    };
    let updated = told.policy().and_then(|policy| moment(policy.update_date()));
    Ok(Some(ManagedPolicy { arn: arn.to_owned(), default_version: default_version.to_owned(), updated }))
}

pub(crate) async fn policy_version(iam: &Client, arn: &str, version: &str) -> Asked<PolicyVersion> {
    let told = iam.get_policy_version().policy_arn(arn).version_id(version).send().await?;
    let Some((version, text)) = told.policy_version().and_then(|version| Some((version, version.document()?))) else {
        return Err(Refused::new(Class::NoAnswer, "IAM gave an answer without a document"));
    };
    Ok(Some(PolicyVersion { document: document(text)?, created: moment(version.create_date()) }))
}

/// What the simulation says of one call. It fills in no context key by itself.
pub(crate) async fn simulation(
    iam: &Client,
    role: &str,
    action: &str,
    resource: &str,
    context: &[(String, Vec<String>)],
) -> Asked<Simulation> {
    let entry = |(key, values): &(String, Vec<String>)| {
        let entry = ContextEntry::builder().context_key_name(key).context_key_type(key_type(key, values.len()));
        entry.set_context_key_values(Some(values.clone())).build()
    };
    let entries: Vec<_> = context.iter().map(entry).collect();
    let asked = iam.simulate_principal_policy().policy_source_arn(role).action_names(action).resource_arns(resource);
    let told = asked.set_context_entries(Some(entries).filter(|all| !all.is_empty())).send().await?;
    let Some(one) = told.evaluation_results().first() else {
        return Err(Refused::new(Class::NoAnswer, "IAM gave an answer without a decision"));
    };
    let decision = match one.eval_decision() {
        PolicyEvaluationDecisionType::Allowed => Simulated::Allowed,
        PolicyEvaluationDecisionType::ExplicitDeny => Simulated::ExplicitDeny,
        PolicyEvaluationDecisionType::ImplicitDeny => Simulated::ImplicitDeny,
        other => return Err(Refused::new(Class::NoAnswer, format!("IAM gave the decision `{}`", other.as_str()))),
    };
    Ok(Some(Simulation {
        decision,
        organization: one.organizations_decision_detail().map(|detail| detail.allowed_by_organizations()),
        missing: one.missing_context_values().to_vec(),
    }))
}

/// The simulation wants to be told what kind of value a key has.
fn key_type(key: &str, values: usize) -> ContextKeyTypeEnum {
    match key.to_ascii_lowercase().as_str() {
        "aws:securetransport" | "aws:viaawsservice" | "aws:principalisawsservice" => ContextKeyTypeEnum::Boolean,
        "aws:currenttime" | "aws:epochtime" => ContextKeyTypeEnum::Date,
        _ if values > 1 => ContextKeyTypeEnum::StringList,
        _ => ContextKeyTypeEnum::String,
    }
}

pub(crate) async fn instance_profile(iam: &Client, asked: &str) -> Asked<InstanceProfile> {
    let told = iam.get_instance_profile().instance_profile_name(name(asked)).send().await?;
    Ok(told.instance_profile().map(|profile| InstanceProfile {
        arn: profile.arn().to_owned(),
        role: profile.roles().first().map(|role| role.arn().to_owned()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_decoded_once() {
        assert_eq!(document("%7B%22Sid%22%3A%22100%2525%22%7D").as_deref(), Ok(r#"{"Sid":"100%25"}"#));
        assert_eq!(document(r#"{"Sid":"100%25"}"#).as_deref(), Ok(r#"{"Sid":"100%25"}"#));
        assert!(document("%FF").is_err());
    }

    #[test]
    fn the_simulation_is_told_what_kind_of_value_a_key_has() {
        for (key, values, kind) in [
            ("aws:SecureTransport", 1, ContextKeyTypeEnum::Boolean),
            ("aws:CurrentTime", 1, ContextKeyTypeEnum::Date),
            ("aws:RequestedRegion", 1, ContextKeyTypeEnum::String),
            ("aws:TagKeys", 2, ContextKeyTypeEnum::StringList),
        ] {
            assert_eq!(key_type(key, values), kind, "{key}");
        }
    }

    #[test]
    fn a_role_is_asked_for_by_its_name() {
        assert_eq!(name("arn:aws:iam::123456789012:role/service-role/web"), "web");
        assert_eq!(name("web"), "web");
    }
}
