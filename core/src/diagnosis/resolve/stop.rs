//! Stops, ready to be read: a task's, and what a service's events tell where no task was placed.

use crate::model::ecs::{Deployment, Service, Task, TaskDefinition};
use crate::model::{CauseId, Moment, Unknown};
use crate::symptom::{self, ContainerStop, Field, Launch, Stop};

/// The newest event since the deployment began that tells of a failure.
pub(super) fn telling_event(service: &Service, deployment: &Deployment) -> Option<Stop> {
    let since = |at: Moment| deployment.created.is_none_or(|created| at >= created);
    service.events.iter().filter(|event| since(event.at)).find_map(|event| {
        let stop = symptom::message(&event.message, Some(Field::ServiceEvent), None, None, None);
        let read = symptom::read(&stop);
        let first = read.first();
        let telling = first != CauseId::Unknown && !crate::diagnosis::outcome::is_deliberate(first);
        telling.then_some(stop)
    })
}

/// The stop of a task, for reading.
pub(crate) fn stop_of_task(task: &Task, definition: Result<Option<&TaskDefinition>, Unknown>) -> Stop {
    let essential = |name: &str| {
        let known = definition.ok()??.containers.iter().find(|one| one.name == name)?;
        Some(known.essential)
    };
    let times = &task.times;
    Stop {
        stop_code: task.stop_code.clone(),
        reason: task.stopped_reason.clone(),
        containers: task
            .containers
            .iter()
            .map(|container| ContainerStop {
                name: Some(container.name.clone()),
                essential: essential(&container.name),
                reason: container.reason.clone(),
                exit_code: container.exit_code,
                health: container.health.clone(),
                image: container.image.clone(),
                image_digest: container.digest.clone(),
            })
            .collect(),
        launch: match task.launch_type.as_deref() {
            Some("FARGATE") => Some(Launch::Fargate),
            Some("EC2") => Some(Launch::Ec2),
            Some("EXTERNAL") => Some(Launch::External),
            _ => None,
        },
        field: None,
        created: times.created,
        pull_started: times.pull_started,
        pull_stopped: times.pull_stopped,
        started: times.started,
        stopping: times.stopping,
        stopped: times.stopped,
        execution_stopped: times.execution_stopped,
        known: indexmap::IndexMap::new(),
    }
}
