//! The tables of `cases.toml`: each row is a test, and says why it is there.

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::iam::truth::Truth;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    action: Vec<MatchCase>,
    resource: Vec<MatchCase>,
    condition: Vec<ConditionCase>,
    decision: Vec<DecisionCase>,
    trust: Vec<TrustCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MatchCase {
    why: String,
    pattern: String,
    text: String,
    matches: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionCase {
    why: String,
    operator: String,
    values: OneOrMany,
    /// What the request has; `false`: the key is absent; not given: it is not known.
    has: Option<Value>,
    expect: String,
    #[serde(default)]
    old_version: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionCase {
    why: String,
    action: String,
    resource: String,
    owner: Option<String>,
    /// Policies of one statement each, or of several if the text is a list.
    #[serde(default)]
    identity: Vec<String>,
    boundary: Option<String>,
    session: Option<String>,
    resource_policy: Option<String>,
    endpoint: Option<String>,
    #[serde(default)]
    kms_key: bool,
    #[serde(default)]
    context: IndexMap<String, Value>,
    #[serde(default)]
    no_session: bool,
    expect: String,
    missed: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustCase {
    why: String,
    policy: String,
    #[serde(default)]
    context: IndexMap<String, Value>,
    expect: String,
    missed: Option<String>,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum Value {
    Present(OneOrMany),
    /// `false`
    Absent(#[expect(dead_code, reason = "only its type counts")] bool),
}

impl OneOrMany {
    fn list(&self) -> Vec<String> {
        match self {
            OneOrMany::One(one) => vec![one.clone()],
            OneOrMany::Many(many) => many.clone(),
        }
    }
}

fn put(context: &mut Context, key: &str, value: &Value) {
    match value {
        Value::Present(values) => context.set_many(key, values.list()),
        Value::Absent(_) => context.absent(key),
    };
}

fn cases() -> Cases {
    parse(include_str!("cases.toml"))
}

fn parse<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("the table is sound")
}

/// Runs every row, so that one that fails does not hide the others.
fn each<T>(rows: Vec<T>, why: impl Fn(&T) -> &str, run: impl Fn(&T) -> Option<String>) {
    assert!(!rows.is_empty());
    let failed: Vec<String> = rows.iter().filter_map(|row| Some(format!("{}:\n    {}", why(row), run(row)?))).collect();
    assert!(failed.is_empty(), "{} of {} rows fail\n{}", failed.len(), rows.len(), failed.join("\n"));
}

fn differs(found: &str, expected: &str) -> Option<String> {
    (found != expected).then(|| format!("expected `{expected}`, found `{found}`"))
}

fn read(statements: &str) -> Document {
    Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#)).expect(statements)
}

fn policy(kind: PolicyKind, document: &Document) -> Policy<'_> {
    Policy { name: "p", kind, document }
}

fn decided(decision: &Decision) -> String {
    match decision {
        Decision::Allowed { by } => format!("allowed by {}", by.kind),
        Decision::Denied(Denial::Explicit { by }) => format!("denied by {}", by.kind),
        Decision::Denied(Denial::Implicit { layer, .. }) => format!("nothing allows in {layer}"),
        Decision::Unknown { because } => format!("unknown: {}", because.join(" & ")),
    }
}

fn missed(decision: &Decision) -> String {
    match decision {
        Decision::Denied(Denial::Implicit { nearest: Some(nearest), .. }) => match &nearest.missed {
            Missed::Resource { policy_resources } => format!("resource {}", policy_resources.join(" ")),
            Missed::Action => "action".to_owned(),
            Missed::Principal { named } => format!("principal {}", named.join(" ")),
            Missed::Condition { key } => format!("condition {key}"),
        },
        _ => "nothing".to_owned(),
    }
}

fn judge(decision: &Decision, expect: &str, missing: Option<&String>) -> Option<String> {
    differs(&decided(decision), expect).or_else(|| differs(&missed(decision), missing?))
}

#[test]
fn actions() {
    let run =
        |row: &MatchCase| differs(&pattern::action(&row.pattern, &row.text).to_string(), &row.matches.to_string());
    each(cases().action, |row| &row.why, run);
}

#[test]
fn resources() {
    let run = |row: &MatchCase| {
        let found = pattern::resource(&row.pattern, &row.text, None);
        differs(&format!("{found:?}"), &format!("{:?}", Truth::of(row.matches)))
    };
    each(cases().resource, |row| &row.why, run);
}

#[test]
fn conditions() {
    let run = |row: &ConditionCase| {
        let mut context = Context::new();
        context.set("aws:PrincipalTag/team", "blue").absent("aws:username");
        if let Some(value) = &row.has {
            put(&mut context, "aws:x", value);
        }
        let (operator, values) = (row.operator.clone(), row.values.list());
        let condition = Condition { operator, key: "aws:X".to_owned(), values };
        let found = match condition::holds(&condition, &context, !row.old_version) {
            Truth::Yes => "yes",
            Truth::No => "no",
            Truth::Unknown(_) => "unknown",
        };
        differs(found, &row.expect)
    };
    each(cases().condition, |row| &row.why, run);
}

#[test]
fn decisions() {
    let role: Arn = "arn:aws:iam::111122223333:role/app/web".parse().expect("an ARN");
    let session: Arn = "arn:aws:sts::111122223333:assumed-role/web/abc".parse().expect("an ARN");
    let run = |row: &DecisionCase| {
        let mut context = for_execution_role(&RoleCall::new(&role, "us-east-1"));
        row.context.iter().for_each(|(key, value)| put(&mut context, key, value));
        let identity: Vec<Document> = row.identity.iter().map(|text| read(text)).collect();
        let [boundary, session_policy, resource, endpoint] =
            [&row.boundary, &row.session, &row.resource_policy, &row.endpoint].map(|text| text.as_deref().map(read));
        let policies = Policies {
            identity: identity.iter().map(|document| policy(PolicyKind::Identity, document)).collect(),
            boundary: boundary.as_ref().map(|document| policy(PolicyKind::Boundary, document)),
            session: session_policy.as_ref().map(|document| policy(PolicyKind::Session, document)),
            resource: resource.as_ref().map(|document| policy(PolicyKind::Resource, document)),
            endpoint: endpoint.as_ref().map(|document| policy(PolicyKind::Endpoint, document)),
            kms_key: row.kms_key,
        };
        let request = Request {
            principal: Principal::Role { arn: &role, session: (!row.no_session).then_some(&session) },
            action: &row.action,
            resource: &row.resource,
            resource_account: row.owner.as_deref(),
            context: &context,
        };
        judge(&evaluate(&request, &policies), &row.expect, row.missed.as_ref())
    };
    each(cases().decision, |row| &row.why, run);
}

#[test]
fn trust_policies() {
    let run = |row: &TrustCase| {
        let mut context = Context::new();
        row.context.iter().for_each(|(key, value)| put(&mut context, key, value));
        let decision = trusts(&read(&row.policy), "ecs-tasks.amazonaws.com", &context);
        judge(&decision, &row.expect, row.missed.as_ref())
    };
    each(cases().trust, |row| &row.why, run);
}
