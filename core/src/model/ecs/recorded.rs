//! Tasks as their events were recorded, for when ECS itself has forgotten them.

use super::Task;
use crate::model::Moment;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A log group that ECS's event capture fills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLog {
    /// Its name.
    pub name: String,
    /// When it was made: nothing before that is in it.
    pub created: Option<Moment>,
}

/// A task, as the newest of its recorded state changes tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedTask {
    /// What `DescribeTasks` would have said then.
    pub task: Task,
    /// When the change was recorded.
    pub at: Moment,
}

impl RecordedTask {
    /// The record tells how the task ended, or that and why it was told to.
    pub fn tells_the_end(&self) -> bool {
        self.task.last_status == "STOPPED" || self.task.stop_code.is_some()
    }
}

/// The log group into which ECS's event capture writes for a cluster.
pub fn captured_in(cluster: &str) -> String {
    format!("/aws/events/ecs/containerinsights/{cluster}/performance")
}

/// What ECS calls the event, and EventBridge its type.
pub const TASK_STATE_CHANGE: &str = "ECS Task State Change";
/// The source of all events of ECS.
pub const ECS_EVENTS: &str = "aws.ecs";

/// Whether a rule with this pattern may be sent the state changes of a cluster's tasks.
///
/// What a pattern says of other fields (a status, a group) may leave some of them out: that shows when they are looked for.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
pub fn takes_task_changes(pattern: &str, cluster: &str) -> bool {
    let Ok(Value::Object(pattern)) = serde_json::from_str(pattern) else { return false };
    let nothing = Map::new();
    let detail = pattern.get("detail").and_then(Value::as_object).unwrap_or(&nothing);
    // Account and region of the ARN are those of the rule: its name is what tells clusters apart.
    let its = |arn: &str| arn.rsplit_once(":cluster/").is_some_and(|(_, name)| name == cluster);
    lets_pass(pattern.get("source"), |text| text == ECS_EVENTS, Some(ECS_EVENTS))
        && lets_pass(pattern.get("detail-type"), |text| text == TASK_STATE_CHANGE, Some(TASK_STATE_CHANGE))
        && lets_pass(detail.get("clusterArn"), its, None)
}

/// Whether any alternative of a field may match: a text that is the wanted one, its beginning, or an operator that is not judged.
fn lets_pass(alternatives: Option<&Value>, is_wanted: impl Fn(&str) -> bool, whole: Option<&str>) -> bool {
    let Some(alternatives) = alternatives else { return true };
    alternatives.as_array().into_iter().flatten().any(|one| match one {
        Value::String(text) => is_wanted(text),
        Value::Object(operator) => match (operator.get("prefix").and_then(Value::as_str), whole) {
            (Some(prefix), Some(whole)) => whole.starts_with(prefix),
            _ => true,
        },
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_may_take_a_clusters_task_changes_unless_its_pattern_excludes_them() {
        let arn = r#""arn:aws:ecs:us-east-1:111111111111:cluster/prod""#;
        for (pattern, takes, why) in [
            (r#"{"source":["aws.ecs"],"detail-type":["ECS Task State Change"]}"#.to_owned(), true, "the usual one"),
            (r#"{"source":["aws.ecs"]}"#.to_owned(), true, "all of ECS"),
            (r#"{"source":[{"prefix":"aws."}]}"#.to_owned(), true, "all of AWS"),
            (r#"{"account":["111111111111"]}"#.to_owned(), true, "everything"),
            (r#"{"source":["aws.ecs"],"detail":{"lastStatus":["STOPPED"]}}"#.to_owned(), true, "their ends are enough"),
            (format!(r#"{{"source":["aws.ecs"],"detail":{{"clusterArn":[{arn}]}}}}"#), true, "this cluster"),
            (format!(r#"{{"detail":{{"clusterArn":[{{"anything-but":{arn}}}]}}}}"#), true, "an operator is not judged"),
            (r#"{"source":["aws.ec2"]}"#.to_owned(), false, "another service"),
            (r#"{"source":[{"prefix":"my."}]}"#.to_owned(), false, "another beginning"),
            (r#"{"source":["aws.ecs"],"detail-type":["ECS Service Action"]}"#.to_owned(), false, "another event"),
            (
                format!(r#"{{"source":["aws.ecs"],"detail":{{"clusterArn":[{}]}}}}"#, arn.replace("prod", "x")),
                false,
                "another cluster",
            ),
            (r#"{"source":[]}"#.to_owned(), false, "no alternative"),
            ("nonsense".to_owned(), false, "no pattern"),
            ("[]".to_owned(), false, "no object"),
        ] {
            assert_eq!(takes_task_changes(&pattern, "prod"), takes, "{why}: {pattern}");
        }
    }
}
