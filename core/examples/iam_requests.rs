//! Requests with policies, made up from a seed, and what we decide: one JSON object a line.
//!
//! `tests/iam-simulate` puts them to an independent evaluator and compares. `cargo run -p ecs-why-core --example
//! iam_requests -- 6000 1` writes 6000 of them from the seed 1.
#![allow(clippy::print_stdout)] // that is what it is for

use ecs_why_core::iam::{
    Context, Decision, Denial, Document, Policies, Policy, PolicyKind, Principal, Request, evaluate,
};
use ecs_why_core::model::Arn;
use serde_json::{Map, Value, json};

const ACCOUNT: &str = "111122223333";
const OTHER: &str = "444455556666";
const ROLE: &str = "arn:aws:iam::111122223333:role/web";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/web/abc";

/// SplitMix64: small, seeded, the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(count).unwrap_or(1)).unwrap_or_default()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// One or two different ones.
    fn some<'a>(&mut self, of: &[&'a str]) -> Vec<&'a str> {
        let mut picked = vec![self.one(of)];
        if self.chance(40) {
            let more = self.one(of);
            if !picked.contains(&more) {
                picked.push(more);
            }
        }
        picked
    }

    /// Whom a `NotPrincipal` spares: one or two of all names, or the three that a session needs.
    fn spared(&mut self) -> Value {
        if self.chance(50) {
            return json!({ "AWS": self.some(NAMES) });
        }
        let all = [self.one(&[ACCOUNT, "arn:aws:iam::111122223333:root"]), ROLE, SESSION];
        let left_out = self.below(6);
        json!({ "AWS": all.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, name)| name).collect::<Vec<_>>() })
    }
}

/// A call: its action, its resource, and patterns around both.
struct Call {
    action: &'static str,
    resource: &'static str,
    actions: &'static [&'static str],
    resources: &'static [&'static str],
    key: bool,
}

