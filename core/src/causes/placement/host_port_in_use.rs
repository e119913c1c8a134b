//! A fixed port of the host that somebody else has.

use crate::case::LaunchType;
use crate::causes::prelude::*;
use crate::causes::told;
use crate::model::Unknown;
use crate::model::ecs::{ContainerInstance, Task};
use std::collections::BTreeSet;

documented! {
/// The port of the host that the task maps is taken on every container instance that could run it.
///
/// # Why a task stops here
/// With a `hostPort` of its own, or in `host` mode, a task takes that port of its instance, so that an instance can run only
/// one of it. A deployment that starts new tasks beside the old ones finds each port taken by those.
/// # How it is told
/// ECS says so when it places the task, or the runtime when it starts the container. The instances' taken ports show where,
/// and the ports of the tasks on them show who has it.
/// # Prevention
/// `hostPort` 0, so that each task gets a free port, or `awsvpc`, where each task has its own.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-networkmode-bridge.html>
pub struct HostPortInUse;
}

/// Instances whose tasks are looked through for who has the port.
const LOOKED_THROUGH: usize = 3;

/// A fixed port of the host that the definition wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    port: i64,
    udp: bool,
}

/// The fixed ports that the definition wants of its host.
fn wanted(case: &Case<'_>) -> Result<Vec<Wanted>, Unknown> {
    let definition = case.definition?;
    let host = match definition.network_mode.as_deref() {
        None | Some("bridge" | "default" | "nat") => false,
        Some("host") => true,
        Some(_) => return Ok(vec![]),
    };
    let mut all = BTreeSet::new();
    for container in &definition.containers {
        let mut udp = container.udp_ports.clone();
        for (own, mapped) in &container.ports {
            // Of two mappings of one port, one TCP and one UDP, each is taken once.
            let is_udp = udp.iter().position(|port| port == own).map(|at| udp.remove(at)).is_some();
            let port = if host { Some(*own) } else { mapped.filter(|port| *port != 0) };
            all.extend(port.map(|port| Wanted { port, udp: is_udp }));
        }
    }
    Ok(all.into_iter().collect())
}

/// The first of the wanted ports that an instance has no more.
fn taken(instance: &ContainerInstance, wanted: &[Wanted]) -> Option<Wanted> {
    let has =
        |one: &&Wanted| (if one.udp { &instance.taken_udp_ports } else { &instance.taken_ports }).contains(&one.port);
    wanted.iter().find(has).copied()
}

/// The stop says that a port was taken.
fn is_told(case: &Case<'_>) -> bool {
    let told =
        |symptom: &crate::symptom::Symptom| symptom.claims.iter().any(|claim| claim.cause == CauseId::HostPortInUse);
    case.symptom.as_ref().is_some_and(told)
}

/// A deployment wants to place tasks, and has fewer than it wants.
fn is_waiting(case: &Case<'_>) -> bool {
    case.symptom.is_none() && case.deployment.is_some_and(|one| one.running + one.pending < one.desired)
}

/// An instance that could run the task, and the tasks on it where they are looked through.
struct Host<'e> {
    instance: &'e ContainerInstance,
    tasks: Vec<&'e Task>,
}

/// The instances that could run the task: the one that it was on, or the cluster's that take tasks.
fn hosts<'e>(case: &Case<'e>, facts: &Facts<'e>) -> Result<Vec<Host<'e>>, Unknown> {
    let own = case.task.and_then(|task| task.container_instance.clone());
    let arns = match own {
        Some(own) => vec![own],
        None => facts.container_instances(&case.cluster)?.cloned().unwrap_or_default(),
    };
    // The instances and what runs on the first of them are asked for together.
    let instances: Vec<_> = arns.iter().map(|arn| facts.container_instance(&case.cluster, arn)).collect();
    let ids: Vec<_> = arns.iter().take(LOOKED_THROUGH).map(|arn| facts.instance_tasks(&case.cluster, arn)).collect();
    let mut tasks = vec![];
    for ids in ids {
        let ids = ids?.map_or(&[][..], Vec::as_slice);
        tasks.push(ids.iter().map(|id| facts.task(&case.cluster, id)).collect::<Vec<_>>());
    }
    let judged = case.task.map(|task| task.arn.as_str());
    let mut tasks = tasks.into_iter();
    let mut hosts = vec![];
    for instance in instances {
        let mut found = vec![];
        for task in tasks.next().unwrap_or_default() {
            found.extend(task?.filter(|task| Some(task.arn.as_str()) != judged));
        }
        let takes_tasks = instance?.filter(|one| one.status == "ACTIVE" && one.agent_connected);
        hosts.extend(takes_tasks.map(|instance| Host { instance, tasks: found }));
    }
    Ok(hosts)
}

