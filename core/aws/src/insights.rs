//! Logs Insights: what a log group keeps of one task.

use crate::record;
use crate::refusal::{Asked, Class, Refused};
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::QueryStatus;
use ecs_why_core::model::Moment;
use ecs_why_core::model::ecs::RecordedTask;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How far back is looked. What the group keeps no longer is not found, and costs nothing.
const DAYS: i64 = 30;
/// A task has about a dozen state changes, and each may be delivered more than once.
const MOST: i32 = 200;

/// How long is waited for a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Before it is asked for the first time; twice as long each time after that.
    pub(crate) first: Duration,
    /// The longest time between two: GetQueryResults allows five requests a second in some regions.
    pub(crate) longest: Duration,
    /// For all of it.
    pub(crate) whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { first: Duration::from_millis(250), longest: Duration::from_secs(2), whole: Duration::from_secs(40) }
    }
}

/// The newest record of a task that a group keeps.
///
/// The text of the events is searched, and not a field of theirs: Insights finds no more than 200 fields in an event, and one
/// with many containers has more. <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html>
pub(crate) async fn recorded_task(
    logs: &Client,
    group: &str,
    cluster: &str,
    task: &str,
    patience: Patience,
) -> Asked<RecordedTask> {
    let Some(query) = query(task) else { return Ok(None) };
    let mut turns = Turns { next: patience.first, longest: patience.longest, end: Instant::now() + patience.whole };
    // The second that has begun is part of it.
    let end = Moment::now().as_second() + 1;
    let begun = loop {
        let asked = logs.start_query().log_group_name(group).query_string(&query).limit(MOST);
        let told = asked.start_time(end - DAYS * 24 * 3600).end_time(end).send().await.map_err(Refused::from);
        // Thirty queries may run at once in an account: others end.
        let busy = matches!(&told, Err(refused) if refused.class == Class::Throttled);
        if !busy || !turns.wait().await {
            break told?;
        }
    };
    let id = begun.query_id().ok_or_else(|| Refused::new(Class::NoAnswer, "the query has no id"))?;
    while turns.wait().await {
        let told = logs.get_query_results().query_id(id).send().await?;
        match told.status() {
            Some(QueryStatus::Complete) => {
                let fields = told.results().iter().flatten().filter(|field| field.field() == Some("@message"));
                return Ok(record::newest(fields.filter_map(|field| field.value()), cluster, task));
            }
            Some(QueryStatus::Failed | QueryStatus::Cancelled | QueryStatus::Timeout) => {
                let status = told.status().map_or("", |status| status.as_str());
                return Err(Refused::new(Class::NoAnswer, format!("the query of {group} ended as {status}")));
            }
            _ => {}
        }
    }
    let waited = patience.whole.as_secs();
    Err(Refused::new(Class::NoAnswer, format!("the query of {group} had not ended after {waited} seconds")))
}

/// When it is asked next.
struct Turns {
    next: Duration,
    longest: Duration,
    end: Instant,
}

impl Turns {
    /// Waits for the next turn; false if there is none any more.
    async fn wait(&mut self) -> bool {
        let left = self.end.saturating_duration_since(Instant::now());
        sleep(self.next.min(left)).await;
        self.next = (self.next * 2).min(self.longest);
        !left.is_zero()
    }
}

/// The query for a task; none for what is no task's id, which could hold more than a name.
fn query(task: &str) -> Option<String> {
    let possible = !task.is_empty() && task.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    possible.then(|| format!("fields @timestamp, @message | filter @message like \"{task}\" | sort @timestamp desc"))
}

#[cfg(test)]
mod tests {
    use super::query;

    #[test]
    fn nothing_but_an_id_gets_into_a_query() {
        assert!(query("0123456789abcdef0123456789abcdef").is_some_and(|text| text.contains("like \"0123456789abcdef")));
        assert!(query("01234567-89ab-cdef-0123-456789abcdef").is_some());
        for task in ["", "a\" or @message like \"b", "abc|stats", "abc/", "abc def", "é"] {
            assert_eq!(query(task), None, "{task}");
        }
    }
}
