//! What holds for any policies and any context.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::*;

const KEYS: [&str; 4] = ["aws:SourceVpce", "aws:SourceIp", "aws:PrincipalTag/team", "aws:TagKeys"];
const VALUES: [&str; 7] =
    ["web", "w*", "7", "true", "192.0.2.0/24", "${aws:PrincipalTag/team}", "${aws:SourceVpce, 'web'}"];
const OPERATORS: [&str; 14] = [
    "StringEquals",
    "StringNotEquals",
    "StringLikeIfExists",
    "StringNotEqualsIgnoreCase",
    "ArnLike",
    "NumericLessThan",
    "Bool",
    "Null",
    "IpAddress",
    "NotIpAddress",
    "ForAnyValue:StringEquals",
    "ForAnyValue:StringNotLike",
    "ForAllValues:StringLike",
    "NoSuchOperator",
];
const ACTIONS: [&str; 4] = ["*", "ecr:*", "ecr:BatchGetImage", "logs:PutLogEvents"];
const RESOURCES: [&str; 5] = [
    "*",
    "arn:aws:ecr:us-east-1:111122223333:repository/web",
    "arn:aws:ecr:*",
    "arn:aws:ecr:us-east-1:111122223333:repository/${aws:PrincipalTag/team}",
    "arn:aws:logs:us-east-1:111122223333:*",
];
const NAMES: [&str; 5] = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:role/app/web",
    "arn:aws:sts::111122223333:assumed-role/web/abc",
    "444455556666",
];

fn some_of(from: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(from, 1..=2.min(from.len()))
}

fn condition() -> impl Strategy<Value = (&'static str, &'static str, Vec<&'static str>)> {
    (select(&OPERATORS[..]), select(&KEYS[..]), some_of(&VALUES))
}

fn statement(with_principal: bool) -> impl Strategy<Value = Value> {
    let listed = (prop::bool::weighted(0.2), some_of(&ACTIONS), prop::bool::weighted(0.2), some_of(&RESOURCES));
    let who = (prop::bool::weighted(0.2), some_of(&NAMES));
    (prop::bool::weighted(0.75), listed, who, vec(condition(), 0..3)).prop_map(
        move |(allow, (not_action, actions, not_resource, resources), (not_principal, names), conditions)| {
            let mut statement = json!({ "Effect": if allow { "Allow" } else { "Deny" } });
            statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
            if with_principal {
                statement[if not_principal { "NotPrincipal" } else { "Principal" }] = json!({ "AWS": names });
            }
            for (operator, key, values) in conditions {
                statement["Condition"][operator][key] = json!(values);
            }
            statement
        },
    )
}

fn document(with_principal: bool) -> impl Strategy<Value = Document> {
    vec(statement(with_principal), 0..4).prop_map(|statements| {
        let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        Document::parse(&text).expect("made to be sound")
    })
}

/// Each key is known, known with several values, absent, or unknown.
fn context() -> impl Strategy<Value = Context> {
    let value = || select(vec!["web", "worker", "7", "true", "192.0.2.9"]);
    let state = prop_oneof![
        3 => vec(value(), 1).prop_map(Some),
        1 => vec(value(), 0..3).prop_map(Some),
        1 => Just(None),
    ];
    vec(state, KEYS.len()).prop_map(|states| {
        let mut context = Context::new();
        for (key, state) in KEYS.iter().zip(states) {
            if let Some(values) = state {
                context.set_many(key, values);
            }
        }
        context
    })
}

/// The documents of one request, which the tests take apart.
#[derive(Debug, Clone)]
struct World {
    identity: Vec<Document>,
    boundary: Option<Document>,
    resource: Option<Document>,
    endpoint: Option<Document>,
    kms_key: bool,
    owner: Option<&'static str>,
}

fn world() -> impl Strategy<Value = World> {
    let others =
        (option::weighted(0.2, document(false)), option::of(document(true)), option::weighted(0.1, document(true)));
    let owner = option::of(select(vec!["111122223333", "444455556666"]));
    (vec(document(false), 0..3), others, prop::bool::weighted(0.2), owner).prop_map(
        |(identity, (boundary, resource, endpoint), kms_key, owner)| World {
            identity,
            boundary,
            resource,
            endpoint,
            kms_key,
            owner,
        },
    )
}

impl World {
    fn decide(&self, context: &Context) -> Decision {
        let role: Arn = "arn:aws:iam::111122223333:role/app/web".parse().expect("an ARN");
        let session: Arn = "arn:aws:sts::111122223333:assumed-role/web/abc".parse().expect("an ARN");
        let one = |kind, document| Policy { name: "p", kind, document };
        let policies = Policies {
            identity: self.identity.iter().map(|document| one(PolicyKind::Identity, document)).collect(),
            boundary: self.boundary.as_ref().map(|document| one(PolicyKind::Boundary, document)),
            resource: self.resource.as_ref().map(|document| one(PolicyKind::Resource, document)),
            endpoint: self.endpoint.as_ref().map(|document| one(PolicyKind::Endpoint, document)),
            kms_key: self.kms_key,
            ..Policies::default()
        };
        let request = Request {
            principal: Principal::Role { arn: &role, session: Some(&session) },
            action: "ecr:BatchGetImage",
            resource: "arn:aws:ecr:us-east-1:111122223333:repository/web",
            resource_account: self.owner,
            context,
        };
        evaluate(&request, &policies)
    }