/// Who has the port on an instance: the host itself, or a task.
fn holder(host: &Host<'_>, port: i64) -> Option<String> {
    if host.instance.reserved_ports.contains(&port) {
        return Some("the host itself keeps it".to_owned());
    }
    let has = |task: &&&Task| task.containers.iter().any(|container| container.host_ports.contains(&port));
    let task = host.tasks.iter().find(has)?;
    let id = task.arn.rsplit('/').next().unwrap_or(&task.arn);
    let of = task.group.as_deref().map_or_else(String::new, |group| format!(" of {}", group.replacen(':', " ", 1)));
    Some(format!("task {id}{of} has it"))
}

impl Cause for HostPortInUse {
    type Subject = Whole;
    const ID: CauseId = CauseId::HostPortInUse;
    const READS: &'static [&'static [Source]] =
        &[&[Source::ContainerInstances, Source::ContainerInstance, Source::InstanceTasks, Source::Task]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if case.launch != LaunchType::Instance || !(is_told(case) || is_waiting(case)) {
            return told::by_message(Self::ID, case, as_told);
        }
        let wanted = wanted(case)?;
        if wanted.is_empty() {
            return told::by_message(Self::ID, case, as_told);
        }
        let hosts = hosts(case, facts)?;
        let blocked: Vec<_> = hosts.iter().filter_map(|host| Some((host, taken(host.instance, &wanted)?))).collect();
        // One that has all ports free now could run the task: what the stop says was so at its time.
        if blocked.is_empty() || blocked.len() < hosts.len() {
            return told::by_message(Self::ID, case, as_told);
        }
        let port = blocked[0].1.port;
        let who = blocked.iter().find_map(|(host, taken)| holder(host, taken.port));
        let who = who.map_or_else(String::new, |who| format!("; {who}"));
        let every = match blocked.len() {
            2.. => format!("each of the {} container instances", blocked.len()),
            _ => "its container instance".to_owned(),
        };
        let why = format!("port {port} of {every} is taken{who}");
        let named = hosts.iter().map(|host| host.instance.arn.clone()).take(4);
        Ok(Finding::on(named.chain(case.definition_arn.clone())).because(why).into())
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let definition = case.definition?;
        if definition.network_mode.as_deref() == Some("host") {
            return Ok(told::look_at_service(
                case,
                "Run one task on each instance, and let deployments stop the old one first",
                "[desiredCount,placementConstraints,deploymentConfiguration]",
            ));
        }
        let fixed: BTreeSet<i64> = wanted(case)?.into_iter().map(|one| one.port).collect();
        let change = Change::UseDynamicPorts { ports: fixed.into_iter().collect() };
        let fix = Fix::new("Let each task have a free port of its host, in a new revision", Risk::Medium)
            .making(change)
            .documented_at(
                "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-networkmode-bridge.html",
            )
            .noting("who calls that port by its number must go through a load balancer, which learns the new ones");
        Ok(vec![fix])
    }
}

