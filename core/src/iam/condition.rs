//! Condition operators: what one key of a condition block says of a request.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::IpNet;

use super::context::{Context, Known};
use super::document::Condition;
use super::pattern::{Pattern, Wildcards};
use super::truth::Truth;
use crate::model::Moment;

/// Whether a condition holds; `variables` says whether `${...}` is one in this document.
pub(super) fn holds(condition: &Condition, context: &Context, variables: bool) -> Truth {
    let Some(operator) = Operator::parse(&condition.operator) else {
        return Truth::unknown(format!("condition operator `{}`", condition.operator));
    };
    let variables = variables.then_some(context);
    let matches_any = |value: &String| {
        let truth = Truth::any(condition.values.iter().map(|wanted| operator.compare(value, wanted, variables)));
        if operator.negated { truth.not() } else { truth }
    };
    match (context.get(&condition.key), operator.quantifier) {
        (Known::Unknown, _) => Truth::unknown(condition.key.as_str()),
        (known, _) if operator.comparison == Comparison::Null => null(&condition.values, known == Known::Absent),
        // `IfExists` does not change that there is nothing of which any value could match.
        // https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w/foranyvalue-stringequalsifexists-behaving-unexpectedly
        (Known::Absent, Some(Quantifier::Any)) => Truth::No,
        (Known::Absent, Some(Quantifier::All)) => Truth::Yes,
        (Known::Absent, None) if operator.if_exists => Truth::Yes,
        (Known::Absent, None) => Truth::of(operator.negated),
        (Known::Values(values), Some(Quantifier::Any)) => Truth::any(values.iter().map(matches_any)),
        (Known::Values(values), Some(Quantifier::All)) => Truth::all(values.iter().map(matches_any)),
        (Known::Values([value]), None) => matches_any(value),
        // AWS gives no rule for this, but the advice to use a quantifier.
        (Known::Values(_), None) => Truth::unknown(format!("`{}`, which has several values", condition.key)),
    }
}

fn null(values: &[String], absent: bool) -> Truth {
    Truth::any(values.iter().map(|value| match value.to_ascii_lowercase().as_str() {
        "true" => Truth::of(absent),
        "false" => Truth::of(!absent),
        _ => Truth::unknown(format!("`Null` with the value `{value}`")),
    }))
}

struct Operator {
    quantifier: Option<Quantifier>,
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Quantifier {
    Any,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Text,
    TextInAnyCase,
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Address,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Name, comparison, and whether it is true when *no* value matches.
const OPERATORS: [(&str, Comparison, bool); 27] = [
    ("StringEquals", Comparison::Text, false),
    ("StringNotEquals", Comparison::Text, true),
    ("StringEqualsIgnoreCase", Comparison::TextInAnyCase, false),
    ("StringNotEqualsIgnoreCase", Comparison::TextInAnyCase, true),
    ("StringLike", Comparison::Like, false),
    ("StringNotLike", Comparison::Like, true),
    ("ArnEquals", Comparison::Arn, false), // behaves as ArnLike does
    ("ArnNotEquals", Comparison::Arn, true),
    ("ArnLike", Comparison::Arn, false),
    ("ArnNotLike", Comparison::Arn, true),
    ("NumericEquals", Comparison::Number(Order::Equal), false),
    ("NumericNotEquals", Comparison::Number(Order::Equal), true),
    ("NumericLessThan", Comparison::Number(Order::Less), false),
    ("NumericLessThanEquals", Comparison::Number(Order::LessOrEqual), false),
    ("NumericGreaterThan", Comparison::Number(Order::Greater), false),
    ("NumericGreaterThanEquals", Comparison::Number(Order::GreaterOrEqual), false),
    ("DateEquals", Comparison::Date(Order::Equal), false),
    ("DateNotEquals", Comparison::Date(Order::Equal), true),
    ("DateLessThan", Comparison::Date(Order::Less), false),
    ("DateLessThanEquals", Comparison::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Comparison::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Comparison::Date(Order::GreaterOrEqual), false),
    ("Bool", Comparison::Bool, false),
    ("BinaryEquals", Comparison::Binary, false),
    ("IpAddress", Comparison::Address, false),
    ("NotIpAddress", Comparison::Address, true),
    ("Null", Comparison::Null, false),
];

impl Operator {
    /// None for an operator that is not known here: the condition is then undecided, not false.
    fn parse(text: &str) -> Option<Self> {
        let (quantifier, rest) = match text.split_once(':') {
            None => (None, text),
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => (Some(Quantifier::Any), rest),
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => (Some(Quantifier::All), rest),
            Some(_) => return None,
        };
        let at = rest.len().checked_sub("IfExists".len()).filter(|at| rest.is_char_boundary(*at));
        let (name, if_exists) = match at.map(|at| rest.split_at(at)) {
            Some((name, end)) if end.eq_ignore_ascii_case("IfExists") => (name, true),
            _ => (rest, false),
        };
        let (_, comparison, negated) = OPERATORS.into_iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
        let plain = quantifier.is_none() && !if_exists;
        (comparison != Comparison::Null || plain).then_some(Operator { quantifier, comparison, negated, if_exists })
    }

    /// A value of the request against one of the policy.
    fn compare(&self, value: &str, wanted: &str, variables: Option<&Context>) -> Truth {
        match self.comparison {
            Comparison::Text => Pattern::new(wanted, Wildcards::Literal, variables).text(value),
            Comparison::TextInAnyCase => Pattern::new(wanted, Wildcards::Literal, variables).text_in_any_case(value),
            Comparison::Like => Pattern::new(wanted, Wildcards::Meant, variables).text(value),
            Comparison::Arn => Pattern::new(wanted, Wildcards::Meant, variables).arn(value),
            Comparison::Number(order) => order.compare("number", number, value, wanted),
            Comparison::Date(order) => order.compare("date", moment, value, wanted),
            Comparison::Bool => Truth::of(value.eq_ignore_ascii_case(wanted)),
            Comparison::Binary => Truth::of(value.trim_end_matches('=') == wanted.trim_end_matches('=')),
            Comparison::Address => match (network(value), network(wanted)) {
                (None, _) => Truth::unknown(format!("`{value}`, which is no IP address")),
                (_, None) => Truth::unknown(format!("`{wanted}`, which is no IP address")),
                (Some(address), Some(network)) => Truth::of(network.contains(&address)),
            },
            Comparison::Null => Truth::unknown("`Null` compares no values"),
        }
    }
}

impl Order {
    fn compare<T: PartialOrd>(self, what: &str, read: fn(&str) -> Option<T>, value: &str, wanted: &str) -> Truth {
        let (Some(left), Some(right)) = (read(value), read(wanted)) else {
            return Truth::unknown(format!("`{value}` and `{wanted}`, of which one is no {what}"));
        };
        let ordering = left.partial_cmp(&right);
        Truth::of(match self {
            Order::Equal => ordering == Some(Ordering::Equal),
            Order::Less => ordering == Some(Ordering::Less),
            Order::LessOrEqual => ordering.is_some_and(Ordering::is_le),
            Order::Greater => ordering == Some(Ordering::Greater),
            Order::GreaterOrEqual => ordering.is_some_and(Ordering::is_ge),
        })
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// ISO 8601, a date alone (midnight, UTC), or seconds since 1970.
fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    // Four digits alone are a year to ISO 8601 and a second of 1970 to others: nobody can tell.
    if text.len() > 4
        && let Ok(seconds) = text.parse()
    {
        return Moment::from_second(seconds).ok();
    }
    let civil = text.trim_end_matches('Z').parse::<jiff::civil::DateTime>().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
