//! Policies, changed: what a fix writes in the place of what it read. Everything that it does not change stays.

use super::wildcard;
use serde_json::{Value, json};

/// Where a new statement goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before the others.
    First,
    /// After the others.
    Last,
}

/// The policy with one statement more; a new one where there was none.
pub fn with_statement(text: Option<&str>, statement: Value, place: Place) -> String {
    let mut statements = text.and_then(statements).unwrap_or_default();
    match place {
        Place::First => statements.insert(0, statement),
        Place::Last => statements.push(statement),
    }
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// The policy without the denial of some actions on some resources, which its statement of that number holds.
///
/// None if it cannot be read; an empty policy where no statement is left.
pub fn without_denial(text: &str, statement: usize, actions: &[&str], resources: &[String]) -> Option<Option<String>> {
    let mut document: Value = serde_json::from_str(text).ok()?;
    let mut all = statements(text)?;
    let denying = all.get_mut(statement)?;
    let spared = if denying.get("NotResource").is_some() {
        let mut others = listed(denying["NotResource"].take());
        others.extend(resources.iter().map(|resource| Value::String(resource.clone())));
        denying["NotResource"] = Value::Array(others);
        true
    } else {
        // Only what is spelled out can be taken out by itself; a wildcard goes as a whole.
        let is_meant = |denied: &Value| {
            denied.as_str().is_some_and(|denied| {
                actions.iter().any(|action| wildcard(&denied.to_lowercase(), &action.to_lowercase()))
            })
        };
        let kept: Vec<Value> = listed(denying["Action"].clone()).into_iter().filter(|one| !is_meant(one)).collect();
        let left = !kept.is_empty();
        denying["Action"] = Value::Array(kept);
        left
    };
    if !spared {
        all.remove(statement);
    }
    if all.is_empty() {
        return Some(None);
    }
    document["Statement"] = Value::Array(all);
    Some(Some(document.to_string()))
}

/// The statements of a policy; one alone may stand without a list.
fn statements(text: &str) -> Option<Vec<Value>> {
    let document: Value = serde_json::from_str(text).ok()?;
    match document.get("Statement")? {
        Value::Array(all) => Some(all.clone()),
        one @ Value::Object(_) => Some(vec![one.clone()]),
        _ => None,
    }
}

fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(all) => all,
        Value::Null => vec![],
        one => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_taken_out_and_the_rest_stays() {
        let text =
            r#"{"Statement":[{"Effect":"Deny","Action":["ecr:BatchGetImage","ecr:DeleteRepository"],"Resource":"*"}]}"#;
        let left = without_denial(text, 0, &["ecr:BatchGetImage"], &["r".into()]).expect("it is a policy");
        let expected = r#"{"Statement":[{"Effect":"Deny","Action":["ecr:DeleteRepository"],"Resource":"*"}]}"#;
        assert_eq!(left.as_deref(), Some(expected));
        assert_eq!(without_denial(text, 0, &["ecr:BatchGetImage", "ecr:DeleteRepository"], &[]), Some(None));
    }

    #[test]
    fn a_denial_of_everything_else_gets_one_more_exception() {
        let text = r#"{"Statement":{"Effect":"Deny","Action":"ecr:*","NotResource":"a"}}"#;
        let left =
            without_denial(text, 0, &["ecr:BatchGetImage"], &["b".into()]).expect("a policy").expect("some is left");
        assert!(left.contains(r#""NotResource":["a","b"]"#), "{left}");
    }

    #[test]
    fn a_statement_more_keeps_those_that_were_there() {
        let old =
            r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
        let ours = json!({"Sid": "ours"});
        let (first, last) = (
            with_statement(Some(old), ours.clone(), Place::First),
            with_statement(Some(old), ours.clone(), Place::Last),
        );
        assert!(first.find("ours") < first.find("ec2") && last.find("ours") > last.find("ec2"), "{first} {last}");
        assert!(with_statement(None, ours, Place::Last).contains("ours"));
    }
}
