use super::*;
use crate::iam::{Context, Missed};
use crate::model::Arn;

fn read(statement: &str) -> Document {
    Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)).expect("it is sound")
}

/// Asks with the action `ecr:BatchGetImage`, or whatever is given.
fn asked<T>(principal: Principal<'_>, action: &str, resource: &str, ask: impl FnOnce(&Request<'_>) -> T) -> T {
    let context = Context::new();
    ask(&Request { principal, action, resource, resource_account: None, context: &context })
}

fn role() -> Arn {
    "arn:aws:iam::111122223333:role/app/web".parse().expect("an ARN")
}

const REPOSITORY: &str = "arn:aws:ecr:us-east-1:444455556666:repository/web";

#[test]
fn a_witness_names_policy_and_statement() {
    let document = read(
        r#"[{"Effect":"Allow","Action":"logs:*","Resource":"*"},
            {"Sid":"NoPull","Effect":"Deny","Action":"ecr:*","Resource":"*"}]"#,
    );
    let identity = vec![Policy { name: "inline policy `x`", kind: PolicyKind::Identity, document: &document }];
    let policies = Policies { identity, ..Policies::default() };
    let role = role();
    let principal = Principal::Role { arn: &role, session: None };
    let decision = asked(principal, "ecr:BatchGetImage", REPOSITORY, |request| evaluate(request, &policies));
    let by = Witness {
        policy: "inline policy `x`".to_owned(),
        kind: PolicyKind::Identity,
        sid: Some("NoPull".to_owned()),
        statement: 1,
    };
    assert_eq!(decision, Decision::Denied(Denial::Explicit { by }));
}

#[test]
fn a_repository_policy_is_judged_by_its_own_side_alone() {
    let role = role();
    let principal = Principal::Role { arn: &role, session: None };
    let document = read(r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"ecr:BatchGetImage"}"#);
    let policy = Policy { name: "the repository's policy", kind: PolicyKind::Resource, document: &document };
    let ask = |action, policy| asked(principal, action, REPOSITORY, |request| resource_policy_allows(request, policy));
    assert!(matches!(ask("ecr:BatchGetImage", Some(&policy)), Decision::Allowed { .. }));
    let denied = ask("ecr:GetDownloadUrlForLayer", Some(&policy));
    let Decision::Denied(Denial::Implicit { layer: PolicyKind::Resource, nearest: Some(nearest) }) = denied else {
        panic!("{denied:?}")
    };
    assert_eq!(nearest.missed, Missed::Action);
    let none = Denial::Implicit { layer: PolicyKind::Resource, nearest: None };
    assert_eq!(ask("ecr:BatchGetImage", None), Decision::Denied(none));
}

#[test]
fn whether_a_boundary_makes_not_principal_deny_is_not_known_from_one_side() {
    let role = role();
    let session: Arn = "arn:aws:sts::111122223333:assumed-role/web/abc".parse().expect("an ARN");
    let document = read(
        r#"[{"Effect":"Allow","Principal":"*","Action":"ecr:*"},
            {"Effect":"Deny","Action":"ecr:*","NotPrincipal":{"AWS":["111122223333",
             "arn:aws:iam::111122223333:role/app/web","arn:aws:sts::111122223333:assumed-role/web/abc"]}}]"#,
    );
    let policy = Policy { name: "p", kind: PolicyKind::Resource, document: &document };
    let principal = Principal::Role { arn: &role, session: Some(&session) };
    let decision =
        asked(principal, "ecr:BatchGetImage", REPOSITORY, |request| resource_policy_allows(request, Some(&policy)));
    let because = vec!["whether the role has a permissions boundary".to_owned()];
    assert_eq!(decision, Decision::Unknown { because });
}

#[test]
fn an_endpoint_without_a_policy_lets_everything_through() {
    let decision =
        asked(Principal::Unnamed, "s3:GetObject", "arn:aws:s3:::b/k", |request| endpoint_policy_allows(request, None));
    assert!(matches!(decision, Decision::Allowed { .. }));
}

#[test]
fn layers_come_from_a_bucket_of_aws_and_somebody_unnamed_asks() {
    let layer = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/1/2";
    let ask = |statement: &str| {
        let document = read(statement);
        asked(Principal::Unnamed, "s3:GetObject", layer, |request| endpoint_policy_allows(request, Some(&document)))
    };
    let open = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::prod-*-starport-layer-bucket/*"}"#;
    assert!(matches!(ask(open), Decision::Allowed { .. }));
    let own = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::mine/*"}"#;
    assert!(matches!(ask(own), Decision::Denied(Denial::Implicit { layer: PolicyKind::Endpoint, .. })));
    let named = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}"#;
    assert!(matches!(ask(named), Decision::Unknown { .. }));
}

#[test]
fn a_service_that_asks_in_its_own_name_needs_the_resources_policy() {
    let document = read(r#"{"Effect":"Allow","Principal":{"Service":"x.amazonaws.com"},"Action":"ecr:*"}"#);
    let resource = Some(Policy { name: "p", kind: PolicyKind::Resource, document: &document });
    let policies = Policies { resource, ..Policies::default() };
    let ask = |service| {
        asked(Principal::Service(service), "ecr:BatchGetImage", REPOSITORY, |request| evaluate(request, &policies))
    };
    assert!(matches!(ask("x.amazonaws.com"), Decision::Allowed { .. }));
    assert!(matches!(ask("y.amazonaws.com"), Decision::Denied(_)));
}
