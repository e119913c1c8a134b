//! Triages over fixtures.

use crate::model::ecs::{Overrides, Task, TaskTimes};

/// A stopped task of which nothing is known.
pub(crate) fn a_task() -> Task {
    Task {
        arn: "arn:aws:ecs:eu-west-1:111122223333:task/prod/a".into(),
        cluster: "arn:aws:ecs:eu-west-1:111122223333:cluster/prod".into(),
        definition: "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7".into(),
        group: None,
        started_by: None,
        last_status: "STOPPED".into(),
        desired_status: Some("STOPPED".into()),
        launch_type: Some("FARGATE".into()),
        capacity_provider: None,
        platform_version: None,
        platform_family: None,
        zone: None,
        container_instance: None,
        stop_code: None,
        stopped_reason: None,
        cpu: None,
        memory: None,
        ephemeral_storage: None,
        health: None,
        times: TaskTimes::default(),
        containers: vec![],
        interface: None,
        attachments: vec![],
        overrides: Overrides::default(),
    }
}
