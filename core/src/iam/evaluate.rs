//! The decision: several policies about one request.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use super::document::{Document, Effect};
use super::judged::Judged;
use super::nearest::nearest;
use super::truth::Truth;
use super::{Decision, Denial, Policies, Policy, PolicyKind, Principal, Request, Witness};

/// Whether a request is allowed by the policies given, and by which.
///
/// What is not given does not limit: organization policies are never seen here, so "allowed" means as far as these
/// policies go. A deny that is not decided leaves a request undecided only if it would be allowed otherwise.
pub fn evaluate(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    let bounded = &Truth::of(policies.boundary.is_some());
    let read = |kind: PolicyKind| Reading::of(&policies.of_kind(kind), request, bounded);
    let [identity, boundary, session, endpoint] =
        [PolicyKind::Identity, PolicyKind::Boundary, PolicyKind::Session, PolicyKind::Endpoint].map(read);
    let resource = match policies.resource {
        // A key always has a policy: not given, nothing is known of what it says.
        None if policies.kms_key => Reading::unknown("the policy of the key"),
        _ => read(PolicyKind::Resource),
    };
    let deny = [&identity, &boundary, &session, &resource, &endpoint]
        .into_iter()
        .fold(Claim::no(), |denied, reading| denied.or(reading.deny.clone()));

    let allows = identity.at_all();
    // Policies that limit only where there are any.
    let limit = |is_there: bool, reading: &Reading| if is_there { reading.at_all() } else { Claim::yes() };
    let bounds = limit(policies.boundary.is_some(), &boundary);
    let scopes = limit(policies.session.is_some(), &session);
    let passes = limit(policies.endpoint.is_some(), &endpoint);
    let Reading { outright, role, .. } = resource.clone();
    // Each line must hold. They are the rules of the page above, multiplied out: in one account
    // `outright or ((identity or role) and boundary and session)`, and for keys
    // `outright or ((role or (account and identity)) and boundary and session)`.
    let layers = if crosses(request) {
        vec![
            (PolicyKind::Identity, allows),
            (PolicyKind::Boundary, bounds),
            (PolicyKind::Session, scopes),
            (PolicyKind::Resource, resource.at_all()),
            (PolicyKind::Endpoint, passes),
        ]
    } else {
        let mut layers = vec![
            (PolicyKind::Identity, outright.clone().or(allows).or(role)),
            (PolicyKind::Boundary, outright.clone().or(bounds)),
            (PolicyKind::Session, outright.or(scopes)),
            (PolicyKind::Endpoint, passes),
        ];
        if policies.kms_key {
            layers.insert(0, (PolicyKind::Resource, resource.at_all()));
        }
        layers
    };
    decide(deny, layers, |layer| nearest(&policies.of_kind(layer), request, bounded))
}

/// The resource policy's own side of a request: does it let this principal (or its account) do this?
///
/// For resources of other accounts, whose policy must allow whatever the caller's own policies say.
pub fn resource_policy_allows(request: &Request<'_>, policy: Option<&Policy<'_>>) -> Decision {
    let policies: Vec<&Policy<'_>> = policy.into_iter().collect();
    alone(request, &policies, PolicyKind::Resource)
}

/// Whether the policy of a VPC endpoint lets a request through; an endpoint without one lets everything through.
pub fn endpoint_policy_allows(request: &Request<'_>, policy: Option<&Document>) -> Decision {
    let name = "the endpoint's policy";
    let Some(document) = policy else {
        let policy = "the endpoint's default policy".to_owned();
        return Decision::Allowed { by: Witness { policy, kind: PolicyKind::Endpoint, sid: None, statement: 0 } };
    };
    alone(request, &[&Policy { name, kind: PolicyKind::Endpoint, document }], PolicyKind::Endpoint)
}

