//! The way from the task (or its instance) to a service, traced over the evidence.

use super::needs::Need;
use super::surroundings::{Around, around};
use crate::case::{Case, LaunchType};
use crate::evidence::{Facts, GapReason, Source};
use crate::model::ecs::Task;
use crate::model::network::Instance;
use crate::model::{CauseId, Moment, Unknown};
use crate::network::{Client, Destination, Path, Way, trace};
use std::rc::Rc;

/// What a trace reads.
pub const READS: &[Source] = &[
    Source::Subnet,
    Source::VpcSubnets,
    Source::Vpc,
    Source::DnsSupport,
    Source::DnsHostnames,
    Source::DnsServers,
    Source::HostedZones,
    Source::RouteTables,
    Source::VpcEndpoints,
    Source::SecurityGroup,
    Source::DefaultSecurityGroup,
    Source::NetworkAcls,
    Source::NatGateways,
    Source::InternetGateways,
    Source::AwsPrefixLists,
    Source::ManagedPrefixList,
    Source::ContainerInstance,
    Source::Instance,
    Source::NetworkInterface,
];

/// A path from one subnet.
#[derive(Debug, Clone)]
pub struct WayFrom {
    /// The subnet.
    pub subnet: String,
    /// What the trace says.
    pub path: Path,
}

/// The paths to a service from every subnet that the case may be in.
///
/// # Errors
/// When it is not known from where.
pub fn ways(case: &Case<'_>, facts: &Facts<'_>, need: &Need) -> Result<Rc<Vec<WayFrom>>, Unknown> {
    let traced = facts.once(format!("way to {} at {:?}", need.host, need.destination.address), || {
        trace_all(case, facts, need).map(Rc::new)
    });
    (*traced).clone()
}

fn trace_all(case: &Case<'_>, facts: &Facts<'_>, need: &Need) -> Result<Vec<WayFrom>, Unknown> {
    let around = clients(case, facts, need)?;
    around
        .into_iter()
        .map(|(client, around)| {
            let path = trace(&client, &need.destination, &around?);
            Ok(WayFrom { subnet: client.subnet, path })
        })
        .collect()
}

/// Other subnets of the service, in which the task might as well have been, that do have a way: what can be read of it is open,
/// or a task runs there. Nothing is asked for it.
pub fn open_beside(case: &Case<'_>, facts: &Facts<'_>, need: &Need, subnet: &str) -> Vec<String> {
    let Ok(network) = case.network else { return vec![] };
    if case.launch == LaunchType::Instance {
        return vec![];
    }
    let placed = clients(case, facts, need).unwrap_or_default();
    let Some((client, Ok(around))) = placed.into_iter().find(|(client, _)| client.subnet == subnet) else {
        return vec![];
    };
    let runs = |other: &str| {
        let its = |task: &&&Task| {
            task.last_status == "RUNNING" && task.definition == case.definition_arn.as_deref().unwrap_or_default()
        };
        let here = |task: &&Task| task.interface.as_ref().is_some_and(|one| one.subnet.as_deref() == Some(other));
        case.siblings.iter().filter(its).any(here)
    };
    let open = |other: &&String| {
        let moved = Client { subnet: (*other).clone(), private_ip: None, ..client.clone() };
        let path = around.beside(other).map(|around| trace(&moved, &need.destination, &around));
        runs(other) || path.is_some_and(|path| path.is_open())
    };
    network.subnets.iter().filter(|other| *other != subnet).filter(open).cloned().collect()
}

/// A way that is open today, over something that was made after the stop: without it, it was as `then` says.
#[derive(Debug, Clone)]
pub struct OpenedSince {
    /// The way without what was made since.
    pub then: WayFrom,
    /// How it leads out today.
    pub by: Way,
    /// The endpoint or gateway (`vpce-...`, `nat-...`).
    pub over: String,
    /// When that was made.
    pub made: Moment,
}

/// The ways that were opened after the moment that is judged, by an endpoint or NAT gateway made since. Routes, groups and
/// attributes tell no times: what they were then cannot be known.
///
/// # Errors
/// When it is not known from where, or over what they lead.
pub fn opened_since(case: &Case<'_>, facts: &Facts<'_>, need: &Need) -> Result<Rc<Vec<OpenedSince>>, Unknown> {
    let name = format!("way to {} at {:?} before", need.host, need.destination.address);
    let traced = facts.once(name, || trace_before(case, facts, need).map(Rc::new));
    (*traced).clone()
}

fn trace_before(case: &Case<'_>, facts: &Facts<'_>, need: &Need) -> Result<Vec<OpenedSince>, Unknown> {
    let Some(moment) = facts.moment() else { return Ok(vec![]) };
    let mut opened = vec![];
    // The address that was dialled then says nothing of the way today.
    let today = Destination { address: None, ..need.destination.clone() };
    for (client, around) in clients(case, facts, need)? {
        let around = around?;
        let now = trace(&client, &today, &around);
        let Some(by) = now.way.clone().filter(|_| now.is_open()) else { continue };
        let (over, nat) = match &by {
            Way::NatGateway(id) => (id, Some(id.as_str())),
            Way::InterfaceEndpoint(Some(id)) | Way::GatewayEndpoint(id) => (id, None),
            _ => continue,
        };
        let later = around.made_after(moment, nat)?;
        let Some((over, made)) = later.iter().find(|(id, _)| id == over).cloned() else { continue };
        let around = around.without(later.into_iter().map(|(id, _)| id).collect());
        let path = trace(&client, &need.destination, &around);
        opened.push(OpenedSince { then: WayFrom { subnet: client.subnet, path }, by, over, made });
    }
    Ok(opened)
}

