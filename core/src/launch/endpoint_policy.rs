//! The policies of VPC endpoints: what of a launch they refuse, and what they would have to say.
//!
//! A policy of an endpoint grants nothing, it filters: what it does not allow does not pass, whatever the caller may.
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>

use super::calls::{self, Call, Caller};
use super::needs::Need;
use super::roles;
use super::ways::{WayFrom, ways};
use crate::case::Case;
use crate::evidence::{Facts, GapReason};
use crate::iam::edit::{Place, with_statement, without_denial};
use crate::iam::{
    Context, Decision, Denial, Document, Principal, Request, RoleCall, endpoint_policy_allows, for_execution_role,
};
use crate::model::network::VpcEndpoint;
use crate::model::{Arn, Unknown};
use crate::network::{Way, Zone};
use serde_json::{Value, json};

/// Calls that the policy of an endpoint refuses.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The endpoint.
    pub endpoint: VpcEndpoint,
    /// Its VPC.
    pub vpc: String,
    /// How many blockers stand before it on its path.
    pub behind: usize,
    /// Each call with the reason.
    pub calls: Vec<(Call, Denial)>,
}

/// What the policy of the endpoint on the way to a service refuses; none if it refuses nothing, or no endpoint is on the way.
///
/// # Errors
/// When way, endpoint, calls or the policy's decision are not known.
pub fn refused(case: &Case<'_>, facts: &Facts<'_>, need: &Need) -> Result<Option<Refused>, Unknown> {
    let made = facts.once(format!("refused on the way to {}", need.host), || judge(case, facts, need));
    (*made).clone()
}

fn judge(case: &Case<'_>, facts: &Facts<'_>, need: &Need) -> Result<Option<Refused>, Unknown> {
    let (ways, calls) = (ways(case, facts, need), calls::calls(case, facts, need));
    for WayFrom { subnet, path } in ways?.iter() {
        let id = match &path.way {
            Some(way) => match (way, way.endpoint()) {
                (Way::InterfaceEndpoint(None), _) => return Err(hidden(facts)),
                (_, Some(id)) => id,
                (_, None) => continue,
            },
            // A way that ends somewhere passes no endpoint.
            None if path.unknown.is_empty() => continue,
            None => return Err(facts.lacks("ec2:DescribeNetworkInterfaces", GapReason::Unsupported, &path.unknown[0])),
        };
        let Some(vpc) = facts.subnet(subnet)?.map(|own| own.vpc.clone()) else { return Err(hidden(facts)) };
        let all = facts.vpc_endpoints(&vpc)?.into_iter().flatten();
        let Some(endpoint) = all.into_iter().find(|one| one.id == id) else { return Err(hidden(facts)) };
        let Some(text) = &endpoint.policy else { continue };
        let document = roles::document(facts, "ec2:DescribeVpcEndpoints", &format!("the policy of {id}"), text)?;
        let at = At { case, endpoint: id, vpc: &vpc };
        let mut found = vec![];
        for call in calls.clone()? {
            if let Some(denial) = at.decide(facts, &call, &document)? {
                found.push((call, denial));
            }
        }
        if !found.is_empty() && path.zone == Zone::Unknown && need.destination.address.is_none() {
            let what = "a private hosted zone may lead past the endpoint";
            return Err(facts.lacks("route53:ListHostedZonesByVPC", GapReason::Unsupported, what));
        }
        if !found.is_empty() {
            let behind = path.blockers.len();
            return Ok(Some(Refused { endpoint: endpoint.clone(), vpc, behind, calls: found }));
        }
    }
    Ok(None)
}

fn hidden(facts: &Facts<'_>) -> Unknown {
    facts.lacks(
        "ec2:DescribeVpcEndpoints",
        GapReason::Unsupported,
        "the endpoint on the way cannot be seen from this account",
    )
}

/// Where a call passes.
struct At<'a> {
    case: &'a Case<'a>,
    endpoint: &'a str,
    vpc: &'a str,
}

impl At<'_> {
    /// Why no caller may; none if one may.
    fn decide(&self, facts: &Facts<'_>, call: &Call, document: &Document) -> Result<Option<Denial>, Unknown> {
        let mut denial = None;
        for caller in &call.callers {
            match self.for_caller(caller, call, document) {
                Decision::Allowed { .. } => return Ok(None),
                Decision::Denied(found) => denial = denial.or(Some(found)),
                unknown @ Decision::Unknown { .. } => {
                    roles::known(facts, call.action, unknown)?;
                }
            }
        }
        Ok(denial)
    }

    fn for_caller(&self, caller: &Caller, call: &Call, document: &Document) -> Decision {
        let ask = |principal, mut context: Context| {
            context.set("aws:SourceVpce", self.endpoint).set("aws:SourceVpc", self.vpc).absent("aws:SourceIp");
            let request = Request {
                principal,
                action: call.action,
                resource: &call.resource,
                resource_account: None,
                context: &context,
            };
            endpoint_policy_allows(&request, Some(document))
        };
        match caller {
            Caller::Role { arn, role } => {
                let account = call.resource.parse::<Arn>().ok().map(|arn| arn.account().to_owned());
                let mut known = RoleCall::new(arn, &self.case.region.region);
                known.role_id = role.as_ref().map(|role| role.id.as_str());
                known.session = self.case.task.and_then(|task| task.arn.rsplit('/').next());
                known.tags = role.as_ref().map(|role| &role.tags);
                known.resource_account = account.as_deref().filter(|account| !account.is_empty());
                known.at = self.case.moment();
                ask(Principal::Role { arn, session: None }, for_execution_role(&known))
            }
            // Who it is in full is not known: a decision counts that is the same for all that it may be.
            Caller::Registry => {
                let [one, other] = registries(&self.case.region.partition).map(|one| ask(Principal::Unnamed, one));
                match (&one, &other) {
                    (Decision::Allowed { .. }, Decision::Allowed { .. })
                    | (Decision::Denied(_), Decision::Denied(_)) => one,
                    (Decision::Unknown { .. }, _) => one,
                    (_, Decision::Unknown { .. }) => other,
                    _ => Decision::Unknown { because: vec!["who signs the addresses of layers".to_owned()] },
                }
            }
        }
    }
}