    fn documents(&mut self) -> impl Iterator<Item = &mut Document> {
        self.identity.iter_mut().chain(&mut self.boundary).chain(&mut self.resource).chain(&mut self.endpoint)
    }
}

/// A decision without its witnesses, whose place in a document is no part of the verdict.
fn verdict(decision: &Decision) -> String {
    match decision {
        Decision::Allowed { .. } => "allowed".to_owned(),
        Decision::Denied(Denial::Explicit { .. }) => "explicit".to_owned(),
        Decision::Denied(Denial::Implicit { layer, .. }) => format!("implicit {layer}"),
        Decision::Unknown { because } => format!("unknown {}", because.join(" ")),
    }
}

/// What a pattern means, written down plainly.
fn slow(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => (0..=text.len()).any(|skipped| slow(rest, &text[skipped..])),
        (['?', pattern @ ..], [_, text @ ..]) => slow(pattern, text),
        ([a, pattern @ ..], [b, text @ ..]) => a == b && slow(pattern, text),
        _ => false,
    }
}

proptest! {
    #[test]
    fn the_matcher_agrees_with_a_slow_obvious_one(pattern in "[ab*?é]{0,8}", text in "[abé]{0,10}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(wildcard(&pattern, &text), slow(&chars(&pattern), &chars(&text)));
    }

    #[test]
    fn an_explicit_deny_wins(mut world in world(), context in context(), at in any::<prop::sample::Index>()) {
        world.identity.push(Document::parse(r#"{"Statement":[]}"#).expect("it is sound"));
        let deny = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
        let mut documents: Vec<&mut Document> = world.documents().collect();
        let place = at.index(documents.len());
        *documents[place] = Document::parse(deny).expect("it is sound");
        prop_assert_eq!(verdict(&world.decide(&context)), "explicit");
    }

    #[test]
    fn order_is_irrelevant(world in world(), context in context()) {
        let mut other = world.clone();
        other.identity.reverse();
        other.documents().for_each(|document| *document = document.reversed());
        prop_assert_eq!(verdict(&world.decide(&context)), verdict(&other.decide(&context)));
    }

    #[test]
    fn what_is_hidden_never_reverses_a_decision(world in world(), context in context(), hidden in select(&KEYS[..])) {
        let mut less = context.clone();
        less.forget(hidden);
        match (world.decide(&context), world.decide(&less)) {
            (_, Decision::Unknown { .. }) | (Decision::Allowed { .. }, Decision::Allowed { .. }) => {}
            (Decision::Denied(Denial::Implicit { .. }), Decision::Denied(Denial::Explicit { by })) => {
                prop_assert!(false, "an explicit deny came from nowhere: {by:?}")
            }
            (Decision::Denied(_), Decision::Denied(_)) => {}
            (full, less) => prop_assert!(false, "{full:?} became {less:?}"),
        }
    }

    #[test]
    fn a_statement_that_is_removed_leaves_no_explicit_deny_behind(
        world in world(), context in context(), at in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let before = world.decide(&context);
        let mut fewer = world;
        let mut documents: Vec<&mut Document> =
            fewer.documents().filter(|document| !document.statements().is_empty()).collect();
        if documents.is_empty() {
            return Ok(());
        }
        let place = at.0.index(documents.len());
        let statement = at.1.index(documents[place].statements().len());
        let effect = documents[place].statements()[statement].effect;
        *documents[place] = documents[place].without(statement);
        match (effect, before, fewer.decide(&context)) {
            (_, Decision::Denied(Denial::Implicit { .. }), Decision::Denied(Denial::Explicit { by })) => {
                prop_assert!(false, "{by:?}")
            }
            (Effect::Allow, Decision::Denied(_), after) => prop_assert!(matches!(after, Decision::Denied(_)), "{:?}", after),
            (Effect::Deny, Decision::Allowed { .. }, after) => {
                prop_assert!(matches!(after, Decision::Allowed { .. }), "{:?}", after)
            }
            _ => {}
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        let _ = Document::parse(&text);
        let _ = Document::parse(&format!("{{{text}}}"));
    }

    #[test]
    fn no_text_in_a_policy_makes_the_evaluation_panic(text in ".{0,40}", operator in select(&OPERATORS[..]), has in ".{0,20}") {
        let statement = json!({
            "Effect": "Allow", "Principal": { "AWS": text }, "Action": [text, "*"], "Resource": [text, "*"],
            "Condition": { operator: { "aws:SourceVpce": text } },
        });
        let json = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        let document = Document::parse(&json).expect("its shape is sound");
        let world = World {
            identity: vec![document.clone()], boundary: None, resource: Some(document), endpoint: None,
            kms_key: false, owner: None,
        };
        let mut context = Context::new();
        context.set("aws:SourceVpce", has);
        world.decide(&context);
    }

    #[test]
    fn a_document_reads_the_same_when_it_is_percent_encoded(statements in vec(statement(true), 0..3)) {
        let plain = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let encoded = percent_encoding::utf8_percent_encode(&plain, percent_encoding::NON_ALPHANUMERIC).to_string();
        prop_assert_eq!(Document::parse(&plain), Document::parse(&encoded));
    }
}
