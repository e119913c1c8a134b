//! All that a trace knows, gathered before anything is concluded from it.

use super::address::AddressSet;
use super::path::{Client, Destination};
use super::route::{Gateway, table_of};
use super::surroundings::Surroundings;
use crate::model::Unknown;
use crate::model::network::{
    GroupRule, HostedZone, InternetGateway, NatGateway, NetworkAcl, Route, RouteTable, RouteTarget, Subnet, Vpc,
    VpcEndpoint,
};

/// What is known around a client; `None` is not known.
pub(crate) struct Scene<'a> {
    pub client: &'a Client,
    pub destination: &'a Destination,
    pub around: &'a dyn Surroundings,
    pub subnet: Option<&'a Subnet>,
    pub vpc: Option<&'a Vpc>,
    pub dns_support: Option<bool>,
    pub dns_hostnames: Option<bool>,
    pub dns_servers: Option<&'a [String]>,
    pub zones: Option<&'a [HostedZone]>,
    pub tables: Option<&'a [RouteTable]>,
    /// Without deleted ones, which EC2 still lists for a while.
    pub endpoints: Option<Vec<&'a VpcEndpoint>>,
    pub acls: Option<&'a [NetworkAcl]>,
    pub nats: Option<&'a [NatGateway]>,
    pub gateways: Option<&'a [InternetGateway]>,
    /// The ranges of S3 in the destination's region, if that is where it leads.
    pub s3_ranges: Option<AddressSet>,
}

/// A single thing: one that is not there decides as little as one that is not readable.
fn one<T>(answer: Result<Option<T>, Unknown>) -> Option<T> {
    answer.ok().flatten()
}

/// A list: one that is not there is empty.
fn list<T>(answer: Result<Option<&[T]>, Unknown>) -> Option<&[T]> {
    answer.ok().map(Option::unwrap_or_default)
}

impl<'a> Scene<'a> {
    /// Asks for everything that can be named, before an answer that is lacking stops anything: an answer that is not
    /// there yet becomes a question, and questions are asked all at once.
    pub fn gather(client: &'a Client, destination: &'a Destination, around: &'a dyn Surroundings) -> Scene<'a> {
        let s3_ranges = destination.s3_list().and_then(|name| one(around.aws_prefix_list(&name)));
        let scene = Scene {
            client,
            destination,
            around,
            subnet: one(around.subnet(&client.subnet)),
            vpc: one(around.vpc()),
            dns_support: one(around.dns_support()),
            dns_hostnames: one(around.dns_hostnames()),
            dns_servers: one(around.dhcp_dns_servers()),
            zones: list(around.hosted_zones()),
            tables: list(around.route_tables()),
            endpoints: list(around.endpoints())
                .map(|all| all.iter().filter(|one| !one.state.eq_ignore_ascii_case("deleted")).collect()),
            acls: list(around.acls()),
            nats: list(around.nat_gateways()),
            gateways: list(around.internet_gateways()),
            s3_ranges: s3_ranges
                .and_then(|list| AddressSet::parse(&list.cidrs))
                .map(|ranges| ranges.within(&AddressSet::all_v4()))
                .filter(|ranges| !ranges.is_empty()),
        };
        scene.ask_what_follows();
        scene
    }

    /// Asks for what the first answers name: prefix lists in rules and routes, and the endpoints' subnets and groups.
    fn ask_what_follows(&self) {
        let ask_lists = |rules: &[GroupRule]| {
            for list in rules.iter().flat_map(|rule| &rule.prefix_lists) {
                let _ = self.around.prefix_list(list);
            }
        };
        let groups = self.groups().iter().map(|id| self.around.security_group(id)).collect::<Vec<_>>();
        let theirs = self.interface_endpoints().into_iter().flat_map(|endpoint| {
            for subnet in &endpoint.subnets {
                let _ = self.around.subnet(subnet);
            }
            endpoint.security_groups.iter().map(|id| self.around.security_group(id))
        });
        let theirs = theirs.collect::<Vec<_>>();
        for route in self.table().iter().flat_map(|table| &table.routes) {
            if route.destination.starts_with("pl-") {
                let _ = self.around.prefix_list(&route.destination);
            }
        }
        groups.into_iter().filter_map(one).for_each(|group| ask_lists(&group.egress));
        theirs.into_iter().filter_map(one).for_each(|group| ask_lists(&group.ingress));
    }

    /// The client's groups; none if they are not known.
    pub fn groups(&self) -> &'a [String] {
        self.client.security_groups.as_deref().unwrap_or_default()
    }

