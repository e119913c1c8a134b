//! A service: which of its tasks or deployments fails, if any does.

use super::stop::telling_event;
use super::{Chosen, Resolved, Resolver, TASKS_READ};
use crate::model::Unknown;
use crate::model::ecs::{Deployment, Service, Task};
use crate::symptom::Stop;

impl<'e> Resolver<'_, 'e> {
    pub(super) fn service(&self, service: &'e Service) -> Resolved<'e> {
        let primary = service.deployments.iter().find(|one| one.status == "PRIMARY").or(service.deployments.first());
        if let Some(primary) = primary {
            let _ = self.facts.task_definition(&primary.definition);
            for subnet in primary.network.iter().flat_map(|network| &network.subnets) {
                let _ = self.facts.subnet(subnet);
            }
        }
        if self.wish.check {
            return self.deployment(service, primary, None, false);
        }
        let stopped = self.facts.stopped_tasks(self.cluster, &service.name);
        let read: Vec<_> = stopped
            .iter()
            .flat_map(|ids| ids.iter().flat_map(|ids| ids.iter()))
            .take(TASKS_READ)
            .map(|id| self.facts.task(self.cluster, id))
            .collect();
        stopped?;
        let mut failed: Vec<&Task> = vec![];
        for task in read {
            failed.extend(task?.filter(|task| is_failure(task)));
        }
        failed.sort_by_key(|task| std::cmp::Reverse((task.times.stopped.or(task.times.stopping), task.arn.clone())));
        match failing(service, primary, &failed) {
            Failing::Task(task) => self.task(task),
            Failing::Deployment(deployment) => {
                let event = telling_event(service, deployment);
                if event.is_none()
                    && let Some(waiting) = self.waiting(service, deployment)?
                {
                    return self.task(waiting);
                }
                let runs = event.is_none() && deployment.running >= deployment.desired;
                self.deployment(service, Some(deployment), event, runs)
            }
            Failing::Nothing => self.deployment(service, primary, None, true),
        }
    }

    /// The task of a deployment that has been on its way for the longest time.
    pub(super) fn waiting(&self, service: &Service, deployment: &Deployment) -> Result<Option<&'e Task>, Unknown> {
        let ids = self.facts.running_tasks(self.cluster, &service.name)?.map_or(&[][..], Vec::as_slice);
        let read: Vec<_> = ids.iter().take(TASKS_READ).map(|id| self.facts.task(self.cluster, id)).collect();
        let mut waiting = vec![];
        for task in read {
            let its = |task: &&Task| task.started_by.as_deref() == Some(deployment.id.as_str());
            waiting.extend(task?.filter(|task| task.last_status != "RUNNING").filter(its));
        }
        Ok(waiting.into_iter().min_by_key(|task| (task.times.created, task.arn.clone())))
    }

    pub(super) fn deployment(
        &self,
        service: &'e Service,
        deployment: Option<&'e Deployment>,
        symptom: Option<Stop>,
        runs: bool,
    ) -> Resolved<'e> {
        let network = deployment.and_then(|one| one.network.as_ref()).or(service.network.as_ref());
        let launch_type = deployment.and_then(|one| one.launch_type.as_deref()).or(service.launch_type.as_deref());
        if !runs {
            let _ = self.facts.running_tasks(self.cluster, &service.name);
        }
        self.case(Chosen {
            service: Ok(Some(service)),
            deployment,
            task: None,
            definition: deployment.map_or(&service.definition, |one| &one.definition),
            network: network.ok_or_else(Unknown::new),
            launch_type,
            platform: deployment.and_then(|one| one.platform_version.as_deref()),
            symptom,
            runs,
            notes: vec![],
        })
    }
}

/// A stop that nobody asked for.
pub(crate) fn is_failure(task: &Task) -> bool {
    match task.stop_code.as_deref() {
        Some("TaskFailedToStart") => true,
        Some("EssentialContainerExited") => true,
        Some("ServiceSchedulerInitiated") => {
            task.stopped_reason.as_deref().is_some_and(|reason| reason.to_lowercase().contains("health check"))
        }
        _ => false,
    }
}

enum Failing<'e> {
    Task(&'e Task),
    Deployment(&'e Deployment),
    Nothing,
}

/// The newest failed task of the failing deployment, or that deployment where no task of it was placed.
fn failing<'e>(service: &'e Service, primary: Option<&'e Deployment>, failed: &[&'e Task]) -> Failing<'e> {
    let of = |deployment: &Deployment| {
        failed.iter().copied().find(|task| task.started_by.as_deref() == Some(deployment.id.as_str()))
    };
    let Some(primary) = primary else { return Failing::Nothing };
    let done = primary.rollout.as_deref().is_none_or(|rollout| rollout == "COMPLETED");
    let steady = done && primary.running >= primary.desired;
    // After its last steady state, a failure of the current deployment is news.
    let quiet =
        service.events.iter().find(|event| event.message.contains("has reached a steady state")).map(|one| one.at);
    if let Some(task) = of(primary)
        && (!steady || quiet.is_none_or(|quiet| task.times.stopped.is_some_and(|stopped| stopped > quiet)))
    {
        return Failing::Task(task);
    }
    if !steady {
        return Failing::Deployment(primary);
    }
    // A roll-back made the deployment before current again: what failed is the one that was rolled back.
    let rolled_back = primary.rollout_reason.as_deref().is_some_and(|reason| reason.contains("rolling back"));
    let broken = service.deployments.iter().filter(|one| one.rollout.as_deref() == Some("FAILED") && rolled_back);
    broken.max_by_key(|one| one.created).and_then(of).map_or(Failing::Nothing, Failing::Task)
}
