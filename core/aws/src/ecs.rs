//! ECS: clusters, services, tasks, definitions and container instances.

use crate::answer::{Told, told, unanswered};
use crate::refusal::{Asked, Class, Refused};
use crate::{definition, service, task};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{DesiredStatus, Failure, ServiceField, TaskDefinitionField};
use ecs_why_core::evidence::{Known, Question};
use ecs_why_core::model::ecs::{
    Cluster, ContainerInstance, Service, ServiceDeployment, ServiceRevision, Task, TaskDefinition, TaskPage,
};
use std::cmp::Reverse;

/// Answers a question that goes alone.
pub(crate) async fn answer(ecs: &Client, question: &Question) -> Told {
    match question {
        Question::Cluster { cluster } => told(self::cluster(ecs, cluster).await, Known::Cluster),
        Question::Clusters {} => told(clusters(ecs).await, Known::Clusters),
        Question::Services { cluster } => told(services(ecs, cluster).await, Known::Services),
        Question::ServiceDeployments { cluster, service } => {
            told(service_deployments(ecs, cluster, service).await, Known::ServiceDeployments)
        }
        Question::StoppedTasks { cluster, service } => {
            told(tasks_of(ecs, cluster, service, DesiredStatus::Stopped).await, Known::StoppedTasks)
        }
        Question::RunningTasks { cluster, service } => {
            told(tasks_of(ecs, cluster, service, DesiredStatus::Running).await, Known::RunningTasks)
        }
        Question::ContainerInstances { cluster } => {
            told(container_instance_arns(ecs, cluster).await, Known::ContainerInstances)
        }
        Question::TaskPage { cluster, stopped, after } => {
            told(task_page(ecs, cluster, *stopped, after.clone()).await, Known::TaskPage)
        }
        Question::InstanceTasks { cluster, container_instance } => {
            told(tasks_on(ecs, cluster, container_instance).await, Known::InstanceTasks)
        }
        Question::TaskDefinition { definition } => told(task_definition(ecs, definition).await, Known::TaskDefinition),
        _ => Err(unanswered()),
    }
}

