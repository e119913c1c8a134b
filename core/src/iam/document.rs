//! A policy document as AWS returns it, read into statements.
//!
//! Strict on purpose: AWS refuses what the grammar does not allow, so an element that is not known here means that we
//! would misread the policy. That is an error for the caller to report, never "denies".
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use serde_json::{Map, Value};

/// The longest document that is read; AWS's own limits end at 32 KiB (KMS key policies).
const LONGEST: usize = 256 * 1024;

/// A policy document, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    variables: bool,
    statements: Vec<Statement>,
}

/// One statement of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its name, which has no effect.
    pub sid: Option<String>,
    /// What it does to a request to which it applies.
    pub effect: Effect,
    /// Whom it concerns; identity policies have none.
    pub principal: Option<Listed<Named>>,
    /// The actions, as patterns.
    pub action: Listed<String>,
    /// The resources, as patterns; trust and repository policies have none.
    pub resource: Option<Listed<String>>,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
}

/// What a statement does to a request to which it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It may be made.
    Allow,
    /// It may not, whatever else allows it.
    Deny,
}

/// `Action` or `NotAction`, and their like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed<T> {
    /// What is listed.
    Only(Vec<T>),
    /// Everything but what is listed.
    AllBut(Vec<T>),
}

/// One entry of a `Principal` element; `"*"` is the same as `{"AWS": "*"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// `AWS`, `Service`, `Federated` or `CanonicalUser`.
    pub kind: String,
    /// An ARN, an account, a service's name ...
    pub name: String,
}

/// One key of a condition block, with its operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// As it stands in the policy: `ForAnyValue:StringLikeIfExists`.
    pub operator: String,
    /// The context key, as it stands in the policy.
    pub key: String,
    /// The values, of which one must match (or none, for negated operators).
    pub values: Vec<String>,
}

/// A text that is no policy document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a policy document: {0}")]
pub struct Malformed(pub String);

impl Document {
    /// Reads a document: JSON, or percent-encoded JSON as the IAM APIs return it (RFC 3986; a `+` is a plus).
    ///
    /// # Errors
    /// When it is neither, is longer than any policy can be, or holds what the policy grammar does not know.
    pub fn parse(text: &str) -> Result<Document, Malformed> {
        if text.len() > LONGEST {
            return Err(Malformed(format!("it is longer than {LONGEST} bytes")));
        }
        let decoded = if text.trim_start().starts_with('{') {
            text.into()
        } else {
            percent_encoding::percent_decode_str(text)
                .decode_utf8()
                .map_err(|_| Malformed("it is not UTF-8 when decoded".to_owned()))?
        };
        let value: Value = serde_json::from_str(&decoded).map_err(|error| Malformed(error.to_string()))?;
        document(&value)
    }

    /// The statements, in the order in which they are written.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Whether `${...}` is a variable (version 2012-10-17) and not plain text.
    pub fn has_variables(&self) -> bool {
        self.variables
    }
}

impl<T> Listed<T> {
    /// The entries, whether they are meant or excepted.
    pub fn entries(&self) -> &[T] {
        match self {
            Listed::Only(entries) | Listed::AllBut(entries) => entries,
        }
    }
}

fn wrong<T>(what: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(what.into()))
}

fn document(value: &Value) -> Result<Document, Malformed> {
    let map = object(value, "the document")?;
    only_elements(map, &["Version", "Id", "Statement"])?;
    let variables = match map.get("Version").map(Value::as_str) {
        None | Some(Some("2008-10-17")) => false,
        Some(Some("2012-10-17")) => true,
        Some(_) => return wrong("its `Version` is neither 2012-10-17 nor 2008-10-17"),
    };
    let statements = match map.get("Statement") {
        None => return wrong("it has no `Statement`"),
        Some(Value::Array(many)) => many.iter().map(statement).collect::<Result<_, _>>()?,
        Some(one) => vec![statement(one)?],
    };
    Ok(Document { variables, statements })
}

fn statement(value: &Value) -> Result<Statement, Malformed> {
    let map = object(value, "a statement")?;
    only_elements(
        map,
        &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"],
    )?;
    let sid = match map.get("Sid") {
        None => None,
        Some(Value::String(sid)) => Some(sid.clone()),
        Some(_) => return wrong("a `Sid` is no text"),
    };
    let effect = match map.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return wrong("an `Effect` is neither `Allow` nor `Deny`"),
    };
    let Some(action) = listed(map, "Action", "NotAction", texts)? else {
        return wrong("a statement has neither `Action` nor `NotAction`");
    };
    Ok(Statement {
        sid,
        effect,
        principal: listed(map, "Principal", "NotPrincipal", principals)?,
        action,
        resource: listed(map, "Resource", "NotResource", texts)?,
        conditions: map.get("Condition").map_or(Ok(vec![]), conditions)?,
    })
}

fn listed<T>(
    map: &Map<String, Value>,
    only: &str,
    all_but: &str,
    read: impl Fn(&Value) -> Result<Vec<T>, Malformed>,
) -> Result<Option<Listed<T>>, Malformed> {
    match (map.get(only), map.get(all_but)) {
        (Some(_), Some(_)) => wrong(format!("a statement has both `{only}` and `{all_but}`")),
        (Some(value), None) => Ok(Some(Listed::Only(read(value)?))),
        (None, Some(value)) => Ok(Some(Listed::AllBut(read(value)?))),
        (None, None) => Ok(None),
    }
}

fn principals(value: &Value) -> Result<Vec<Named>, Malformed> {
    if let Value::String(text) = value {
        return match text.as_str() {
            "*" => Ok(vec![Named { kind: "AWS".to_owned(), name: text.clone() }]),
            _ => wrong("a `Principal` is a text other than `*`"),
        };
    }
    let mut named = vec![];
    for (kind, names) in object(value, "a `Principal`")? {
        if !["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str()) {
            return wrong(format!("`{kind}` is no kind of principal"));
        }
        named.extend(texts(names)?.into_iter().map(|name| Named { kind: kind.clone(), name }));
    }
    Ok(named)
}

fn conditions(value: &Value) -> Result<Vec<Condition>, Malformed> {
    let mut conditions = vec![];
    for (operator, keys) in object(value, "a `Condition`")? {
        for (key, values) in object(keys, "a condition operator")? {
            conditions.push(Condition { operator: operator.clone(), key: key.clone(), values: scalars(values)? });
        }
    }
    Ok(conditions)
}

fn texts(value: &Value) -> Result<Vec<String>, Malformed> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        _ => wrong("an element holds something that is no text"),
    };
    match value {
        Value::Array(many) => many.iter().map(one).collect(),
        single => Ok(vec![one(single)?]),
    }
}

/// Condition values may be written as JSON numbers and booleans; IAM compares their text.
fn scalars(value: &Value) -> Result<Vec<String>, Malformed> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => wrong("a condition value is no text, number or boolean"),
    };
    match value {
        Value::Array(many) => many.iter().map(one).collect(),
        single => Ok(vec![one(single)?]),
    }
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>, Malformed> {
    value.as_object().ok_or_else(|| Malformed(format!("{what} is no JSON object")))
}

fn only_elements(map: &Map<String, Value>, known: &[&str]) -> Result<(), Malformed> {
    match map.keys().find(|element| !known.contains(&element.as_str())) {
        Some(element) => wrong(format!("`{element}` is no element of a policy")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
