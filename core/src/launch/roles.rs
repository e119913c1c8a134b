//! A role with its policies, and what it may do.

use super::witness;
use crate::case::{Case, RoleName};
use crate::evidence::{Facts, GapReason, Source};
use crate::iam::{
    Context, Decision, Document, Policies, Policy, PolicyKind, Principal, Request, RoleCall, evaluate,
    for_execution_role,
};
use crate::model::stores::Role;
use crate::model::{Arn, Moment, Unknown};
use std::rc::Rc;

/// What reading a role's rights reads.
pub const READS: &[Source] = &[
    Source::Role,
    Source::AttachedPolicies,
    Source::InlinePolicies,
    Source::InlinePolicy,
    Source::ManagedPolicy,
    Source::PolicyVersion,
];

/// A role's own policies and its boundary.
#[derive(Debug, Clone)]
pub struct RoleRights {
    /// The role.
    pub role: Role,
    /// Its ARN, taken apart.
    pub arn: Arn,
    /// Inline and managed policies, by the name that people know them by.
    pub identity: Vec<RolePolicy>,
    /// Its permissions boundary.
    pub boundary: Option<RolePolicy>,
}

/// A policy of a role.
#[derive(Debug, Clone)]
pub struct RolePolicy {
    /// ``inline policy `x` `` or the ARN.
    pub name: String,
    /// The inline policy's name, or none for a managed one.
    pub inline: Option<String>,
    /// What it says.
    pub document: Document,
    /// When it last changed; inline policies carry no time.
    pub changed: Option<Moment>,
}

/// A role with its policies; none if it does not exist.
///
/// # Errors
/// When any of it is not known: a policy that was not read may deny.
pub fn rights(case: &Case<'_>, facts: &Facts<'_>, role: &RoleName) -> Result<Option<Rc<RoleRights>>, Unknown> {
    let read = facts.once(format!("rights of {}", role.text), || Ok(read_rights(case, facts, role)?.map(Rc::new)));
    (*read).clone()
}

fn read_rights(case: &Case<'_>, facts: &Facts<'_>, role: &RoleName) -> Result<Option<RoleRights>, Unknown> {
    let found = read_role(case, facts, role);
    if role.account != case.region.account {
        return found.map(|_| None);
    }
    let (attached, inline) = (facts.attached_policies(&role.name), facts.inline_policies(&role.name));
    let mut policies: Vec<Result<RolePolicy, Unknown>> = vec![];
    for name in inline.ok().flatten().into_iter().flatten() {
        policies.push(inline_policy(facts, &role.name, name));
    }
    for arn in attached.ok().flatten().into_iter().flatten() {
        policies.push(managed_policy(facts, arn));
    }
    let Some(found) = found? else { return Ok(None) };
    let boundary = found.boundary.as_deref().map(|arn| managed_policy(facts, arn)).transpose();
    attached?;
    inline?;
    let identity = policies.into_iter().collect::<Result<Vec<_>, _>>()?;
    let arn: Arn = found.arn.parse().map_err(|_| unreadable(facts, "iam:GetRole", &found.arn))?;
    Ok(Some(RoleRights { role: found.clone(), arn, identity, boundary: boundary? }))
}

/// The role itself, without its policies.
///
/// # Errors
/// When it is not known, or in another account.
pub fn read_role<'e>(case: &Case<'_>, facts: &Facts<'e>, role: &RoleName) -> Result<Option<&'e Role>, Unknown> {
    if role.account == case.region.account {
        return facts.role(&role.name);
    }
    Err(facts.lacks("iam:GetRole", GapReason::Unsupported, format!("role `{}` is in another account", role.text)))
}

fn inline_policy(facts: &Facts<'_>, role: &str, name: &str) -> Result<RolePolicy, Unknown> {
    let text = facts.inline_policy(role, name)?;
    let shown = format!("inline policy `{name}`");
    document(facts, "iam:GetRolePolicy", &shown, text.map_or("", String::as_str)).map(|document| RolePolicy {
        name: shown,
        inline: Some(name.to_owned()),
        document,
        changed: None,
    })
}

fn managed_policy(facts: &Facts<'_>, arn: &str) -> Result<RolePolicy, Unknown> {
    let vanished = || unreadable(facts, "iam:GetPolicyVersion", arn);
    let policy = facts.managed_policy(arn)?.ok_or_else(vanished)?;
    let version = facts.policy_version(arn, &policy.default_version)?.ok_or_else(vanished)?;
    let document = document(facts, "iam:GetPolicyVersion", arn, &version.document)?;
    Ok(RolePolicy { name: arn.to_owned(), inline: None, document, changed: version.created.or(policy.updated) })
}

/// A document that cannot be parsed says nothing: neither yes nor no.
pub fn document(facts: &Facts<'_>, action: &'static str, name: &str, text: &str) -> Result<Document, Unknown> {
    Document::parse(text).map_err(|_| unreadable(facts, action, name))
}

fn unreadable(facts: &Facts<'_>, action: &'static str, name: &str) -> Unknown {
    facts.lacks(action, GapReason::Unsupported, format!("{name} cannot be read as a policy"))
}