/// `{a}` is the account that owns the resource.
const CALLS: [Call; 8] = [
    Call {
        action: "ecr:GetAuthorizationToken",
        resource: "*",
        actions: &["ecr:GetAuthorizationToken", "ecr:Get*", "ecr:getauthorizationtoken", "ecr:BatchGetImage"],
        resources: &["*", "arn:aws:ecr:*:*:repository/*", "arn:aws:ecr:us-east-1:{a}:repository/web"],
        key: false,
    },
    Call {
        action: "ecr:BatchGetImage",
        resource: "arn:aws:ecr:us-east-1:{a}:repository/team/web",
        actions: &["ecr:BatchGetImage", "ecr:Batch*", "ECR:BATCHGETIMAGE", "ecr:BatchGet?mage", "ecr:PutImage"],
        resources: &[
            "arn:aws:ecr:us-east-1:{a}:repository/team/web",
            "arn:aws:ecr:us-east-1:{a}:repository/team/*",
            "arn:aws:ecr:*:{a}:repository/*/web",
            "arn:aws:ecr:us-east-1:{a}:repository/team/w?b",
            "arn:aws:ecr:us-east-1:{a}:repository/Team/Web",
            "arn:aws:ecr:eu-*:{a}:repository/team/web",
            "arn:aws:ecr:us-east-1:{a}:repository/${aws:PrincipalTag/team}/web",
            "arn:aws:ecr:us-east-1:{a}:repository/${aws:PrincipalTag/team, 'team'}/*",
            "arn:aws:ecr:us-east-1:{a}:repository/${*}",
        ],
        key: false,
    },
    Call {
        action: "ecr:GetDownloadUrlForLayer",
        resource: "arn:aws:ecr:us-east-1:{a}:repository/web",
        actions: &["ecr:GetDownloadUrlForLayer", "ecr:Get*", "ecr:GetDownloadUrlForLaye?", "ecr:BatchGetImage"],
        resources: &[
            "arn:aws:ecr:us-east-1:{a}:repository/web",
            "arn:aws:ecr:us-east-1:{a}:repository/web*",
            "arn:aws:ecr:us-east-1:{a}:repository/we",
            "arn:aws:ecr:us-*-?:{a}:repository/*",
        ],
        key: false,
    },
    Call {
        action: "secretsmanager:GetSecretValue",
        resource: "arn:aws:secretsmanager:us-east-1:{a}:secret:prod/db-AbCdEf",
        actions: &["secretsmanager:GetSecretValue", "secretsmanager:Get*", "secretsmanager:DescribeSecret"],
        resources: &[
            "arn:aws:secretsmanager:us-east-1:{a}:secret:prod/db-AbCdEf",
            "arn:aws:secretsmanager:us-east-1:{a}:secret:prod/db-??????",
            "arn:aws:secretsmanager:us-east-1:{a}:secret:prod/db",
            "arn:aws:secretsmanager:us-east-1:{a}:secret:prod/*",
            "arn:aws:secretsmanager:*:{a}:secret:*",
            "arn:aws:secretsmanager:us-east-1:{a}:secret:prod/db-*-??????",
        ],
        key: false,
    },
    Call {
        action: "ssm:GetParameters",
        resource: "arn:aws:ssm:us-east-1:{a}:parameter/prod/db",
        actions: &["ssm:GetParameters", "ssm:GetParameter", "ssm:GetParameter*", "ssm:GetParameter?"],
        resources: &[
            "arn:aws:ssm:us-east-1:{a}:parameter/prod/db",
            "arn:aws:ssm:us-east-1:{a}:parameter/prod/*",
            "arn:aws:ssm:us-east-1:{a}:parameter//prod/db",
            "arn:aws:ssm:us-east-1:{a}:parameter/${aws:PrincipalTag/stage, 'prod'}/db",
        ],
        key: false,
    },
    Call {
        action: "s3:GetObject",
        resource: "arn:aws:s3:::config-bucket/web/app.env",
        actions: &["s3:GetObject", "s3:Get*", "s3:GetObjectVersion", "s3:*Object"],
        resources: &[
            "arn:aws:s3:::config-bucket/web/app.env",
            "arn:aws:s3:::config-bucket/*",
            "arn:aws:s3:::config-bucket",
            "arn:aws:s3:::*",
            "arn:aws:s3:::config-bucket/${aws:PrincipalTag/team}/*",
        ],
        key: false,
    },
    Call {
        action: "logs:PutLogEvents",
        resource: "arn:aws:logs:us-east-1:{a}:log-group:/ecs/web:log-stream:web/app/1",
        actions: &["logs:PutLogEvents", "logs:Put*", "logs:CreateLogStream"],
        resources: &[
            "arn:aws:logs:us-east-1:{a}:log-group:/ecs/web:*",
            "arn:aws:logs:us-east-1:{a}:log-group:/ecs/web",
            "arn:aws:logs:us-east-1:{a}:log-group:/ecs/*",
            "arn:aws:logs:us-east-1:{a}:log-group:/ecs/web:log-stream:web/*",
        ],
        key: false,
    },
    Call {
        action: "kms:Decrypt",
        resource: "arn:aws:kms:us-east-1:{a}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        actions: &["kms:Decrypt", "kms:*", "kms:Encrypt"],
        resources: &[
            "arn:aws:kms:us-east-1:{a}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:us-east-1:{a}:key/*",
            "arn:aws:kms:us-east-1:{a}:key/other",
        ],
        key: true,
    },
];

/// Context keys: what a request may have, and what policies compare it with, by kinds of operators.
struct Key {
    name: &'static str,
    has: &'static [&'static [&'static str]],
    wants: &'static [&'static str],
    operators: &'static [&'static str],
}

const TEXT: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];
const ADDRESS: &[&str] = &["IpAddress", "NotIpAddress"];
const TRUTH: &[&str] = &["Bool"];
const NUMBER: &[&str] = &[
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
];
const DATE: &[&str] =
    &["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"];
const ARN: &[&str] = &["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"];

