//! Networks that are built for tests; each answer can be hidden.

use super::Surroundings;
use crate::model::Unknown;
use crate::model::network::*;
use std::collections::{BTreeMap, BTreeSet};

/// A network, and what of it nobody can read.
#[derive(Debug, Clone, Default)]
pub struct Lab {
    pub subnets: Vec<Subnet>,
    pub vpc: Option<Vpc>,
    pub dns_support: Option<bool>,
    pub dns_hostnames: Option<bool>,
    pub dns_servers: Option<Vec<String>>,
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
        const ONCE: [&str; 9] =
            ["vpc", "support", "hostnames", "dhcp", "tables", "endpoints", "acls", "nats", "gateways"];
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
    SecurityGroup { id: id.to_owned(), name: id.to_owned(), vpc: None, owner: None, ingress, egress }
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
    NetworkAcl { id: id.to_owned(), subnets: texts(subnets), entries }
}

pub fn route(destination: &str, target: RouteTarget) -> Route {
    Route { destination: destination.to_owned(), target, blackhole: false, propagated: false }
}

pub fn table(id: &str, subnets: &[&str], routes: Vec<Route>) -> RouteTable {
    RouteTable { id: id.to_owned(), subnets: texts(subnets), main: false, routes }
}

pub fn list(id: &str, name: &str, cidrs: &[&str]) -> PrefixList {
    PrefixList { id: id.to_owned(), name: name.to_owned(), cidrs: texts(cidrs) }
}
