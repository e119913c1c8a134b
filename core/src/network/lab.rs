//! Networks that are built for tests; each answer can be hidden.

use super::{Client, Surroundings};
use crate::model::network::*;
use crate::model::{Keeper, Unknown};
use std::collections::{BTreeMap, BTreeSet};

/// A network, and what of it nobody can read.
#[derive(Debug, Clone, Default)]
pub struct Lab {
    pub subnets: Vec<Subnet>,
    pub vpc: Option<Vpc>,
    pub dns_support: Option<bool>,
    pub dns_hostnames: Option<bool>,
    pub dns_servers: Option<Vec<String>>,
    pub zones: Vec<HostedZone>,
    pub tables: Vec<RouteTable>,
    pub endpoints: Vec<VpcEndpoint>,
    pub acls: Vec<NetworkAcl>,
    pub nats: Vec<NatGateway>,
    pub gateways: Vec<InternetGateway>,
    pub groups: BTreeMap<String, SecurityGroup>,
    pub lists: BTreeMap<String, PrefixList>,
    pub hidden: BTreeSet<String>,
}

impl Lab {
    pub fn with_group(mut self, group: SecurityGroup) -> Lab {
        self.groups.insert(group.id.clone(), group);
        self
    }

    pub fn with_list(mut self, list: PrefixList) -> Lab {
        self.lists.insert(list.id.clone(), list);
        self
    }

    /// The names of all answers, to hide one after the other.
    pub fn answers(&self) -> Vec<String> {
        const ONCE: [&str; 10] =
            ["vpc", "support", "hostnames", "dhcp", "zones", "tables", "endpoints", "acls", "nats", "gateways"];
        let named = self.subnets.iter().map(|subnet| &subnet.id).chain(self.groups.keys()).chain(self.lists.keys());
        let lists = self.lists.values().map(|list| &list.name);
        ONCE.iter().map(|&name| name.to_owned()).chain(named.chain(lists).cloned()).collect()
    }

    pub fn without(&self, answer: &str) -> Lab {
        let mut lab = self.clone();
        lab.hidden.insert(answer.to_owned());
        lab
    }

    fn told<T>(&self, name: &str, answer: T) -> Result<T, Unknown> {
        if self.hidden.contains(name) { Err(Unknown::new()) } else { Ok(answer) }
    }
}