const KEYS: [Key; 10] = [
    Key {
        name: "aws:RequestedRegion",
        has: &[&["us-east-1"], &["eu-west-1"]],
        wants: &["us-east-1", "US-EAST-1", "us-*", "eu-west-?", "u*"],
        operators: TEXT,
    },
    Key {
        name: "aws:PrincipalTag/team",
        has: &[&["team"], &["Team"], &["*"], &[]],
        wants: &["team", "TEAM", "te?m", "t*", "${aws:PrincipalTag/team}", "${*}", "${aws:PrincipalTag/none, 'team'}"],
        operators: TEXT,
    },
    Key {
        name: "aws:SourceVpce",
        has: &[&["vpce-1"], &["vpce-2"], &[]],
        wants: &["vpce-1", "vpce-*", "VPCE-1"],
        operators: TEXT,
    },
    Key {
        name: "aws:TagKeys",
        has: &[&["a", "b"], &["a"], &["c"], &[]],
        wants: &["a", "b", "A", "?"],
        operators: TEXT,
    },
    Key {
        name: "aws:SourceIp",
        has: &[&["192.0.2.9"], &["198.51.100.1"], &["2001:db8::1"], &[]],
        wants: &["192.0.2.0/24", "192.0.2.9", "0.0.0.0/0", "2001:db8::/32", "198.51.100.0/31"],
        operators: ADDRESS,
    },
    Key {
        name: "aws:SecureTransport",
        has: &[&["true"], &["false"], &[]],
        wants: &["true", "false"],
        operators: TRUTH,
    },
    Key {
        name: "aws:MultiFactorAuthAge",
        has: &[&["300"], &["3600"], &["7"], &[]],
        wants: &["300", "3600", "299", "3600.0", "10"],
        operators: NUMBER,
    },
    Key {
        name: "aws:CurrentTime",
        has: &[&["2026-03-01T10:00:00Z"], &["2025-12-31T23:59:59Z"]],
        wants: &["2026-03-01T10:00:00Z", "2026-01-01T00:00:00Z", "2026-03-01", "2026-03-01T11:00:00+01:00"],
        operators: DATE,
    },
    Key {
        name: "aws:PrincipalArn",
        has: &[&[ROLE]],
        wants: &[
            ROLE,
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::*:role/web",
            "arn:aws:iam::111122223333:user/*",
        ],
        operators: ARN,
    },
    Key {
        name: "aws:SourceArn",
        has: &[&["arn:aws:ecs:us-east-1:111122223333:task/prod/1"], &[]],
        wants: &[
            "arn:aws:ecs:us-east-1:111122223333:*",
            "arn:aws:ecs:*:111122223333:task/prod/*",
            "arn:aws:ecs:us-east-1:111122223333:cluster/prod",
            "arn:aws:ecs:us-*:*:task/prod/?",
        ],
        operators: ARN,
    },
];

const NAMES: &[&str] = &[
    "*",
    ACCOUNT,
    "arn:aws:iam::111122223333:root",
    ROLE,
    SESSION,
    "arn:aws:iam::111122223333:role/other",
    "arn:aws:sts::111122223333:assumed-role/web/other",
    OTHER,
    "arn:aws:iam::444455556666:root",
];

/// What kind of policy a statement is made for.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Identity,
    Resource,
    Endpoint,
}

fn condition(dice: &mut Dice) -> (String, &'static str, Value) {
    let key = &KEYS[dice.below(KEYS.len())];
    if dice.chance(8) {
        return ("Null".to_owned(), key.name, json!([dice.one(&["true", "false"])]));
    }
    let mut operator = dice.one(key.operators).to_owned();
    let many = key.name == "aws:TagKeys";
    if many || dice.chance(4) {
        operator = format!("{}:{operator}", dice.one(&["ForAnyValue", "ForAllValues"]));
    }
    if dice.chance(20) {
        operator.push_str("IfExists");
    }
    (operator, key.name, json!(dice.some(key.wants)))
}

fn statement(dice: &mut Dice, call: &Call, owner: &str, place: Place) -> Value {
    let mut one = json!({ "Effect": if dice.chance(78) { "Allow" } else { "Deny" } });
    let denies = one["Effect"] == "Deny";
    let actions = if dice.chance(12) { vec!["*"] } else { dice.some(call.actions) };
    one[if dice.chance(8) { "NotAction" } else { "Action" }] = json!(actions);
    let resources = if dice.chance(25) { vec!["*"] } else { dice.some(call.resources) };
    let resources: Vec<String> = resources.into_iter().map(|text| text.replace("{a}", owner)).collect();
    one[if dice.chance(8) { "NotResource" } else { "Resource" }] = json!(resources);
    if place != Place::Identity {
        // AWS supports `NotPrincipal` with `Deny` only.
        let except = place == Place::Resource && denies && dice.chance(25);
        let names = if except { dice.spared() } else { json!({ "AWS": dice.some(NAMES) }) };
        // The other evaluator takes only `*` in policies of endpoints.
        let names = if place == Place::Endpoint { json!("*") } else { names };
        one[if except { "NotPrincipal" } else { "Principal" }] = names;
    }
    for _ in 0..[0, 0, 0, 1, 1, 2][dice.below(6)] {
        let (operator, key, values) = condition(dice);
        one["Condition"][operator.as_str()][key] = values;
    }
    one
}

fn document(dice: &mut Dice, call: &Call, owner: &str, place: Place) -> Value {
    let statements: Vec<Value> = (0..=dice.below(3)).map(|_| statement(dice, call, owner, place)).collect();
    let version = if dice.chance(92) { "2012-10-17" } else { "2008-10-17" };
    json!({ "Version": version, "Statement": statements })
}