/// The decision of policies of one kind, by themselves.
pub(super) fn alone(request: &Request<'_>, policies: &[&Policy<'_>], layer: PolicyKind) -> Decision {
    let bounded = &Truth::unknown("whether the role has a permissions boundary");
    let reading = Reading::of(policies, request, bounded);
    decide(reading.deny.clone(), vec![(layer, reading.at_all())], |_| nearest(policies, request, bounded))
}

fn decide(
    deny: Claim,
    layers: Vec<(PolicyKind, Claim)>,
    nearest: impl FnOnce(PolicyKind) -> Option<super::Nearest>,
) -> Decision {
    if deny.truth == Truth::Yes {
        return Decision::Denied(Denial::Explicit { by: deny.by.expect("what denies is a statement") });
    }
    if let Some((layer, _)) = layers.iter().find(|(_, claim)| claim.truth == Truth::No) {
        return Decision::Denied(Denial::Implicit { layer: *layer, nearest: nearest(*layer) });
    }
    let allowed = layers.into_iter().map(|(_, claim)| claim).reduce(Claim::and).unwrap_or_else(Claim::no);
    match allowed.truth.and(deny.truth.not()) {
        Truth::Unknown(because) => Decision::Unknown { because: because.into_iter().collect() },
        Truth::Yes => Decision::Allowed { by: allowed.by.expect("what allows is a statement") },
        Truth::No => unreachable!("no layer refuses, and nothing denies"),
    }
}

/// Whether caller and resource are in two accounts. A resource whose account neither the request nor the ARN names
/// (an S3 bucket) is taken for the caller's own.
fn crosses(request: &Request<'_>) -> bool {
    let Principal::Role { arn, .. } = &request.principal else { return false };
    let named = request.resource.split(':').nth(4).filter(|account| !account.is_empty());
    request.resource_account.or(named).is_some_and(|account| account != arn.account())
}

/// Something that holds or not, and the statement that makes it hold.
#[derive(Debug, Clone)]
struct Claim {
    truth: Truth,
    by: Option<Witness>,
}

impl Claim {
    fn yes() -> Self {
        Claim { truth: Truth::Yes, by: None }
    }

    fn no() -> Self {
        Claim { truth: Truth::No, by: None }
    }

    fn or(self, other: Claim) -> Claim {
        match (&self.truth, &other.truth) {
            (Truth::Yes, _) => self,
            (_, Truth::Yes) => other,
            _ => Claim { truth: self.truth.or(other.truth), by: None },
        }
    }

    fn and(self, other: Claim) -> Claim {
        Claim { truth: self.truth.and(other.truth), by: self.by.or(other.by) }
    }
}

/// What the policies of one kind say: whether they deny, and by which name of the caller they allow.
#[derive(Debug, Clone)]
struct Reading {
    deny: Claim,
    outright: Claim,
    role: Claim,
    account: Claim,
}

impl Reading {
    fn of(policies: &[&Policy<'_>], request: &Request<'_>, bounded: &Truth) -> Self {
        let mut reading = Reading { deny: Claim::no(), outright: Claim::no(), role: Claim::no(), account: Claim::no() };
        for policy in policies {
            for (index, statement) in policy.document.statements().iter().enumerate() {
                let applies = Judged::of(statement, policy, request, bounded).applies();
                let claim = |truth: Truth| Claim { by: (truth == Truth::Yes).then(|| policy.witness(index)), truth };
                match statement.effect {
                    Effect::Deny => reading.deny = reading.deny.or(claim(applies.at_all())),
                    Effect::Allow => {
                        reading.outright = reading.outright.or(claim(applies.outright));
                        reading.role = reading.role.or(claim(applies.role));
                        reading.account = reading.account.or(claim(applies.account));
                    }
                }
            }
        }
        reading
    }

    fn unknown(why: &str) -> Self {
        let claim = Claim { truth: Truth::unknown(why), by: None };
        Reading { deny: claim.clone(), outright: claim.clone(), role: claim.clone(), account: claim }
    }

    fn at_all(&self) -> Claim {
        self.outright.clone().or(self.role.clone()).or(self.account.clone())
    }
}

#[cfg(test)]
mod tests;