/// One call that a role makes.
#[derive(Debug, Clone, Default)]
pub struct Call<'a> {
    /// As IAM spells it.
    pub action: &'a str,
    /// An ARN, or `*`.
    pub resource: &'a str,
    /// What the resource's own policy is called, and what it says.
    pub resource_policy: Option<(&'a str, &'a Document)>,
    /// The resource is a key of KMS, whose policy must allow as well.
    pub key: bool,
    /// The service that calls for the role, as `ssm.us-east-1.amazonaws.com`.
    pub on_behalf: Option<String>,
    /// Condition keys of this call.
    pub context: Vec<(String, String)>,
    /// Beginnings of condition keys of which these are all.
    pub complete: &'a [&'a str],
}

/// What a role's own policies and those given say of a call.
pub fn decide(case: &Case<'_>, rights: &RoleRights, call: &Call<'_>) -> Decision {
    let arn = call.resource.parse::<Arn>();
    let account = arn.as_ref().map(|arn| arn.account().to_owned()).unwrap_or_default();
    let account = Some(account).filter(|account| !account.is_empty());
    let mut context = context(case, rights, account.as_deref());
    if let Ok(arn) = &arn
        && !arn.region().is_empty()
    {
        context.set("aws:RequestedRegion", arn.region());
    }
    if let Some(service) = &call.on_behalf {
        context.on_behalf(service);
    }
    for (name, value) in &call.context {
        context.set(name, value.as_str());
    }
    for beginning in call.complete {
        context.no_others(beginning);
    }
    let request = Request {
        principal: Principal::Role { arn: &rights.arn, session: None },
        action: call.action,
        resource: call.resource,
        resource_account: account.as_deref(),
        context: &context,
    };
    let policies = Policies {
        identity: rights.identity.iter().map(|policy| as_policy(policy, PolicyKind::Identity)).collect(),
        boundary: rights.boundary.as_ref().map(|policy| as_policy(policy, PolicyKind::Boundary)),
        resource: call.resource_policy.map(|(name, document)| Policy { name, kind: PolicyKind::Resource, document }),
        kms_key: call.key,
        ..Policies::default()
    };
    evaluate(&request, &policies)
}

/// What a role may do, by its own policies and that of the resource.
///
/// # Errors
/// When the decision hangs on something that is not known.
pub fn may(
    case: &Case<'_>,
    facts: &Facts<'_>,
    rights: &RoleRights,
    action: &str,
    resource: &str,
    resource_policy: Option<&Document>,
) -> Result<Decision, Unknown> {
    let resource_policy = resource_policy.map(|document| ("the resource's policy", document));
    may_call(case, facts, rights, &Call { action, resource, resource_policy, ..Call::default() })
}

/// The same, of a call with all that is known of it.
///
/// # Errors
/// When the decision hangs on something that is not known.
pub fn may_call(case: &Case<'_>, facts: &Facts<'_>, rights: &RoleRights, call: &Call<'_>) -> Result<Decision, Unknown> {
    let decision = decide(case, rights, call);
    if witness::sees(&decision) {
        facts.doubt(witness::question(case, rights, call.action, call.resource));
    }
    known(facts, call.action, decision)
}

/// The role's policies that allow a call, each looked at by itself: what denies or bounds it is left aside.
pub fn allowing<'r>(case: &Case<'_>, rights: &'r RoleRights, action: &str, resource: &str) -> Vec<&'r RolePolicy> {
    let context = context(case, rights, None);
    let principal = Principal::Role { arn: &rights.arn, session: None };
    let request = Request { principal, action, resource, resource_account: None, context: &context };
    let allows = |policy: &&RolePolicy| {
        let identity = vec![as_policy(policy, PolicyKind::Identity)];
        matches!(evaluate(&request, &Policies { identity, ..Policies::default() }), Decision::Allowed { .. })
    };
    rights.identity.iter().filter(allows).collect()
}

/// Turns a decision that hangs on an unknown into a gap.
pub fn known(facts: &Facts<'_>, action: &str, decision: Decision) -> Result<Decision, Unknown> {
    match decision {
        Decision::Unknown { because } => {
            let detail = format!("whether {action} is allowed depends on {}", because.join(", "));
            Err(facts.lacks("iam:SimulatePrincipalPolicy", GapReason::Unsupported, detail))
        }
        decided => Ok(decided),
    }
}

/// What is certain of a call that ECS makes with the role.
pub fn context(case: &Case<'_>, rights: &RoleRights, resource_account: Option<&str>) -> Context {
    let session = case.task.and_then(|task| task.arn.rsplit('/').next());
    let mut call = RoleCall::new(&rights.arn, &case.region.region);
    call.role_id = Some(&rights.role.id);
    call.session = session;
    call.tags = Some(&rights.role.tags);
    call.resource_account = resource_account;
    call.at = case.moment();
    for_execution_role(&call)
}

fn as_policy(policy: &RolePolicy, kind: PolicyKind) -> Policy<'_> {
    Policy { name: &policy.name, kind, document: &policy.document }
}