/// What stands after the last `/` of an ARN; a name or id stays as it is.
pub(crate) fn last(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

/// Whether a thing of this ARN is meant by what was asked for: its ARN, or its name.
///
/// ARNs of before 2018 have no cluster in them, so two ARNs of one thing may differ: the names decide.
fn is_meant(asked: &str, arn: Option<&str>) -> bool {
    arn.is_some_and(|arn| last(asked) == last(arn))
}

/// Says of each name what became of it: found, told to be missing, or neither.
fn sort_out<S, T>(
    names: &[&str],
    found: &[S],
    arn: impl Fn(&S) -> Option<&str>,
    failures: &[Failure],
    read: impl Fn(&S) -> T,
) -> Vec<Asked<T>> {
    let one = |name: &&str| {
        if let Some(item) = found.iter().find(|item| is_meant(name, arn(item))) {
            return Ok(Some(read(item)));
        }
        match failures.iter().find(|failure| is_meant(name, failure.arn())).map(|failure| failure.reason()) {
            Some(Some("MISSING")) => Ok(None),
            Some(reason) => Err(Refused::new(Class::Unsupported, reason.unwrap_or("ECS gave no reason"))),
            None => Err(Refused::new(Class::NoAnswer, "ECS left it out of its answer")),
        }
    };
    names.iter().map(one).collect()
}

/// Under a name that ECS calls invalid nothing can exist: a task id of another length, an ARN of another cluster.
///
/// Of several names nobody knows which one is meant: they are asked for again, each alone.
fn absent_if_invalid(refused: Refused, names: &[&str]) -> Refused {
    let impossible = refused.class == Class::Invalid && refused.detail.starts_with("InvalidParameterException");
    if impossible && names.len() == 1 { Refused::new(Class::Absent, refused.detail) } else { refused }
}

/// What to send: each thing once, though it may be asked for by its name and by its ARN.
fn owned(names: &[&str]) -> Option<Vec<String>> {
    let mut once: Vec<String> = Vec::new();
    for name in names {
        if !once.iter().any(|other| last(other) == last(name)) {
            once.push((*name).to_owned());
        }
    }
    Some(once)
}

pub(crate) async fn cluster(ecs: &Client, name: &str) -> Asked<Cluster> {
    let told = ecs.describe_clusters().clusters(name).send().await?;
    let read = |cluster: &aws_sdk_ecs::types::Cluster| Cluster {
        name: cluster.cluster_name().unwrap_or_else(|| last(name)).to_owned(),
        status: cluster.status().unwrap_or_default().to_owned(),
        instances: cluster.registered_container_instances_count().into(),
    };
    sort_out(&[name], told.clusters(), |cluster| cluster.cluster_arn(), told.failures(), read).remove(0)
}

pub(crate) async fn clusters(ecs: &Client) -> Asked<Vec<String>> {
    let arns = ecs.list_clusters().into_paginator().items().send().try_collect().await?;
    Ok(Some(arns.iter().map(|arn| last(arn).to_owned()).collect()))
}

pub(crate) async fn services(ecs: &Client, cluster: &str) -> Asked<Vec<String>> {
    // 100 is more than the default of 10, and all that it takes.
    let pages = ecs.list_services().cluster(cluster).into_paginator().page_size(100);
    let arns = pages.items().send().try_collect().await?;
    Ok(Some(arns.iter().map(|arn| last(arn).to_owned()).collect()))
}

/// The ids of a service's tasks; those that are on their way count as running.
pub(crate) async fn tasks_of(ecs: &Client, cluster: &str, service: &str, status: DesiredStatus) -> Asked<Vec<String>> {
    let asked = ecs.list_tasks().cluster(cluster).service_name(last(service)).desired_status(status);
    let arns = asked.into_paginator().items().send().try_collect().await?;
    Ok(Some(arns.iter().map(|arn| last(arn).to_owned()).collect()))
}

/// One page of all tasks of a cluster: whoever reads many thousands of them must not hold them all.
pub(crate) async fn task_page(ecs: &Client, cluster: &str, stopped: bool, after: Option<String>) -> Asked<TaskPage> {
    let status = if stopped { DesiredStatus::Stopped } else { DesiredStatus::Running };
    let asked = ecs.list_tasks().cluster(cluster).desired_status(status).max_results(100);
    let told = asked.set_next_token(after).send().await?;
    let tasks = told.task_arns().iter().map(|arn| last(arn).to_owned()).collect();
    Ok(Some(TaskPage { tasks, next: told.next_token().map(str::to_owned) }))
}

pub(crate) async fn described_services(
    ecs: &Client,
    cluster: &str,
    names: &[&str],
) -> Result<Vec<Asked<Service>>, Refused> {
    let asked = ecs.describe_services().cluster(cluster).set_services(owned(names));
    let told = match asked.clone().include(ServiceField::Tags).send().await.map_err(Refused::from) {
        Err(refused) if matches!(refused.class, Class::Unsupported) => asked.send().await.map_err(Refused::from),
        told => told,
    };
    let told = told.map_err(|refused| absent_if_invalid(refused, names))?;
    Ok(sort_out(names, told.services(), |service| service.service_arn(), told.failures(), service::service))
}

pub(crate) async fn service_deployments(ecs: &Client, cluster: &str, service: &str) -> Asked<Vec<ServiceDeployment>> {
    let (mut deployments, mut token) = (Vec::new(), None);
    loop {
        let asked = ecs.list_service_deployments().cluster(cluster).service(service).max_results(100);
        let told = asked.set_next_token(token).send().await?;
        deployments.extend(told.service_deployments().iter().filter_map(service::service_deployment));
        token = told.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    deployments.sort_by_key(|deployment| Reverse(deployment.created));
    Ok(Some(deployments))
}

pub(crate) async fn service_revisions(ecs: &Client, arns: &[&str]) -> Result<Vec<Asked<ServiceRevision>>, Refused> {
    let told = ecs.describe_service_revisions().set_service_revision_arns(owned(arns)).send().await?;
    let revisions = told.service_revisions();
    Ok(sort_out(arns, revisions, |revision| revision.service_revision_arn(), told.failures(), service::revision))
}

pub(crate) async fn tasks(ecs: &Client, cluster: &str, names: &[&str]) -> Result<Vec<Asked<Task>>, Refused> {
    let asked = ecs.describe_tasks().cluster(cluster).set_tasks(owned(names));
    let told = asked.send().await.map_err(|error| absent_if_invalid(error.into(), names))?;
    if told.tasks().is_empty() && told.failures().is_empty() {
        // ECS says of each task that it does not know that it is missing; emulators of ECS say nothing at all.
        return Ok(names.iter().map(|_| Ok(None)).collect());
    }
    Ok(sort_out(names, told.tasks(), |task| task.task_arn(), told.failures(), task::task))
}

pub(crate) async fn task_definition(ecs: &Client, name: &str) -> Asked<TaskDefinition> {
    let asked = ecs.describe_task_definition().task_definition(name);
    let told = match asked.clone().include(TaskDefinitionField::Tags).send().await.map_err(Refused::from) {
        // Partitions without tags on these refuse the wish for them.
        Err(refused) if matches!(refused.class, Class::Invalid | Class::Unsupported) => asked.send().await?,
        told => told?,
    };
    Ok(told.task_definition().map(|found| definition::definition(found, told.tags())))
}

pub(crate) async fn container_instances(
    ecs: &Client,
    cluster: &str,
    names: &[&str],
) -> Result<Vec<Asked<ContainerInstance>>, Refused> {
    let asked = ecs.describe_container_instances().cluster(cluster).set_container_instances(owned(names));
    let told = asked.send().await.map_err(|error| absent_if_invalid(error.into(), names))?;
    let read = |instance: &aws_sdk_ecs::types::ContainerInstance| ContainerInstance {
        arn: instance.container_instance_arn().unwrap_or_default().to_owned(),
        instance: instance.ec2_instance_id().map(str::to_owned),
        status: instance.status().unwrap_or_default().to_owned(),
        agent_connected: instance.agent_connected(),
        agent_version: instance.version_info().and_then(|version| version.agent_version()).map(str::to_owned),
        // What "remains" of ports is what is taken of them: those that the host keeps, and those of its tasks.
        taken_ports: ports(instance.remaining_resources(), "PORTS"),
        taken_udp_ports: ports(instance.remaining_resources(), "PORTS_UDP"),
        reserved_ports: [
            ports(instance.registered_resources(), "PORTS"),
            ports(instance.registered_resources(), "PORTS_UDP"),
        ]
        .concat(),
    };
    let instances = told.container_instances();
    Ok(sort_out(names, instances, |instance| instance.container_instance_arn(), told.failures(), read))
}

/// The ports of a resource of an instance.
fn ports(resources: &[aws_sdk_ecs::types::Resource], name: &str) -> Vec<i64> {
    let of = resources.iter().filter(|one| one.name() == Some(name)).flat_map(|one| one.string_set_value());
    of.filter_map(|port| port.parse().ok()).collect()
}

pub(crate) async fn container_instance_arns(ecs: &Client, cluster: &str) -> Asked<Vec<String>> {
    let asked = ecs.list_container_instances().cluster(cluster);
    Ok(Some(asked.into_paginator().items().send().try_collect().await?))
}

/// The ids of the tasks on a container instance.
pub(crate) async fn tasks_on(ecs: &Client, cluster: &str, instance: &str) -> Asked<Vec<String>> {
    let asked = ecs.list_tasks().cluster(cluster).container_instance(last(instance));
    let arns = asked.into_paginator().items().send().try_collect().await?;
    Ok(Some(arns.iter().map(|arn| last(arn).to_owned()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::types::Cluster as SdkCluster;

    fn answers(names: &[&str]) -> Vec<Asked<String>> {
        let found = [SdkCluster::builder().cluster_arn("arn:aws:ecs:us-east-1:1:cluster/prod").build()];
        let failures = [
            Failure::builder().arn("arn:aws:ecs:us-east-1:1:cluster/gone").reason("MISSING").build(),
            Failure::builder().arn("arn:aws:ecs:us-east-1:1:cluster/odd").reason("INACTIVE").build(),
        ];
        let name = |cluster: &SdkCluster| cluster.cluster_arn().unwrap_or_default().to_owned();
        sort_out(names, &found, |cluster| cluster.cluster_arn(), &failures, name)
    }

    #[test]
    fn each_name_gets_its_own_answer() {
        let told = answers(&["gone", "prod", "arn:aws:ecs:us-east-1:1:cluster/prod", "odd", "silence"]);
        assert_eq!(told[0], Ok(None));
        assert_eq!(told[1], Ok(Some("arn:aws:ecs:us-east-1:1:cluster/prod".to_owned())));
        assert_eq!(told[2], told[1]);
        assert_eq!(told[3], Err(Refused::new(Class::Unsupported, "INACTIVE")));
        assert_eq!(told[4].as_ref().map_err(|refused| refused.class), Err(Class::NoAnswer));
    }

    #[test]
    fn a_thing_is_sent_once() {
        assert_eq!(owned(&["arn:aws:ecs:us-east-1:1:task/prod/a", "b", "a"]).map(|names| names.len()), Some(2));
    }

    #[test]
    fn a_name_that_cannot_be_is_absent_and_other_refusals_stay() {
        let long = Refused::new(Class::Invalid, "InvalidParameterException: taskId longer than 36.");
        assert_eq!(absent_if_invalid(long.clone(), &["x"]).class, Class::Absent);
        assert_eq!(absent_if_invalid(long, &["x", "y"]).class, Class::Invalid);
        let other = Refused::new(Class::Invalid, "ClientException: what?");
        assert_eq!(absent_if_invalid(other, &["x"]).class, Class::Invalid);
    }
}
