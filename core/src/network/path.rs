//! What a trace is asked, and what it answers.

use super::dns::{Resolver, Zone};
use super::hosts::{self, Service};
use crate::model::{CauseId, Unknown};
use serde::Serialize;
use std::net::IpAddr;

/// Who opens the connection: the interface of a Fargate task, or that of a container instance.
#[derive(Debug, Clone)]
pub struct Client {
    /// `subnet-...`
    pub subnet: String,
    /// Its private address; without it, any of its subnet's.
    pub private_ip: Option<IpAddr>,
    /// It has a public IPv4 address.
    pub public_ip: Result<bool, Unknown>,
    /// Its groups. An empty list is taken for not known: an interface always has one.
    pub security_groups: Result<Vec<String>, Unknown>,
    /// The account of the task. Without it a list without an endpoint proves nothing, since the VPC may be shared.
    pub account: Option<String>,
}

/// Where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The host name.
    pub host: String,
    /// The AWS service behind the name, if it is one for which VPC endpoints exist.
    pub service: Option<Service>,
    /// TCP port.
    pub port: u16,
    /// The address as the symptom prints it: what the name really led to.
    pub address: Option<IpAddr>,
    /// The service is in the client's region, so that an endpoint in the VPC could serve it.
    pub same_region: bool,
}

impl Destination {
    /// Port 443 of a host, seen from a region.
    pub fn https(host: &str, client_region: &str) -> Destination {
        let service = hosts::service_of(host);
        let same_region = service.as_ref().is_some_and(|service| service.region == client_region);
        Destination { host: host.to_owned(), service, port: 443, address: None, same_region }
    }

    /// The same with the address that was dialled.
    pub fn at(self, address: Option<IpAddr>) -> Destination {
        Destination { address, ..self }
    }

    /// The word for it in a report: `ecr.api`, or the host name.
    pub fn endpoint_name(&self) -> &str {
        self.service.as_ref().map_or(&self.host, |service| &service.name)
    }
}

/// How the traffic leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Through an interface endpoint (`vpce-...`); none if it is inside the VPC and cannot be told which.
    InterfaceEndpoint(Option<String>),
    /// Through a gateway endpoint (`vpce-...`).
    GatewayEndpoint(String),
    /// Through a NAT gateway (`nat-...`).
    NatGateway(String),
    /// An egress-only internet gateway, over IPv6.
    EgressOnlyGateway(String),
    /// Straight through an internet gateway (`igw-...`).
    InternetGateway(String),
    /// Over something whose far side nobody can read (`tgw-...`, `pcx-...`, `eni-...`, an appliance's `vpce-...`).
    Elsewhere(String),
    /// To an address inside the VPC that is no endpoint's.
    Local,
}

impl Way {
    /// The endpoint that carries the traffic, whose policy therefore matters.
    pub fn endpoint(&self) -> Option<&str> {
        match self {
            Way::InterfaceEndpoint(id) => id.as_deref(),
            Way::GatewayEndpoint(id) => Some(id),
            _ => None,
        }
    }
}

/// Which evidence shows a blocker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The client's subnet.
    Subnet,
    /// The VPC.
    Vpc,
    /// DNS attributes and DHCP options.
    Dns,
    /// Route tables.
    RouteTables,
    /// VPC endpoints.
    Endpoints,
    /// Security groups.
    SecurityGroups,
    /// Network ACLs.
    Acls,
    /// NAT gateways.
    NatGateways,
    /// Internet gateways.
    InternetGateways,
    /// Prefix lists.
    PrefixLists,
}

/// Something that stops the connection, whatever the unknown may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocker {
    /// The cause that it is.
    pub cause: CauseId,
    /// Most specific first: the first is the thing to change.
    pub resources: Vec<String>,
    /// One sentence that a tired reader can act on.
    pub explanation: String,
    /// Which evidence shows it.
    pub parts: Vec<Part>,
}

impl Blocker {
    /// Two blockers are the same if they blame the same thing for the same.
    pub(crate) fn same_as(&self, other: &Blocker) -> bool {
        self.cause == other.cause && self.resources.first() == other.resources.first()
    }
}

/// What was found on the way from a client to a destination.
#[derive(Debug, Clone)]
pub struct Path {
    /// Where to.
    pub destination: Destination,
    /// In the order in which they bite; the first stops the connection, the rest wait behind it.
    pub blockers: Vec<Blocker>,
    /// How the traffic leaves, as far as that is decided.
    pub way: Option<Way>,
    /// What could not be decided, in words; empty: everything was.
    pub unknown: Vec<String>,
    /// The path leads over something whose far side nobody can read.
    pub opaque: Option<String>,
    /// Who answers questions for names around the client.
    pub resolver: Resolver,
    /// The private hosted zone that answers for the destination's name in the place of the public one.
    pub zone: Zone,
}

impl Path {
    /// Nothing stops the connection, everything was decided, and all of the way could be seen.
    pub fn is_open(&self) -> bool {
        self.blockers.is_empty() && self.unknown.is_empty() && self.opaque.is_none()
    }
}
