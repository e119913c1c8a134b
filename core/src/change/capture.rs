//! Keeping what ECS tells of tasks: what the console calls event capture, as commands.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/container-insights-ECS-lifecycle-events.html>

use super::shell::command;
use crate::case::Region;
use crate::model::ecs::{ECS_EVENTS, TASK_STATE_CHANGE, captured_in};
use serde_json::json;

/// As far back as records are looked for.
const DAYS_KEPT: &str = "30";
/// The longest name that a rule may have.
const LONGEST: usize = 64;

/// The commands that keep the state changes of a cluster's tasks from now on, in their order.
pub fn capture_events(region: &Region, cluster: &str) -> Vec<String> {
    let Region { partition, region, account } = region;
    let (group, rule) = (captured_in(cluster), rule_name(cluster));
    let logs = format!("arn:{partition}:logs:{region}:{account}:log-group");
    // As AWS words it, under a name of its own: a policy of the same name would be replaced.
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "TrustEventBridgeToStoreECSLifecycleLogEvents",
        "Effect": "Allow",
        "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": format!("{logs}:/aws/events/ecs/containerinsights/*:*"),
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": format!("arn:{partition}:events:{region}:{account}:rule/eventsToLog*")},
        },
    }]});
    let pattern = json!({
        "source": [ECS_EVENTS],
        "detail-type": [TASK_STATE_CHANGE],
        "detail": {"clusterArn": [format!("arn:{partition}:ecs:{region}:{account}:cluster/{cluster}")]},
    });
    let targets = json!([{"Id": "logs", "Arn": format!("{logs}:{group}")}]);
    let aws = |words: &[&str]| command(["aws"].iter().chain(words));
    vec![
        aws(&["logs", "create-log-group", "--log-group-name", &group]),
        aws(&["logs", "put-retention-policy", "--log-group-name", &group, "--retention-in-days", DAYS_KEPT]),
        aws(&[
            "logs",
            "put-resource-policy",
            "--policy-name",
            "ecs-event-capture",
            "--policy-document",
            &policy.to_string(),
        ]),
        aws(&["events", "put-rule", "--name", &rule, "--event-pattern", &pattern.to_string()]),
        aws(&["events", "put-targets", "--rule", &rule, "--targets", &targets.to_string()]),
    ]
}

/// The command that shows where the rule of [`capture_events`] sends events to.
pub fn shows_capture(cluster: &str) -> String {
    command(["aws", "events", "list-targets-by-rule", "--rule", &rule_name(cluster), "--query", "Targets[].Arn"])
}

/// A rule for each cluster; of one with a long name, the beginning and what tells it from others that begin so.
fn rule_name(cluster: &str) -> String {
    let name = format!("eventsToLog-{cluster}");
    match name.char_indices().nth(LONGEST) {
        None => name,
        Some(_) => {
            let beginning: String = name.chars().take(LONGEST - 9).collect();
            format!("{beginning}-{}", &blake3::hash(cluster.as_bytes()).to_hex()[..8])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ecs::takes_task_changes;

    fn commands(cluster: &str) -> Vec<Vec<String>> {
        let (partition, region, account) = ("aws-cn".into(), "cn-north-1".into(), "111111111111".into());
        let all = capture_events(&Region { partition, region, account }, cluster);
        all.iter().map(|line| shlex::split(line).expect("a shell reads it")).collect()
    }

    #[test]
    fn the_rule_takes_what_is_looked_for_and_sends_it_to_where_that_is_looked_for() {
        let all = commands("prod");
        let verbs: Vec<&str> = all.iter().map(|words| words[2].as_str()).collect();
        let expected = ["create-log-group", "put-retention-policy", "put-resource-policy", "put-rule", "put-targets"];
        assert_eq!(verbs, expected);
        assert_eq!(all[0][4], "/aws/events/ecs/containerinsights/prod/performance");
        assert!(takes_task_changes(&all[3][6], "prod") && !takes_task_changes(&all[3][6], "test"));
        let targets: serde_json::Value = serde_json::from_str(&all[4][6]).expect("JSON");
        let arn =
            "arn:aws-cn:logs:cn-north-1:111111111111:log-group:/aws/events/ecs/containerinsights/prod/performance";
        assert_eq!(targets[0]["Arn"], arn);
        let policy: serde_json::Value = serde_json::from_str(&all[2][6]).expect("JSON");
        let (prefix, _) =
            policy["Statement"][0]["Resource"].as_str().and_then(|text| text.split_once('*')).expect("it");
        assert!(arn.starts_with(prefix), "the policy lets events into the group");
    }

    #[test]
    fn a_hostile_name_stays_one_argument_and_a_long_one_names_a_rule_of_its_own() {
        let all = commands("$(id)'; reboot");
        assert_eq!(all[0][4], "/aws/events/ecs/containerinsights/$(id)'; reboot/performance");
        assert!(all.iter().all(|words| words.len() <= 7), "{all:?}");
        let (one, other) = (rule_name(&"a".repeat(200)), rule_name(&"a".repeat(201)));
        assert_eq!((one.len(), one == other), (64, false));
        assert_eq!(rule_name("prod"), "eventsToLog-prod");
    }
}