fn as_told(symptom: &crate::symptom::Symptom) -> String {
    match symptom.facts.get("port") {
        Some(port) => format!("port {port} of the container instance, which the task maps, was taken"),
        None => "a port of the container instance that the task maps was taken".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{CONTAINER_INSTANCE, Fixture, REVISION, Said, a_task};
    use crate::causes::told::words;
    use crate::evidence::{Known, Question};
    use crate::model::ecs::TaskContainer;

    const ID: CauseId = CauseId::HostPortInUse;
    const REFUSED: &str = "(service web) was unable to place a task because no container instance met all of its requirements. The \
                           closest matching (container-instance c1) is already using a port required by your task.";

    fn all() -> Question {
        Question::ContainerInstances { cluster: "prod".into() }
    }

    fn instance(name: &str) -> Question {
        Question::ContainerInstance { cluster: "prod".into(), container_instance: arn(name) }
    }

    fn on(name: &str) -> Question {
        Question::InstanceTasks { cluster: "prod".into(), container_instance: arn(name) }
    }

    fn arn(name: &str) -> String {
        CONTAINER_INSTANCE.replace("/c1", &format!("/{name}"))
    }

    fn a_host(name: &str, ports: &[i64]) -> ContainerInstance {
        ContainerInstance {
            arn: arn(name),
            instance: Some(format!("i-{name}")),
            status: "ACTIVE".to_owned(),
            agent_connected: true,
            agent_version: None,
            taken_ports: [&[22, 51678], ports].concat(),
            taken_udp_ports: vec![],
            reserved_ports: vec![22, 51678],
        }
    }

    /// Two instances; on the first, a task of the service before has port 8080.
    fn cluster(first: &[i64], second: &[i64]) -> Fixture {
        let mut old = a_task();
        old.arn = old.arn.replace("0123456789abcdef0123456789abcdef", "old");
        old.last_status = "RUNNING".to_owned();
        old.containers = vec![TaskContainer { host_ports: vec![8080], ..TaskContainer::default() }];
        Fixture::ec2()
            .app(|app| app.ports = vec![(8080, Some(8080))])
            .stopped("TaskFailedToStart", REFUSED)
            .task(|task| task.container_instance = None)
            .with(all(), Known::ContainerInstances(vec![arn("c1"), arn("c2")]))
            .with(instance("c1"), Known::ContainerInstance(a_host("c1", first)))
            .with(instance("c2"), Known::ContainerInstance(a_host("c2", second)))
            .with(on("c1"), Known::InstanceTasks(vec!["old".to_owned()]))
            .with(on("c2"), Known::InstanceTasks(vec![]))
            .with(Question::Task { cluster: "prod".into(), task: "old".into() }, Known::Task(old))
    }

    #[test]
    fn the_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            ID,
            "TaskFailedToStart",
            &[
                REFUSED,
                "RESOURCE:PORTS:TCP",
                "CannotStartContainerError: Error response from daemon: driver failed programming external connectivity on endpoint \
                 web (600f): Bind for 0.0.0.0:8080 failed: port is already allocated",
            ],
            &[
                "(service web) was unable to place a task because no container instance met all of its requirements. The closest \
               matching (container-instance 48fc) has insufficient memory available.",
            ],
        );
    }

    #[test]
    fn every_instance_has_the_port_taken_and_the_task_that_has_it_is_named() {
        let fixture = cluster(&[8080], &[8080]);
        let found = fixture.finding(ID);
        assert_eq!(fixture.says(ID), Said::Fault);
        assert_eq!(found.resources, [arn("c1"), arn("c2"), REVISION.to_owned()]);
        assert_eq!(
            found.explanation,
            "port 8080 of each of the 2 container instances is taken; task old of service web has it"
        );
        fixture.never_turns(ID);
        fixture.hangs_on(ID, &all());
    }

    #[test]
    fn an_instance_where_it_is_free_or_another_kind_of_port_leaves_only_the_words() {
        assert_eq!(cluster(&[8080], &[]).says(ID), Said::AsTold);
        let udp = cluster(&[8080], &[8080]).app(|app| app.udp_ports = vec![8080]);
        assert_eq!(udp.says(ID), Said::AsTold, "the port is taken for TCP");
        let dynamic = cluster(&[8080], &[8080]).app(|app| app.ports = vec![(8080, Some(0))]);
        assert_eq!(dynamic.says(ID), Said::AsTold, "it asks for no fixed port any more");
        let own = cluster(&[8080], &[8080]).revision(|one| one.network_mode = Some("awsvpc".to_owned()));
        assert_eq!(own.says(ID), Said::AsTold);
    }

    #[test]
    fn a_port_that_the_host_keeps_is_nobodys_tasks() {
        let ssh = cluster(&[], &[]).app(|app| app.ports = vec![(22, Some(22))]);
        assert!(ssh.finding(ID).explanation.ends_with("the host itself keeps it"), "{:?}", ssh.finding(ID));
        let host = cluster(&[8080], &[8080]).app(|app| app.ports = vec![(8080, None)]);
        let host = host.revision(|one| one.network_mode = Some("host".to_owned()));
        assert_eq!(host.says(ID), Said::Fault, "in host mode the container's port is the host's");
    }

    #[test]
    fn a_check_looks_only_where_tasks_are_wanting() {
        assert_eq!(cluster(&[8080], &[8080]).check().says(ID), Said::Fault, "the deployment has none of its two");
        let runs = cluster(&[8080], &[8080]).service(|service| service.deployments[0].running = 2).check();
        assert_eq!(runs.says(ID), Said::NotApplicable, "its own tasks have the ports");
    }

    #[test]
    fn ports_that_the_host_chooses_mend_it() {
        let fixes = cluster(&[8080], &[8080]).mended(ID);
        assert_eq!(fixes[0].changes, [Change::UseDynamicPorts { ports: vec![8080] }]);
    }
}