impl Surroundings for Lab {
    fn subnet(&self, id: &str) -> Result<Option<&Subnet>, Unknown> {
        self.told(id, self.subnets.iter().find(|subnet| subnet.id == id))
    }
    fn vpc(&self) -> Result<Option<&Vpc>, Unknown> {
        self.told("vpc", self.vpc.as_ref())
    }
    fn dns_support(&self) -> Result<Option<bool>, Unknown> {
        self.told("support", self.dns_support)
    }
    fn dns_hostnames(&self) -> Result<Option<bool>, Unknown> {
        self.told("hostnames", self.dns_hostnames)
    }
    fn dhcp_dns_servers(&self) -> Result<Option<&[String]>, Unknown> {
        self.told("dhcp", self.dns_servers.as_deref())
    }
    fn hosted_zones(&self) -> Result<Option<&[HostedZone]>, Unknown> {
        self.told("zones", Some(&self.zones))
    }
    fn route_tables(&self) -> Result<Option<&[RouteTable]>, Unknown> {
        self.told("tables", Some(&self.tables))
    }
    fn endpoints(&self) -> Result<Option<&[VpcEndpoint]>, Unknown> {
        self.told("endpoints", Some(&self.endpoints))
    }
    fn acls(&self) -> Result<Option<&[NetworkAcl]>, Unknown> {
        self.told("acls", Some(&self.acls))
    }
    fn nat_gateways(&self) -> Result<Option<&[NatGateway]>, Unknown> {
        self.told("nats", Some(&self.nats))
    }
    fn internet_gateways(&self) -> Result<Option<&[InternetGateway]>, Unknown> {
        self.told("gateways", Some(&self.gateways))
    }
    fn security_group(&self, id: &str) -> Result<Option<&SecurityGroup>, Unknown> {
        self.told(id, self.groups.get(id))
    }
    fn prefix_list(&self, id: &str) -> Result<Option<&PrefixList>, Unknown> {
        self.told(id, self.lists.get(id))
    }
    fn aws_prefix_list(&self, name: &str) -> Result<Option<&PrefixList>, Unknown> {
        self.told(name, self.lists.values().find(|list| list.name == name))
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

pub fn rule(protocol: &str, port: Option<i32>, cidrs: &[&str]) -> GroupRule {
    GroupRule {
        protocol: protocol.to_owned(),
        ports: port.map(|port| (port, port)),
        cidrs: texts(cidrs),
        groups: vec![],
        prefix_lists: vec![],
    }
}

pub fn group(id: &str, ingress: Vec<GroupRule>, egress: Vec<GroupRule>) -> SecurityGroup {
    SecurityGroup {
        id: id.to_owned(),
        name: id.to_owned(),
        vpc: None,
        owner: None,
        ingress,
        egress,
        keeper: Keeper::Untold,
    }
}

pub fn entry(
    number: i32,
    egress: bool,
    protocol: &str,
    ports: Option<(i32, i32)>,
    cidr: &str,
    allow: bool,
) -> AclEntry {
    AclEntry { number, egress, protocol: protocol.to_owned(), ports, cidr: cidr.to_owned(), allow }
}

pub fn acl(id: &str, subnets: &[&str], entries: Vec<AclEntry>) -> NetworkAcl {
    NetworkAcl { id: id.to_owned(), subnets: texts(subnets), entries, keeper: Keeper::Untold }
}

pub fn route(destination: &str, target: RouteTarget) -> Route {
    Route { destination: destination.to_owned(), target, blackhole: false, propagated: false }
}

pub fn table(id: &str, subnets: &[&str], routes: Vec<Route>) -> RouteTable {
    RouteTable { id: id.to_owned(), subnets: texts(subnets), main: false, routes, keeper: Keeper::Untold }
}

pub fn list(id: &str, name: &str, cidrs: &[&str]) -> PrefixList {
    PrefixList { id: id.to_owned(), name: name.to_owned(), cidrs: texts(cidrs) }
}

pub fn subnet(id: &str, cidr: &str) -> Subnet {
    Subnet {
        id: id.to_owned(),
        vpc: "vpc-1".to_owned(),
        owner: Some("111111111111".to_owned()),
        zone: "us-east-1a".to_owned(),
        zone_id: None,
        cidr: Some(cidr.to_owned()),
        ipv6_cidrs: vec![],
        ipv6_native: false,
        dns64: None,
        free_addresses: None,
        maps_public_ip: false,
        block_public_access: None,
    }
}

pub fn endpoint(id: &str, service: &str, subnets: &[&str], groups: &[&str]) -> VpcEndpoint {
    VpcEndpoint {
        id: id.to_owned(),
        service: format!("com.amazonaws.us-east-1.{service}"),
        kind: "Interface".to_owned(),
        state: "available".to_owned(),
        private_dns: true,
        private_dns_only_for_inbound_resolver: false,
        subnets: texts(subnets),
        security_groups: texts(groups),
        interfaces: vec![],
        route_tables: vec![],
        policy: None,
        created: None,
        keeper: Keeper::Untold,
    }
}

pub fn s3_gateway(tables: &[&str]) -> VpcEndpoint {
    VpcEndpoint {
        kind: "Gateway".to_owned(),
        private_dns: false,
        route_tables: texts(tables),
        ..endpoint("vpce-s3", "s3", &[], &[])
    }
}

pub fn zone(name: &str) -> HostedZone {
    HostedZone {
        id: format!("Z-{name}"),
        name: name.to_owned(),
        account: Some("111111111111".to_owned()),
        service: None,
    }
}

pub fn nat(id: &str, subnet: &str) -> NatGateway {
    NatGateway {
        id: id.to_owned(),
        state: "available".to_owned(),
        subnet: Some(subnet.to_owned()),
        route_table: None,
        public: true,
        failure: None,
        created: None,
        keeper: Keeper::Untold,
    }
}

pub const TASK: &str = "subnet-task";
pub const OTHER: &str = "subnet-other";
pub const PUBLIC: &str = "subnet-public";

/// A VPC with a NAT gateway and no endpoints, in which all is well.
pub fn with_nat() -> Lab {
    let anywhere = || rule("-1", None, &["0.0.0.0/0"]);
    let open = |egress| entry(100, egress, "-1", None, "0.0.0.0/0", true);
    let local = || route("10.0.0.0/16", RouteTarget::Local);
    let out = |target| route("0.0.0.0/0", target);
    Lab {
        subnets: vec![subnet(TASK, "10.0.1.0/24"), subnet(OTHER, "10.0.2.0/24"), subnet(PUBLIC, "10.0.9.0/24")],
        vpc: Some(Vpc {
            id: "vpc-1".to_owned(),
            owner: Some("111111111111".to_owned()),
            cidrs: texts(&["10.0.0.0/16"]),
            ipv6_cidrs: vec![],
            dhcp_options: None,
        }),
        dns_support: Some(true),
        dns_hostnames: Some(true),
        dns_servers: Some(texts(&["AmazonProvidedDNS"])),
        tables: vec![
            RouteTable { main: true, ..table("rtb-main", &[], vec![local()]) },
            table("rtb-task", &[TASK, OTHER], vec![local(), out(RouteTarget::NatGateway("nat-1".to_owned()))]),
            table("rtb-public", &[PUBLIC], vec![local(), out(RouteTarget::InternetGateway("igw-1".to_owned()))]),
        ],
        endpoints: vec![],
        acls: vec![
            acl("acl-task", &[TASK], vec![open(true), open(false)]),
            acl("acl-other", &[OTHER], vec![open(true), open(false)]),
            acl("acl-public", &[PUBLIC], vec![open(true), open(false)]),
        ],
        nats: vec![nat("nat-1", PUBLIC)],
        gateways: vec![InternetGateway { id: "igw-1".to_owned(), state: "available".to_owned() }],
        ..Lab::default()
    }
    .with_group(group("sg-task", vec![], vec![anywhere()]))
    .with_group(group("sg-vpce", vec![rule("tcp", Some(443), &["10.0.0.0/16"])], vec![anywhere()]))
    .with_list(list("pl-s3", "com.amazonaws.us-east-1.s3", &["52.216.0.0/15", "3.5.0.0/19"]))
}

/// A VPC with endpoints and no way to the internet, in which all is well.
pub fn with_endpoints() -> Lab {
    let mut lab = with_nat();
    lab.nats.clear();
    lab.tables[1].routes[1] = route("pl-s3", RouteTarget::Endpoint("vpce-s3".to_owned()));
    for service in ["ecr.api", "ecr.dkr", "secretsmanager", "logs"] {
        lab.endpoints.push(endpoint(&format!("vpce-{service}"), service, &[TASK, OTHER], &["sg-vpce"]));
    }
    lab.endpoints.push(s3_gateway(&["rtb-task"]));
    lab
}

/// A task in the private subnet.
pub fn task() -> Client {
    Client {
        subnet: TASK.to_owned(),
        private_ip: "10.0.1.20".parse().ok(),
        public_ip: Ok(false),
        security_groups: Ok(texts(&["sg-task"])),
        account: Some("111111111111".to_owned()),
    }
}