/// What is known of the one who signs the addresses of layers: an identity and a bucket of AWS's own, so of none of the
/// customer's accounts, organizations or roles.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms>
fn registries(partition: &str) -> [Context; 2] {
    let of = |kind: &str, organization: Option<&str>| {
        let mut context = Context::new();
        context.set("aws:SecureTransport", "true").no_others("aws:PrincipalTag/");
        context.set("aws:PrincipalArn", format!("arn:{partition}:iam::aws:{kind}/ecr"));
        for key in ["aws:PrincipalAccount", "aws:ResourceAccount", "s3:ResourceAccount"] {
            context.set(key, "aws");
        }
        for key in ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID", "aws:ResourceOrgPaths"] {
            match organization {
                Some(id) => context.set(key, id),
                None => context.absent(key),
            };
        }
        context
    };
    [of("role", Some("aws")), of("user", None)]
}

/// What the policy of an endpoint becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The new document; none: no statement is left, and the endpoint goes back to the default one.
    pub document: Option<String>,
    /// The one statement that it has besides the old ones, where nothing else differs, and a line of the old text takes it.
    pub added: Option<String>,
}

/// The endpoint's policy with what it takes to let these calls pass, changed as little as can be; none where no edit does that.
pub fn opened(case: &Case<'_>, refused: &Refused) -> Option<Opened> {
    let old = refused.endpoint.policy.as_ref()?;
    let (mut text, mut additions, mut lifted) = (old.clone(), vec![], false);
    let at = At { case, endpoint: &refused.endpoint.id, vpc: &refused.vpc };
    // A denial that is lifted may show the lack of a permission behind it: each edit takes one reason away.
    for _ in 0..8 {
        let document = Document::parse(&text).ok()?;
        let refusal = |(call, _): &(Call, Denial)| {
            call.callers.iter().find_map(|caller| match at.for_caller(caller, call, &document) {
                Decision::Denied(denial) => Some((call.clone(), denial)),
                Decision::Allowed { .. } | Decision::Unknown { .. } => None,
            })
        };
        let left: Vec<(Call, Denial)> = refused.calls.iter().filter_map(refusal).collect();
        let Some((call, first)) = left.first() else {
            let alone = !lifted && additions.len() == 1 && old.lines().any(begins_statements);
            return Some(Opened { document: Some(text), added: additions.pop().filter(|_| alone) });
        };
        match first {
            Denial::Implicit { .. } => {
                let only = |(_, denial): &&(Call, Denial)| matches!(denial, Denial::Implicit { .. });
                let addition = allowing(left.iter().filter(only).map(|(call, _)| call));
                additions.push(addition.to_string());
                text = with_statement(Some(&text), addition, Place::Last);
            }
            Denial::Explicit { by } => {
                let resources = [as_listed(&call.resource)];
                lifted = true;
                let edited = sparing(&text, by.statement, &resources).map(Some);
                match edited.or_else(|| without_denial(&text, by.statement, &[call.action], &resources))? {
                    Some(edited) => text = edited,
                    None => return Some(Opened { document: None, added: None }),
                }
            }
        }
    }
    None
}

/// `"Statement": [`, in one line.
fn begins_statements(line: &str) -> bool {
    let after = |line: &str, what: &str| line.trim_start_matches(' ').strip_prefix(what).map(str::to_owned);
    let rest = line.split_once("\"Statement\"").map(|(_, rest)| rest);
    rest.and_then(|rest| after(&after(rest, ":")?, "[")).is_some()
}

/// A resource as a policy lists it: all layers, and not one of them.
fn as_listed(resource: &str) -> String {
    let layers = resource.strip_suffix("-starport-layer-bucket/layer");
    layers.map_or_else(|| resource.to_owned(), |head| format!("{head}-starport-layer-bucket/*"))
}

fn allowing<'a>(calls: impl Iterator<Item = &'a Call>) -> Value {
    let (mut actions, mut resources): (Vec<&str>, Vec<String>) = (vec![], vec![]);
    for call in calls {
        let resource = as_listed(&call.resource);
        if !actions.contains(&call.action) {
            actions.push(call.action);
        }
        if !resources.contains(&resource) {
            resources.push(resource);
        }
    }
    // A gateway's policy knows no principal but `*`, and what the role itself may is not the endpoint's business.
    json!({"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resources})
}

/// A denial of everything, but for these resources: none if it is not of everything, or they are everything.
fn sparing(text: &str, statement: usize, resources: &[String]) -> Option<String> {
    let mut document: Value = serde_json::from_str(text).ok()?;
    let all = document.get_mut("Statement")?;
    let denying = if all.is_array() { all.get_mut(statement)? } else { all };
    let everything = matches!(&denying["Resource"], one if *one == json!("*") || *one == json!(["*"]));
    if !everything || resources.iter().any(|one| one == "*") {
        return None;
    }
    let fields = denying.as_object_mut()?;
    fields.remove("Resource");
    fields.insert("NotResource".to_owned(), json!(resources));
    Some(document.to_string())
}

#[cfg(test)]
mod tests;
