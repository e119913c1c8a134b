//! A task that ECS has forgotten, as log groups keep what EventBridge told them of it.

use super::{Halt, Resolved, Resolver};
use crate::model::ecs::{RecordedTask, Service, Task};

/// More rules than this are not asked for their targets, and more log groups not searched: each search is billed.
const RULES_READ: usize = 10;
const GROUPS_SEARCHED: usize = 5;

/// What a search found.
#[derive(Default)]
pub(super) struct Sought<'e> {
    /// The record that tells most, and where it is.
    pub found: Option<(&'e RecordedTask, &'e str)>,
    /// Where it was looked for.
    pub searched: Vec<&'e str>,
    /// Event capture is known to be off.
    pub uncaptured: bool,
}

impl<'e> Resolver<'_, 'e> {
    /// Looks for the task where event capture writes to, and after that where other rules do.
    ///
    /// One after the other, although that is slower: a search is billed by what it reads.
    pub(super) fn seek(&self, task: &str) -> Result<Sought<'e>, Halt> {
        let capture = self.facts.event_capture(self.cluster);
        self.settled()?;
        let mut sought = Sought { uncaptured: capture == Ok(None), ..Sought::default() };
        if let Ok(Some(log)) = capture {
            self.search(&[log.name.as_str()], task, &mut sought)?;
        }
        if sought.found.is_some_and(|(record, _)| record.tells_the_end()) {
            return Ok(sought);
        }
        let rules = self.facts.event_rules(self.cluster).unwrap_or_default();
        let logs: Vec<_> =
            rules.into_iter().flatten().take(RULES_READ).map(|rule| self.facts.rule_logs(rule)).collect();
        self.settled()?;
        let mut groups: Vec<&str> = vec![];
        for group in logs.into_iter().filter_map(Result::unwrap_or_default).flatten().map(String::as_str) {
            if !groups.contains(&group) && !sought.searched.contains(&group) {
                groups.push(group);
            }
        }
        groups.truncate(GROUPS_SEARCHED);
        self.search(&groups, task, &mut sought)?;
        Ok(sought)
    }

    fn search(&self, groups: &[&'e str], task: &str, sought: &mut Sought<'e>) -> Result<(), Halt> {
        let asked: Vec<_> =
            groups.iter().map(|group| (*group, self.facts.recorded_task(*group, self.cluster, task))).collect();
        self.settled()?;
        for (group, found) in asked {
            let Ok(found) = found else { continue };
            sought.searched.push(group);
            let weight = |record: &RecordedTask| (record.tells_the_end(), record.at);
            let best = sought.found.map(|(record, _)| weight(record));
            if let Some(record) = found.filter(|record| best.is_none_or(|best| weight(record) > best)) {
                sought.found = Some((record, group));
            }
        }
        Ok(())
    }

    /// The case of a task that only a record tells of: what is left of its surroundings is read as for any other task.
    pub(super) fn recorded(&self, record: &'e RecordedTask, group: &str) -> Resolved<'e> {
        let task = &record.task;
        let mut case = self.task(task)?;
        let id = task.arn.rsplit('/').next().unwrap_or(&task.arn);
        let mut notes = vec![format!(
            "ECS has forgotten task {id}: this is what log group {group} recorded of it ({:.0}). What carries no time \
             (routes, security groups, network ACLs, inline policies) is as it was read now, and may have been otherwise then",
            record.at
        )];
        notes.extend(case.service.and_then(|service| moved_on(service, task)));
        notes.append(&mut case.notes);
        case.notes = notes;
        Ok(case)
    }
}

/// The service runs another revision by now.
fn moved_on(service: &Service, task: &Task) -> Option<String> {
    let short = |definition: &str| definition.rsplit('/').next().unwrap_or(definition).to_owned();
    let (ran, runs) = (short(&task.definition), short(&service.definition));
    (ran != runs).then(|| {
        format!(
            "service {} runs {runs} by now, and the task ran {ran}: a fix that makes a new revision begins with {ran}",
            service.name
        )
    })
}
