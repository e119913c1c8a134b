//! EventBridge: which rules are sent the state changes of tasks, and into which log groups they put them.
//!
//! Events of AWS arrive at the default bus; what is passed on to other buses is not followed.

use crate::answer::{Told, told, unanswered};
use crate::refusal::Asked;
use aws_sdk_eventbridge::Client;
use ecs_why_core::evidence::{Known, Question};
use ecs_why_core::model::Arn;
use ecs_why_core::model::ecs::takes_task_changes;

/// Answers a question about rules.
pub(crate) async fn answer(events: &Client, question: &Question) -> Told {
    match question {
        Question::EventRules { cluster } => told(rules(events, cluster).await, Known::EventRules),
        Question::RuleLogs { rule } => told(log_groups(events, rule).await, Known::RuleLogs),
        _ => Err(unanswered()),
    }
}

/// The names of rules that may be sent the state changes of a cluster's tasks, those that are switched off by now too.
async fn rules(events: &Client, cluster: &str) -> Asked<Vec<String>> {
    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let told = events.list_rules().set_next_token(token).send().await?;
        let takes = |pattern: Option<&str>| pattern.is_some_and(|pattern| takes_task_changes(pattern, cluster));
        let taking = told.rules().iter().filter(|rule| takes(rule.event_pattern()));
        names.extend(taking.filter_map(|rule| rule.name()).map(str::to_owned));
        token = told.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(Some(names));
        }
    }
}

async fn log_groups(events: &Client, rule: &str) -> Asked<Vec<String>> {
    let (mut groups, mut token) = (Vec::new(), None);
    loop {
        let told = events.list_targets_by_rule().rule(rule).set_next_token(token).send().await?;
        groups.extend(told.targets().iter().filter_map(|target| log_group(target.arn())));
        token = told.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(Some(groups));
        }
    }
}

/// The name of a log group, if the ARN is one's; some end with `:*`.
fn log_group(arn: &str) -> Option<String> {
    let arn: Arn = arn.parse().ok()?;
    let name = arn.resource().strip_prefix("log-group:").filter(|_| arn.service() == "logs")?;
    Some(name.strip_suffix(":*").unwrap_or(name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_log_groups_are_kept_of_a_rules_targets() {
        for (arn, name) in [
            ("arn:aws:logs:us-east-1:1:log-group:/aws/events/ecs", Some("/aws/events/ecs")),
            ("arn:aws:logs:us-east-1:1:log-group:/aws/events/ecs:*", Some("/aws/events/ecs")),
            ("arn:aws:lambda:us-east-1:1:function:log-group:x", None),
            ("arn:aws:sqs:us-east-1:1:queue", None),
            ("nonsense", None),
        ] {
            assert_eq!(log_group(arn).as_deref(), name, "{arn}");
        }
    }
}
