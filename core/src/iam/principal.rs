//! Who asks, and whether a `Principal` element means them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use super::document::{Effect, Listed, Named, Statement};
use super::truth::Truth;
use super::{PolicyKind, Principal, Request};
use crate::model::Arn;

/// How a policy names a principal. It matters, because in one account each way has another effect.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Called {
    /// As everyone, as this very session, or as this service: nothing in the principal's account limits that.
    pub outright: Truth,
    /// As the role, within its boundary.
    pub role: Truth,
    /// As somebody of the account, whose own policies decide.
    pub account: Truth,
}

impl Called {
    fn nobody() -> Self {
        Called { outright: Truth::No, role: Truth::No, account: Truth::No }
    }

    fn outright(truth: Truth) -> Self {
        Called { outright: truth, ..Called::nobody() }
    }

    fn or(self, other: Called) -> Self {
        Called {
            outright: self.outright.or(other.outright),
            role: self.role.or(other.role),
            account: self.account.or(other.account),
        }
    }

    /// Each way, but only where something else holds too.
    pub(super) fn and(self, truth: &Truth) -> Self {
        Called {
            outright: self.outright.and(truth.clone()),
            role: self.role.and(truth.clone()),
            account: self.account.and(truth.clone()),
        }
    }

    pub(super) fn at_all(self) -> Truth {
        self.outright.or(self.role).or(self.account)
    }
}

/// Whether and how a statement names the one who asks; `bounded` says whether the role has a boundary.
pub(super) fn named(statement: &Statement, request: &Request<'_>, kind: PolicyKind, bounded: &Truth) -> Called {
    match &statement.principal {
        None if kind.needs_principal() => Called::outright(Truth::unknown("a statement without `Principal`")),
        None => Called::outright(Truth::Yes),
        Some(Listed::Only(entries)) => {
            let called =
                entries.iter().map(|entry| entry_names(entry, &request.principal)).fold(Called::nobody(), Called::or);
            if kind == PolicyKind::Endpoint && at_gateway(request.action) { gateway(called) } else { called }
        }
        // AWS supports it with `Deny` only, and does not say what it does otherwise.
        Some(Listed::AllBut(_)) if statement.effect == Effect::Allow => {
            Called::outright(Truth::unknown("`NotPrincipal` with `Allow`"))
        }
        Some(Listed::AllBut(entries)) => Called::outright(excepted(entries, &request.principal, bounded).not()),
    }
}

fn entry_names(entry: &Named, principal: &Principal<'_>) -> Called {
    match (entry.kind.as_str(), principal) {
        ("AWS", _) if entry.name == "*" => Called::outright(Truth::Yes),
        (_, Principal::Unnamed) => Called::outright(Truth::unknown("who signs the request")),
        ("Service", Principal::Service(service)) => Called::outright(Truth::of(entry.name == *service)),
        ("AWS", Principal::Role { arn, session }) => Called {
            outright: session_is(&entry.name, arn, *session),
            role: Truth::of(entry.name == arn.as_str()),
            account: Truth::of(account_is(&entry.name, arn)),
        },
        // An id of S3's own for an account, that nothing else shows.
        ("CanonicalUser", Principal::Role { .. }) => Called {
            account: Truth::unknown(format!("whose canonical user id `{}` is", entry.name)),
            ..Called::nobody()
        },
        _ => Called::nobody(),
    }
}

fn account_is(name: &str, role: &Arn) -> bool {
    name == role.account() || name == format!("arn:{}:iam::{}:root", role.partition(), role.account())
}

/// `arn:aws:sts::{account}:assumed-role/{role without path}/{session}`
fn session_is(name: &str, role: &Arn, session: Option<&Arn>) -> Truth {
    if let Some(session) = session {
        return Truth::of(name == session.as_str());
    }
    let start = format!("arn:{}:sts::{}:assumed-role/{}/", role.partition(), role.account(), role.name());
    if name.starts_with(&start) { Truth::unknown("the name of the role's session") } else { Truth::No }
}

/// `NotPrincipal` spares a role's session only if account, role and session are all listed, and nobody with a boundary,
/// "regardless of the values".
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
fn excepted(entries: &[Named], principal: &Principal<'_>, bounded: &Truth) -> Truth {
    let called = entries.iter().map(|entry| entry_names(entry, principal)).fold(Called::nobody(), Called::or);
    let everyone = Truth::of(entries.iter().any(|entry| entry.kind == "AWS" && entry.name == "*"));
    match principal {
        Principal::Role { .. } => {
            let listed = called.outright.and(called.role).and(called.account);
            everyone.or(listed).and(bounded.clone().not())
        }
        Principal::Service(_) | Principal::Unnamed => everyone.or(called.outright),
    }
}

/// Services with gateway endpoints, whose policies know no principal but `*`.
fn at_gateway(action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    ["s3", "dynamodb"].iter().any(|gateway| gateway.eq_ignore_ascii_case(service))
}

/// Whether the endpoint is a gateway is not known here; if it is, a role or account that is named does not count.
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>
fn gateway(called: Called) -> Called {
    let named = called.clone().at_all();
    match (&called.outright, named) {
        (Truth::Yes, _) | (_, Truth::No) => called,
        _ => Called::outright(Truth::unknown("a `Principal` other than `*` in the policy of a gateway endpoint")),
    }
}
