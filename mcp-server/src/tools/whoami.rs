//! `whoami`: as whom the account is asked, and what that may not read.

use super::{Answer, Call};
use crate::errors::{Code, Fault, statement, word};
use crate::source::Where;
use ecs_why_core::causes::permissions;
use ecs_why_core::evidence::GapReason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// For lists of tools.
pub const TITLE: &str = "Say as whom it asks";
/// For the model.
pub const ABOUT: &str = "Tells as whom the account is asked: account, region, principal, the accounts of the configuration, and which of the \
                         needed permissions are known to be missing (those that were refused; nothing is guessed). Use it first when \
                         another tool says that access is denied or that the target is in another account.";

/// What the tool takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Arguments {
    /// The account by its name in the server's configuration, if that names several.
    pub account: Option<String>,
    /// The region, as in `us-east-1`.
    pub region: Option<String>,
}

/// As whom it asks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Whoami {
    /// `live`, or `recorded` where recorded evidence answers and no account is asked.
    pub source: String,
    /// Twelve digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// As in `us-east-1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The principal's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// The accounts of the configuration, if it names any: nothing else may be asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// How many AWS actions all questions together need; `ecs-why://permissions` is the policy.
    pub needed: usize,
    /// Actions that were refused, now or for an earlier report of this caller. Others may be missing, too: that shows when they are asked.
    pub missing: Vec<Missing>,
    /// The statement that would allow the missing ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<Map<String, Value>>,
    /// What else was in the way, as the code of an error and its text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// How old the answer is: it is always new.
    pub age_seconds: u64,
}

/// An action that was refused.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Missing {
    /// As IAM spells it.
    pub action: String,
    /// The causes that stay undecided without it; empty where all do.
    pub hides: Vec<String>,
}

/// Tells it.
pub async fn run(arguments: Arguments, call: &Call<'_>) -> Result<Answer, Fault> {
    let Arguments { account, region } = arguments;
    let at = Where { account, region };
    let turn = call.turn().await?;
    let source = &call.shared.source;
    let needed = permissions();
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for kept in call.shared.store.of(call.caller) {
        for gap in kept.report.gaps.iter().filter(|gap| gap.reason == GapReason::Denied) {
            refused.entry(gap.action.clone()).or_default();
        }
    }
    let mut answer = Whoami {
        source: if source.is_recorded() { "recorded" } else { "live" }.to_owned(),
        account: None,
        region: None,
        principal: None,
        accounts: source.accounts(),
        needed: needed.len(),
        missing: vec![],
        statement: None,
        problems: vec![],
        age_seconds: 0,
    };
    if !source.is_recorded() {
        let who = call.in_time(&turn, source.identity(&at)).await?;
        answer.account = Some(who.account);
        answer.principal = Some(who.principal);
        answer.region = Some(who.region);
        // One list tells whether anything may be read at all.
        if let Err(Fault::Wrong(wrong)) = call.in_time(&turn, source.clusters(&at)).await {
            match (wrong.code, &wrong.statement) {
                (Code::Denied, Some(statement)) => {
                    let actions = statement["Action"].as_array().into_iter().flatten().filter_map(Value::as_str);
                    refused.extend(actions.map(|action| (action.to_owned(), vec![])));
                }
                _ => answer.problems.push(format!("{}: {}", word(wrong.code), wrong.message)),
            }
        }
    }
    for (action, hides) in &mut refused {
        let found = needed.iter().find(|one| one.action == action);
        *hides = found.map(|one| one.causes.iter().map(ToString::to_string).collect()).unwrap_or_default();
    }
    if !refused.is_empty() {
        let actions: Vec<&str> = refused.keys().map(String::as_str).collect();
        answer.statement = statement(&actions).as_object().cloned();
    }
    answer.missing = refused.into_iter().map(|(action, hides)| Missing { action, hides }).collect();
    let text = text(&answer);
    Ok(Answer::new(&answer, text))
}

fn text(answer: &Whoami) -> String {
    let who = match (&answer.principal, &answer.account, &answer.region) {
        (Some(principal), Some(account), Some(region)) => format!("{principal}, account {account}, region {region}"),
        _ => "recorded evidence answers: no account is asked".to_owned(),
    };
    let missing: Vec<&str> = answer.missing.iter().map(|one| one.action.as_str()).collect();
    match missing.is_empty() {
        true => format!("{who}; no permission is known to be missing"),
        false => format!("{who}; refused so far: {}", missing.join(", ")),
    }
}