type Placed<'f, 'e> = (Client, Result<Around<'f, 'e>, Unknown>);

/// Who calls the service, from where: all surroundings are asked for before one that is not known ends it.
fn clients<'f, 'e>(case: &Case<'_>, facts: &'f Facts<'e>, need: &Need) -> Result<Vec<Placed<'f, 'e>>, Unknown> {
    if need.hidden || case.launch == LaunchType::Elsewhere {
        return Err(facts.lacks(
            "ec2:DescribeNetworkInterfaces",
            GapReason::Unsupported,
            "this traffic goes over an interface that is not in the account",
        ));
    }
    let clients = match case.launch {
        LaunchType::Instance => instance_clients(case, facts)?,
        _ => task_clients(case, facts)?,
    };
    let placed = |client| {
        let around = around(facts, &client, unresolved(case));
        (client, around)
    };
    Ok(clients.into_iter().map(placed).collect())
}

/// The stop says itself that a name did not resolve, before it allows anything else.
pub fn unresolved(case: &Case<'_>) -> bool {
    let first = case.symptom.as_ref().and_then(|symptom| symptom.claims.first());
    first.is_some_and(|claim| claim.cause == CauseId::DnsResolutionDisabled)
}

fn task_clients(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Client>, Unknown> {
    let subnets = case.subnets.clone()?;
    let remembered = case.task.and_then(|task| task.interface.as_ref());
    let private_ip = remembered.and_then(|one| one.private_ip.as_deref()).and_then(|text| text.parse().ok());
    // A running task's interface tells of itself; a stopped one's is gone, and its deployment knows.
    let interface = match (case.task, remembered.and_then(|one| one.id.as_deref())) {
        (Some(task), Some(id)) if task.last_status != "STOPPED" => facts.network_interface(id)?,
        _ => None,
    };
    let client = |subnet: &String| Client {
        subnet: subnet.clone(),
        private_ip,
        public_ip: match interface {
            Some(interface) => Ok(interface.public_ip.is_some()),
            None => case.network.map(|network| network.public_ip),
        },
        security_groups: match interface {
            Some(interface) => Ok(interface.security_groups.clone()),
            None => case.network.and_then(|network| groups(facts, subnet, &network.security_groups)),
        },
        account: Some(case.region.account.clone()),
    };
    Ok(subnets.iter().map(client).collect())
}

/// No group at all means the VPC's default group.
fn groups(facts: &Facts<'_>, subnet: &str, named: &[String]) -> Result<Vec<String>, Unknown> {
    if !named.is_empty() {
        for group in named {
            let _ = facts.security_group(group);
        }
        return Ok(named.to_vec());
    }
    let Some(subnet) = facts.subnet(subnet)? else { return Ok(vec![]) };
    Ok(facts.default_security_group(&subnet.vpc)?.map(|group| group.id.clone()).into_iter().collect())
}

/// On an instance everything that a launch needs goes over the instance's own interface, in every network mode.
fn instance_clients(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<Client>, Unknown> {
    let read: Vec<_> = case.container_instances.iter().map(|arn| instance_of(case, facts, arn)).collect();
    if read.is_empty() {
        return Err(lost_instance(facts));
    }
    let client = |instance: &Instance| {
        Ok(Client {
            subnet: instance.subnet.clone().ok_or_else(|| lost_instance(facts))?,
            private_ip: instance.private_ip,
            public_ip: Ok(instance.public_ip.is_some()),
            security_groups: Ok(instance.security_groups.clone()),
            account: Some(case.region.account.clone()),
        })
    };
    let clients = read.into_iter().map(|instance| instance.and_then(client)).collect::<Result<Vec<_>, _>>()?;
    for client in &clients {
        let _ = facts.subnet(&client.subnet);
        for group in client.security_groups.iter().flatten() {
            let _ = facts.security_group(group);
        }
    }
    Ok(clients)
}

/// The EC2 instance behind a container instance.
///
/// # Errors
/// When it is not known, or gone.
pub fn instance_of<'e>(case: &Case<'_>, facts: &Facts<'e>, arn: &str) -> Result<&'e Instance, Unknown> {
    let found = facts.container_instance(&case.cluster, arn)?.and_then(|one| one.instance.as_deref());
    let id = found.ok_or_else(|| lost_instance(facts))?;
    facts.instance(id)?.ok_or_else(|| lost_instance(facts))
}

/// A lack that no question closes: the instance is gone, or nobody knows which one it was.
pub fn lost_instance(facts: &Facts<'_>) -> Unknown {
    facts.lacks(
        "ecs:DescribeContainerInstances",
        GapReason::Expired,
        "which container instance the task was on is not known any more",
    )
}