    /// The table of the client's subnet.
    pub fn table(&self) -> Option<&'a RouteTable> {
        self.tables.and_then(|tables| table_of(tables, &self.client.subnet))
    }

    /// The VPC's id.
    pub fn vpc_id(&self) -> Option<&'a str> {
        self.vpc.map(|vpc| vpc.id.as_str()).or_else(|| self.subnet.map(|subnet| subnet.vpc.as_str()))
    }

    /// The VPC's addresses; every IPv4 address if they are not known.
    pub fn vpc_addresses(&self) -> AddressSet {
        self.vpc_ranges().unwrap_or_else(AddressSet::all_v4)
    }

    /// The VPC's addresses, if known.
    pub fn vpc_ranges(&self) -> Option<AddressSet> {
        self.vpc.and_then(|vpc| AddressSet::parse(&vpc.cidrs))
    }

    /// The client's address, or those that it may have.
    pub fn client_addresses(&self) -> AddressSet {
        if let Some(address) = self.client.private_ip.filter(|address| address.is_ipv4()) {
            return AddressSet::one(address);
        }
        let cidr = self.subnet.and_then(|subnet| subnet.cidr.as_ref());
        cidr.and_then(|cidr| AddressSet::parse([cidr])).unwrap_or_else(AddressSet::all_v4)
    }

    /// The subnet is the task's account's own, so that what is not listed is not there.
    ///
    /// In a shared VPC the owner's endpoints and gateways cannot be read, and a list without them proves nothing.
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html>
    pub fn lists_are_complete(&self) -> bool {
        let owner = self.subnet.and_then(|subnet| subnet.owner.as_ref());
        owner.is_some() && owner == self.client.account.as_ref()
    }

    /// Endpoints of the destination's service, of any kind and in any state.
    pub fn endpoints_of_service(&self) -> Vec<&'a VpcEndpoint> {
        let Some(service) = &self.destination.service else { return vec![] };
        let all = self.endpoints.iter().flatten().copied();
        all.filter(|endpoint| service.is_served_by(&endpoint.service)).collect()
    }

    /// Its interface endpoints.
    pub fn interface_endpoints(&self) -> Vec<&'a VpcEndpoint> {
        let mut found = self.endpoints_of_service();
        found.retain(|endpoint| endpoint.kind.eq_ignore_ascii_case("interface"));
        found
    }

    /// An endpoint by its id.
    pub fn endpoint(&self, id: &str) -> Option<&'a VpcEndpoint> {
        self.endpoints.iter().flatten().copied().find(|endpoint| endpoint.id == id)
    }

    /// What a route by prefix list to an endpoint is to the destination.
    pub fn gateway_of(&self, route: &Route) -> Gateway {
        match self.gateway_by_service(route) {
            // An address is routed by what it is, and not by the name that led to it.
            Gateway::Foreign if self.destination.address.is_some() => Gateway::None,
            gateway => gateway,
        }
    }

    fn gateway_by_service(&self, route: &Route) -> Gateway {
        let RouteTarget::Endpoint(id) = &route.target else { return Gateway::None };
        let own_list = self.destination.s3_list();
        if let Some(endpoint) = self.endpoint(id) {
            if !endpoint.kind.eq_ignore_ascii_case("gateway") {
                return Gateway::None;
            }
            let own = own_list.is_some() && self.endpoints_of_service().iter().any(|one| one.id == *id);
            return if own { Gateway::Own } else { Gateway::Foreign };
        }
        match one(self.around.prefix_list(&route.destination)) {
            Some(list) if own_list.as_deref() == Some(&list.name) => Gateway::Own,
            Some(list) if list.name.starts_with("com.amazonaws.") => Gateway::Foreign,
            Some(_) => Gateway::None,
            None => Gateway::Unknown,
        }
    }
}

impl Destination {
    /// The prefix list of its addresses, which only S3 has, and only for the region itself.
    pub(crate) fn s3_list(&self) -> Option<String> {
        let service = self.service.as_ref().filter(|service| service.name == "s3" && self.same_region)?;
        Some(format!("com.amazonaws.{}.s3", service.region))
    }
}
