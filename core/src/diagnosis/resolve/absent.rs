//! What is not there: near matches, and what is left of a task that ECS has forgotten.

use super::recorded::Sought;
use super::{Forgotten, Halt, Resolved, Resolver};
use crate::diagnosis::forgotten;
use crate::diagnosis::gaps::FORGOTTEN;
use crate::error::{Error, like};
use crate::evidence::GapReason;
use crate::model::Unknown;

/// How many services are searched for an event that mentions a task which ECS has forgotten.
const SERVICES_SEARCHED: usize = 50;

impl<'e> Resolver<'_, 'e> {
    /// ECS has forgotten the task: a record of its end is as good, and a service whose events mention it is what else is left.
    pub(super) fn forgotten(&self, task: &str) -> Resolved<'e> {
        let (cluster, names) = (self.facts.cluster(self.cluster), self.facts.services(self.cluster));
        let _ = self.facts.event_capture(self.cluster);
        if cluster?.is_none_or(|cluster| cluster.status == "INACTIVE") {
            return Err(self.no_cluster()?);
        }
        let possible = is_task_id(task);
        let sought = if possible { self.seek(task)? } else { Sought::default() };
        if let Some((record, group)) = sought.found.filter(|(record, _)| record.tells_the_end()) {
            return self.recorded(record, group);
        }
        let names = if possible { names.unwrap_or_default() } else { names? }.map_or(&[][..], Vec::as_slice);
        let searched: Vec<_> =
            names.iter().take(SERVICES_SEARCHED).map(|name| self.facts.service(self.cluster, name)).collect();
        self.settled()?;
        let gone = Forgotten {
            region: self.region.clone(),
            cluster: self.cluster.to_owned(),
            task: task.to_owned(),
            searched: sought.searched.into_iter().map(str::to_owned).collect(),
            uncaptured: sought.uncaptured,
            last: sought.found.map(|(record, _)| (record.task.last_status.clone(), record.at)),
            services: names.iter().take(5).cloned().collect(),
        };
        for service in searched.into_iter().filter_map(|service| service.unwrap_or_default()) {
            if let Some(event) = service.events.iter().find(|event| event.message.contains(task)) {
                let mut case = self.service(service)?;
                case.notes.push(format!(
                    "ECS has forgotten task {task}; an event of service {} mentions it ({:.0}), so this is about the service",
                    service.name, event.at
                ));
                case.notes.extend(forgotten::keep_the_next(&gone));
                let _ = self.facts.lacks(FORGOTTEN, GapReason::Expired, forgotten::detail(&gone));
                return Ok(case);
            }
        }
        if !possible {
            let near = names.iter().take(5).map(|name| format!("service `{name}`")).collect();
            let (cluster, place) = (self.cluster.to_owned(), self.place());
            return Err(Halt::Error(Error::NoSuchTask { task: task.to_owned(), cluster, place, near }));
        }
        Err(Halt::Forgotten(Box::new(gone)))
    }

    /// Nothing that was looked up so far waits for its answer.
    pub(super) fn settled(&self) -> Result<(), Halt> {
        if self.facts.missing().is_empty() { Ok(()) } else { Err(Halt::Unknown) }
    }

    pub(super) fn no_cluster(&self) -> Result<Halt, Unknown> {
        let all = self.facts.clusters()?.map_or(&[][..], Vec::as_slice);
        let near = like(self.cluster, all);
        Ok(Halt::Error(Error::NoSuchCluster { cluster: self.cluster.to_owned(), place: self.place(), near }))
    }

    pub(super) fn no_service(&self, service: &str) -> Result<Halt, Unknown> {
        let (cluster, names) = (self.facts.cluster(self.cluster), self.facts.services(self.cluster));
        if cluster?.is_none_or(|cluster| cluster.status == "INACTIVE") {
            return self.no_cluster();
        }
        let all = names?.map_or(&[][..], Vec::as_slice);
        let near = like(service, all);
        let (cluster, place) = (self.cluster.to_owned(), self.place());
        Ok(Halt::Error(Error::NoSuchService { service: service.to_owned(), cluster, place, near }))
    }
}

/// 32 hexadecimal digits, or a UUID as before 2018.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids>
fn is_task_id(text: &str) -> bool {
    let hex = |part: &str, length: usize| part.len() == length && part.chars().all(|c| c.is_ascii_hexdigit());
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [one] => hex(one, 32),
        [a, b, c, d, e] => hex(a, 8) && hex(b, 4) && hex(c, 4) && hex(d, 4) && hex(e, 12),
        _ => false,
    }
}