/// The documents of one request.
struct Made {
    identity: Vec<Value>,
    boundary: Option<Value>,
    session: Option<Value>,
    resource: Option<Value>,
    endpoint: Option<Value>,
}

impl Made {
    fn new(dice: &mut Dice, call: &Call, owner: &str) -> Made {
        let identity = (0..dice.below(3)).map(|_| document(dice, call, owner, Place::Identity)).collect();
        let mut maybe = |percent, place| dice.chance(percent).then(|| document(dice, call, owner, place));
        Made {
            identity,
            boundary: maybe(20, Place::Identity),
            session: maybe(10, Place::Identity),
            // A key always has a policy.
            resource: maybe(
                if call.key {
                    100
                } else if owner == OTHER {
                    85
                } else {
                    45
                },
                Place::Resource,
            ),
            endpoint: maybe(15, Place::Endpoint),
        }
    }

    fn decide(&self, call: &Call, resource: &str, owner: &str, context: &Context) -> Decision {
        let read = |value: &Value| Document::parse(&value.to_string()).expect("it is made to be sound");
        let identity: Vec<Document> = self.identity.iter().map(read).collect();
        let [boundary, session, own, endpoint] =
            [&self.boundary, &self.session, &self.resource, &self.endpoint].map(|one| one.as_ref().map(read));
        let as_policy = |kind| move |document| Policy { name: "policy", kind, document };
        let policies = Policies {
            identity: identity.iter().map(as_policy(PolicyKind::Identity)).collect(),
            boundary: boundary.as_ref().map(as_policy(PolicyKind::Boundary)),
            session: session.as_ref().map(as_policy(PolicyKind::Session)),
            resource: own.as_ref().map(as_policy(PolicyKind::Resource)),
            endpoint: endpoint.as_ref().map(as_policy(PolicyKind::Endpoint)),
            kms_key: call.key,
        };
        let (role, name): (Arn, Arn) = (ROLE.parse().expect("an ARN"), SESSION.parse().expect("an ARN"));
        let principal = Principal::Role { arn: &role, session: Some(&name) };
        let request = Request { principal, action: call.action, resource, resource_account: Some(owner), context };
        evaluate(&request, &policies)
    }

    fn named(value: Option<&Value>) -> Value {
        value.map_or(json!([]), |policy| json!([{ "name": "policy", "policy": policy }]))
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().expect("a number"));
    let (count, seed) = (arguments.next().unwrap_or(6000), arguments.next().unwrap_or(1));
    let mut dice = Dice(seed);
    for _ in 0..count {
        let call = &CALLS[dice.below(CALLS.len())];
        let owner = if call.resource != "*" && dice.chance(20) { OTHER } else { ACCOUNT };
        let resource = call.resource.replace("{a}", owner);
        let made = Made::new(&mut dice, call, owner);
        // Everything about the request is known: what it does not have is absent.
        let (mut context, mut variables) = (Context::new(), Map::new());
        context.no_others("");
        for key in &KEYS {
            let values = key.has[dice.below(key.has.len())];
            context.set_many(key.name, values.iter().copied());
            let value = if key.name == "aws:TagKeys" { json!(values) } else { json!(values.first()) };
            if !values.is_empty() {
                variables.insert(key.name.to_owned(), value);
            }
        }
        let decision = made.decide(call, &resource, owner, &context);
        let (ours, detail) = match &decision {
            Decision::Allowed { by } => ("Allowed", by.kind.to_string()),
            Decision::Denied(Denial::Explicit { by }) => ("ExplicitlyDenied", by.kind.to_string()),
            Decision::Denied(Denial::Implicit { layer, .. }) => ("ImplicitlyDenied", layer.to_string()),
            Decision::Unknown { because } => ("Unknown", because.join("; ")),
        };
        let simulation = json!({
            "request": {
                "principal": SESSION, "action": call.action,
                "resource": { "resource": resource, "accountId": owner }, "contextVariables": variables,
            },
            "identityPolicies": made.identity.iter().map(|one| json!({ "name": "policy", "policy": one })).collect::<Vec<_>>(),
            "permissionBoundaryPolicies": made.boundary.as_ref().map(|one| Made::named(Some(one))),
            "sessionPolicy": made.session, "resourcePolicy": made.resource,
            "vpcEndpointPolicies": made.endpoint.as_ref().map(|one| Made::named(Some(one))),
            "serviceControlPolicies": [], "resourceControlPolicies": [],
        });
        println!("{}", json!({ "ours": ours, "detail": detail, "simulation": simulation }));
    }
}
