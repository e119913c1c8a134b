//! What is not there: near matches, and what is left of a task that ECS has forgotten.

use super::{Halt, Resolved, Resolver};
use crate::error::Error;
use crate::image::nearest;
use crate::model::Unknown;

/// How many services are searched for an event that mentions a task which ECS has forgotten.
const SERVICES_SEARCHED: usize = 50;

impl<'e> Resolver<'_, 'e> {
    /// ECS has forgotten the task: a service whose events mention it is what is left.
    pub(super) fn forgotten(&self, task: &str) -> Resolved<'e> {
        let (cluster, names) = (self.facts.cluster(self.cluster), self.facts.services(self.cluster));
        if cluster?.is_none_or(|cluster| cluster.status == "INACTIVE") {
            return Err(self.no_cluster()?);
        }
        let names = names?.map_or(&[][..], Vec::as_slice);
        let searched: Vec<_> =
            names.iter().take(SERVICES_SEARCHED).map(|name| self.facts.service(self.cluster, name)).collect();
        for service in searched {
            let Some(service) = service? else { continue };
            if let Some(event) = service.events.iter().find(|event| event.message.contains(task)) {
                let mut case = self.service(service)?;
                case.notes.push(format!(
                    "ECS has forgotten task {task}; an event of service {} mentions it ({:.0}), so this is about the service",
                    service.name, event.at
                ));
                return Ok(case);
            }
        }
        let near = names.iter().take(5).map(|name| format!("service `{name}`")).collect();
        let (cluster, place) = (self.cluster.to_owned(), self.place());
        Err(Halt::Error(Error::NoSuchTask { task: task.to_owned(), cluster, place, near }))
    }

    pub(super) fn no_cluster(&self) -> Result<Halt, Unknown> {
        let all = self.facts.clusters()?.map_or(&[][..], Vec::as_slice);
        let near = quoted(&nearest(self.cluster, all.iter().map(String::as_str), 3), all);
        Ok(Halt::Error(Error::NoSuchCluster { cluster: self.cluster.to_owned(), place: self.place(), near }))
    }

    pub(super) fn no_service(&self, service: &str) -> Result<Halt, Unknown> {
        let (cluster, names) = (self.facts.cluster(self.cluster), self.facts.services(self.cluster));
        if cluster?.is_none_or(|cluster| cluster.status == "INACTIVE") {
            return self.no_cluster();
        }
        let all = names?.map_or(&[][..], Vec::as_slice);
        let near = quoted(&nearest(service, all.iter().map(String::as_str), 3), all);
        let (cluster, place) = (self.cluster.to_owned(), self.place());
        Ok(Halt::Error(Error::NoSuchService { service: service.to_owned(), cluster, place, near }))
    }
}

/// Names that are like the one typed, or the first few there are.
fn quoted(near: &[&str], all: &[String]) -> Vec<String> {
    let names: Vec<&str> =
        if near.is_empty() { all.iter().take(5).map(String::as_str).collect() } else { near.to_vec() };
    names.into_iter().map(|name| format!("`{name}`")).collect()
}
