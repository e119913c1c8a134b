//! A task: its service, its deployment, and the network that it was given.

use super::stop::stop_of_task;
use super::{Chosen, Resolved, Resolver};
use crate::evidence::{Facts, GapReason};
use crate::model::Unknown;
use crate::model::ecs::{Deployment, NetworkConfiguration, Service, Task};

impl<'e> Resolver<'_, 'e> {
    pub(super) fn task(&self, task: &'e Task) -> Resolved<'e> {
        let name = task.group.as_deref().and_then(|group| group.strip_prefix("service:"));
        let _ = facts_of_task(self.facts, task);
        let service = match name {
            Some(name) => {
                let _ = self.facts.running_tasks(self.cluster, name);
                self.facts.service(self.cluster, name)
            }
            None => Ok(None),
        };
        let other = service.unwrap_or_default().and_then(|found| is_another(found, task));
        let service = if other.is_some() { Ok(None) } else { service };
        let own = |service: &'e Service| {
            service.deployments.iter().find(|one| Some(one.id.as_str()) == task.started_by.as_deref())
        };
        let deployment = service.map_or(None, |service| service.and_then(own));
        let network = match (service, deployment, name) {
            (Err(unknown), _, _) => Err(unknown),
            (_, Some(Deployment { network: Some(network), .. }), _) => Ok(network),
            (Ok(Some(_)), None, Some(name)) => self.old_network(task, name),
            _ => Err(self.forgotten_network(task)),
        };
        let stopped = task.last_status == "STOPPED" || task.stop_code.is_some();
        self.case(Chosen {
            service,
            deployment,
            task: Some(task),
            definition: &task.definition,
            network,
            launch_type: task.launch_type.as_deref(),
            platform: None,
            symptom: stopped.then(|| stop_of_task(task, self.facts.task_definition(&task.definition))),
            runs: task.last_status == "RUNNING" && !stopped,
            notes: other.into_iter().collect(),
        })
    }

    /// A deployment that the service no longer lists is kept for longer by its revision.
    pub(super) fn old_network(&self, task: &Task, service: &str) -> Result<&'e NetworkConfiguration, Unknown> {
        let deployments = self.facts.service_deployments(self.cluster, service)?.map_or(&[][..], Vec::as_slice);
        let number = task.started_by.as_deref().and_then(|id| id.rsplit('/').next()).unwrap_or_default();
        let by_id = deployments.iter().find(|one| !number.is_empty() && one.arn.ends_with(number));
        // The newest that was there when the task was made.
        let by_time = || {
            deployments
                .iter()
                .filter(|one| one.created.is_some() && one.created <= task.times.created)
                .max_by_key(|one| one.created)
        };
        let revision = by_id.or_else(by_time).and_then(|one| one.revision.as_deref());
        let Some(revision) = revision else { return Err(self.forgotten_network(task)) };
        match self.facts.service_revision(revision)? {
            Some(found) if found.definition == task.definition => {
                found.network.as_ref().ok_or_else(|| self.forgotten_network(task))
            }
            _ => Err(self.forgotten_network(task)),
        }
    }

    pub(super) fn forgotten_network(&self, task: &Task) -> Unknown {
        if task.last_status != "STOPPED" {
            // Its interface tells, while it is there.
            return Unknown::new();
        }
        self.facts.lacks(
            "ec2:DescribeNetworkInterfaces",
            GapReason::Expired,
            "a stopped task of no service, or of a deployment that is gone, keeps neither its security groups nor its public address",
        )
    }
}

/// A service that only has the name of the task's: it was deleted, or made anew since.
fn is_another(service: &Service, task: &Task) -> Option<String> {
    let name = &service.name;
    match (service.created, task.times.created) {
        _ if service.status == "INACTIVE" => {
            Some(format!("service {name} was deleted: only the task itself is judged"))
        }
        (Some(made), Some(began)) if made > began => Some(format!(
            "service {name} was made anew after the task ({made:.0}): nothing of it is taken for the task's own"
        )),
        _ => None,
    }
}

/// What a task names by itself is asked along with its service.
fn facts_of_task(facts: &Facts<'_>, task: &Task) -> Result<(), Unknown> {
    let definition = facts.task_definition(&task.definition);
    if let Some(subnet) = task.interface.as_ref().and_then(|one| one.subnet.as_deref()) {
        let _ = facts.subnet(subnet);
    }
    if let (Some(instance), Some(cluster)) = (task.container_instance.as_deref(), task.cluster.rsplit('/').next()) {
        let _ = facts.container_instance(cluster, instance);
    }
    definition.map(|_| ())
}
