//! Services of the SDK as ours: with deployments, events and revisions.

use crate::definition::keeper;
use crate::moment::moment;
use aws_sdk_ecs::types as sdk;
use ecs_why_core::model::ecs::{
    Deployment, NetworkConfiguration, Service, ServiceDeployment, ServiceEvent, ServiceRevision,
};

fn text(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

pub(crate) fn service(service: &sdk::Service) -> Service {
    let mut deployments: Vec<_> = service.deployments().iter().map(deployment).collect();
    deployments.sort_by_key(|deployment| deployment.status != "PRIMARY");
    Service {
        arn: service.service_arn().unwrap_or_default().to_owned(),
        name: service.service_name().unwrap_or_default().to_owned(),
        status: service.status().unwrap_or_default().to_owned(),
        desired: service.desired_count().into(),
        running: service.running_count().into(),
        pending: service.pending_count().into(),
        launch_type: service.launch_type().map(|kind| kind.as_str().to_owned()),
        definition: service.task_definition().unwrap_or_default().to_owned(),
        network: network(service.network_configuration()),
        deployments,
        events: events(service.events()),
        target_groups: service.load_balancers().iter().filter_map(|one| text(one.target_group_arn())).collect(),
        role: text(service.role_arn()),
        balancer_roles: service
            .load_balancers()
            .iter()
            .filter_map(|one| text(one.advanced_configuration()?.role_arn()))
            .collect(),
        circuit_breaker: service
            .deployment_configuration()
            .and_then(|configuration| configuration.deployment_circuit_breaker())
            .is_some_and(|breaker| breaker.enable()),
        created: moment(service.created_at()),
        keeper: keeper(service.tags()),
    }
}

/// The newest first, which is ECS's own order.
fn events(events: &[sdk::ServiceEvent]) -> Vec<ServiceEvent> {
    let read = |event: &sdk::ServiceEvent| {
        let message = event.message().unwrap_or_default().to_owned();
        Some(ServiceEvent { at: moment(event.created_at())?, message })
    };
    let mut events: Vec<_> = events.iter().filter_map(read).collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events
}

fn deployment(deployment: &sdk::Deployment) -> Deployment {
    Deployment {
        id: deployment.id().unwrap_or_default().to_owned(),
        status: deployment.status().unwrap_or_default().to_owned(),
        definition: deployment.task_definition().unwrap_or_default().to_owned(),
        desired: deployment.desired_count().into(),
        running: deployment.running_count().into(),
        pending: deployment.pending_count().into(),
        failed: deployment.failed_tasks().into(),
        created: moment(deployment.created_at()),
        updated: moment(deployment.updated_at()),
        rollout: deployment.rollout_state().map(|state| state.as_str().to_owned()),
        rollout_reason: text(deployment.rollout_state_reason()),
        network: network(deployment.network_configuration()),
        launch_type: deployment.launch_type().map(|kind| kind.as_str().to_owned()),
        platform_version: text(deployment.platform_version()),
        infrastructure_roles: infrastructure_roles(deployment),
    }
}

/// The roles with which ECS acts for tasks of a deployment, each once.
fn infrastructure_roles(deployment: &sdk::Deployment) -> Vec<String> {
    let volumes =
        deployment.volume_configurations().iter().filter_map(|one| Some(one.managed_ebs_volume()?.role_arn()));
    let connect = deployment.service_connect_configuration().map_or(&[][..], |one| one.services());
    let certificates = connect.iter().filter_map(|one| one.tls()?.role_arn());
    let lattice = deployment.vpc_lattice_configurations().iter().map(|one| one.role_arn());
    let mut all: Vec<String> = vec![];
    for role in volumes.chain(certificates).chain(lattice) {
        if !all.iter().any(|other| other == role) {
            all.push(role.to_owned());
        }
    }
    all
}

fn network(network: Option<&sdk::NetworkConfiguration>) -> Option<NetworkConfiguration> {
    let network = network?.awsvpc_configuration()?;
    Some(NetworkConfiguration {
        subnets: network.subnets().to_vec(),
        security_groups: network.security_groups().to_vec(),
        public_ip: network.assign_public_ip() == Some(&sdk::AssignPublicIp::Enabled),
    })
}

pub(crate) fn service_deployment(deployment: &sdk::ServiceDeploymentBrief) -> Option<ServiceDeployment> {
    Some(ServiceDeployment {
        arn: text(deployment.service_deployment_arn())?,
        revision: text(deployment.target_service_revision_arn()),
        status: deployment.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        status_reason: text(deployment.status_reason()),
        created: moment(deployment.created_at()),
        finished: moment(deployment.finished_at()),
    })
}

pub(crate) fn revision(revision: &sdk::ServiceRevision) -> ServiceRevision {
    let digest = |image: &sdk::ContainerImage| Some((text(image.container_name())?, text(image.image_digest())?));
    ServiceRevision {
        arn: revision.service_revision_arn().unwrap_or_default().to_owned(),
        definition: revision.task_definition().unwrap_or_default().to_owned(),
        network: network(revision.network_configuration()),
        launch_type: revision.launch_type().map(|kind| kind.as_str().to_owned()),
        created: moment(revision.created_at()),
        digests: revision.container_images().iter().filter_map(digest).collect(),
    }
}
