//! A policy document and a request: judged, and never around when more becomes known.
//!
//! The input: a line with the action, a line with the resource, and the document.
#![no_main]

use ecs_why_core::iam::{Context, Decision, Document, Policies, Policy, PolicyKind, Principal, Request, evaluate, trusts};
use ecs_why_core::model::Arn;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(3, '\n');
    let (Some(action), Some(resource), Some(document)) = (lines.next(), lines.next(), lines.next()) else { return };
    let Ok(document) = Document::parse(document) else { return };
    let role: Arn = "arn:aws:iam::111122223333:role/app/execution".parse().expect("an ARN");
    let nothing = Context::new();
    let mut more = Context::new();
    more.set("aws:SourceVpce", "vpce-0aa").set("aws:SecureTransport", "true").set("aws:SourceIp", "10.0.0.5").no_others("aws:");

    let decide = |kind: PolicyKind, context: &Context| {
        let policy = Policy { name: "a policy", kind, document: &document };
        let mut policies = Policies::default();
        match kind {
            PolicyKind::Boundary => policies.boundary = Some(policy),
            PolicyKind::Resource => policies.resource = Some(policy),
            PolicyKind::Endpoint => policies.endpoint = Some(policy),
            _ => policies.identity = vec![policy],
        }
        let principal = Principal::Role { arn: &role, session: None };
        evaluate(&Request { principal, action, resource, resource_account: None, context }, &policies)
    };
    for kind in [PolicyKind::Identity, PolicyKind::Boundary, PolicyKind::Resource, PolicyKind::Endpoint] {
        holds(&decide(kind, &nothing), &decide(kind, &more));
    }
    holds(&trusts(&document, "ecs-tasks.amazonaws.com", &nothing), &trusts(&document, "ecs-tasks.amazonaws.com", &more));
});

/// What was decided with little knowledge stays so with more.
fn holds(before: &Decision, after: &Decision) {
    match before {
        Decision::Unknown { .. } => {}
        Decision::Allowed { .. } => assert!(matches!(after, Decision::Allowed { .. }), "{before:?}, then {after:?}"),
        Decision::Denied(_) => assert!(matches!(after, Decision::Denied(_)), "{before:?}, then {after:?}"),
    }
}
