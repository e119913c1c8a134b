//! The way from the task (or its instance) to a service, traced over the evidence.

use super::needs::Need;
use crate::case::{Case, LaunchType};
use crate::evidence::{Facts, GapReason, Source};
use crate::model::network::{
    HostedZone, Instance, InternetGateway, NatGateway, NetworkAcl, PrefixList, RouteTable, SecurityGroup, Subnet, Vpc,
    VpcEndpoint,
};
use crate::model::{CauseId, Unknown};
use crate::network::{Client, Path, Surroundings, trace};
use std::rc::Rc;
use std::sync::LazyLock;

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
    // All subnets are traced before one that is not known ends it.
    let around: Vec<_> =
        clients.into_iter().map(|client| (surroundings(facts, &client, unresolved(case)), client)).collect();
    around
        .into_iter()
        .map(|(around, client)| {
            let path = trace(&client, &need.destination, &around?);
            Ok(WayFrom { subnet: client.subnet.clone(), path })
        })
        .collect()
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

/// What a VPC with the default DHCP options has.
static AWS_RESOLVER: LazyLock<[String; 1]> = LazyLock::new(|| ["AmazonProvidedDNS".to_owned()]);

struct Around<'f, 'e> {
    facts: &'f Facts<'e>,
    vpc: &'e str,
    own: &'e Subnet,
    /// The stop says that a name did not resolve: only then it is asked which zones hold names. Elsewhere they are taken to
    /// leave the names of AWS alone, as resolver rules and the DNS firewall are, of which nothing can be read.
    unresolved: bool,
}

fn surroundings<'f, 'e>(facts: &'f Facts<'e>, client: &Client, unresolved: bool) -> Result<Around<'f, 'e>, Unknown> {
    let subnet = facts.subnet(&client.subnet)?;
    let gone = || facts.lacks("ec2:DescribeSubnets", GapReason::Expired, "the task's subnet does not exist any more");
    let own = subnet.ok_or_else(gone)?;
    Ok(Around { facts, vpc: &own.vpc, own, unresolved })
}

type Found<T> = Result<Option<T>, Unknown>;

impl Surroundings for Around<'_, '_> {
    fn subnet(&self, id: &str) -> Found<&Subnet> {
        if self.own.id == id {
            let _ = self.facts.vpc_subnets(self.vpc);
            return Ok(Some(self.own));
        }
        Ok(self.facts.vpc_subnets(self.vpc)?.and_then(|all| all.iter().find(|subnet| subnet.id == id)))
    }

    fn vpc(&self) -> Found<&Vpc> {
        self.facts.vpc(self.vpc)
    }

    fn dns_support(&self) -> Found<bool> {
        Ok(self.facts.dns_support(self.vpc)?.copied())
    }

    fn dns_hostnames(&self) -> Found<bool> {
        Ok(self.facts.dns_hostnames(self.vpc)?.copied())
    }

    fn dhcp_dns_servers(&self) -> Found<&[String]> {
        match self.facts.vpc(self.vpc)?.and_then(|vpc| vpc.dhcp_options.as_deref()) {
            Some("default") => Ok(Some(&*AWS_RESOLVER)),
            Some(options) => Ok(self.facts.dns_servers(options)?.map(Vec::as_slice)),
            None => Ok(None),
        }
    }

    fn hosted_zones(&self) -> Found<&[HostedZone]> {
        if !self.unresolved {
            return Ok(None);
        }
        Ok(self.facts.hosted_zones(self.vpc)?.map(Vec::as_slice))
    }

    fn route_tables(&self) -> Found<&[RouteTable]> {
        Ok(self.facts.route_tables(self.vpc)?.map(Vec::as_slice))
    }

    fn endpoints(&self) -> Found<&[VpcEndpoint]> {
        Ok(self.facts.vpc_endpoints(self.vpc)?.map(Vec::as_slice))
    }

    fn acls(&self) -> Found<&[NetworkAcl]> {
        Ok(self.facts.network_acls(self.vpc)?.map(Vec::as_slice))
    }

    fn nat_gateways(&self) -> Found<&[NatGateway]> {
        Ok(self.facts.nat_gateways(self.vpc)?.map(Vec::as_slice))
    }

    fn internet_gateways(&self) -> Found<&[InternetGateway]> {
        Ok(self.facts.internet_gateways(self.vpc)?.map(Vec::as_slice))
    }

    fn security_group(&self, id: &str) -> Found<&SecurityGroup> {
        self.facts.security_group(id)
    }

    fn prefix_list(&self, id: &str) -> Found<&PrefixList> {
        match self.facts.aws_prefix_lists()?.and_then(|lists| lists.iter().find(|list| list.id == id)) {
            Some(list) => Ok(Some(list)),
            None => self.facts.managed_prefix_list(id),
        }
    }

    fn aws_prefix_list(&self, name: &str) -> Found<&PrefixList> {
        Ok(self.facts.aws_prefix_lists()?.and_then(|lists| lists.iter().find(|list| list.name == name)))
    }
}
