//! CloudWatch Logs: groups, and the last lines of a stream.

use crate::moment::millis;
use crate::refusal::Asked;
use aws_sdk_cloudwatchlogs::Client;
use ecs_why_core::model::ecs::{EventLog, captured_in};
use ecs_why_core::model::stores::{LogGroup, LogLine};

/// How many lines are read.
const LINES: usize = 20;
/// How long one may be.
const LENGTH: usize = 400;
/// Pages may be empty although more follow; a stream that holds nothing has them as well.
const PAGES: usize = 10;

/// A group of exactly this name: the API only knows prefixes.
pub(crate) async fn group(logs: &Client, name: &str) -> Asked<LogGroup> {
    let asked = logs.describe_log_groups().log_group_name_prefix(name);
    let mut groups = asked.into_paginator().items().send();
    while let Some(group) = groups.try_next().await? {
        if group.log_group_name() == Some(name) {
            return Ok(Some(LogGroup { name: name.to_owned(), created: millis(group.creation_time()) }));
        }
    }
    Ok(None)
}

/// The group that ECS's event capture fills for a cluster.
pub(crate) async fn captured(logs: &Client, cluster: &str) -> Asked<EventLog> {
    let found = group(logs, &captured_in(cluster)).await?;
    Ok(found.map(|group| EventLog { name: group.name, created: group.created }))
}

/// The last lines of a stream, the oldest first.
pub(crate) async fn lines(logs: &Client, group: &str, stream: &str) -> Asked<Vec<LogLine>> {
    let (mut lines, mut token): (Vec<LogLine>, Option<String>) = (Vec::new(), None);
    for _ in 0..PAGES {
        let asked = logs.get_log_events().log_group_name(group).log_stream_name(stream).start_from_head(false);
        let told = asked.limit(LINES as i32).set_next_token(token.clone()).send().await?;
        let mut page: Vec<_> = told
            .events()
            .iter()
            .map(|event| LogLine { at: millis(event.timestamp()), text: cut(event.message().unwrap_or_default()) })
            .collect();
        page.append(&mut lines);
        lines = page;
        let next = told.next_backward_token().map(str::to_owned);
        if lines.len() >= LINES || next.is_none() || next == token {
            break;
        }
        token = next;
    }
    lines.drain(..lines.len().saturating_sub(LINES));
    Ok(Some(lines))
}

fn cut(message: &str) -> String {
    message.trim_end().chars().take(LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_by_characters() {
        assert_eq!(cut(&"ü".repeat(500)), "ü".repeat(400));
        assert_eq!(cut("done\n"), "done");
    }
}
