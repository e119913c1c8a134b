//! The same decision once more, slow and obvious: one packet to one address, every rule looked at in turn, nothing shared with
//! the code that it is held against but the values. Everything is known here, and the account is the VPC's owner.

use super::lab::Lab;
use crate::model::CauseId::{self, *};
use crate::model::network::{AclEntry, GroupRule, NatGateway, Route, RouteTable, RouteTarget, VpcEndpoint};
use crate::network::{Client, Destination};
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// What becomes of a packet to one address.
#[derive(Debug, Default, Clone)]
pub struct World {
    /// Each cause with the thing to change.
    pub blockers: BTreeSet<(CauseId, String)>,
    /// Somewhere on the way nobody can look further, or the rules do not decide.
    pub dark: bool,
    /// No way leads there.
    pub missing: bool,
}

/// Ports of clients where an ACL of these tests may change its mind: Linux's, and Windows' beyond them.
const LINUX: [u16; 5] = [32768, 40000, 49151, 49152, 60999];
const WINDOWS: [u16; 2] = [61000, 65535];
/// A NAT gateway's.
const NAT: [u16; 9] = [1024, 1025, 32767, 32768, 49151, 49152, 60999, 61000, 65535];
const LAUNCH: [&str; 6] = ["ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager", "ssm"];

fn within(cidr: &str, ip: Ipv4Addr) -> bool {
    let Some((base, length)) = cidr.split_once('/') else { return false };
    let (Ok(base), Ok(length)) = (base.parse::<Ipv4Addr>(), length.parse::<u32>()) else { return false };
    let mask = if length == 0 { 0 } else { u32::MAX << (32 - length) };
    u32::from(base) & mask == u32::from(ip) & mask
}

/// One network, one client, one destination.
pub struct Slow<'a> {
    pub lab: &'a Lab,
    pub client: &'a Client,
    pub to: &'a Destination,
}

impl<'a> Slow<'a> {
    fn is_s3(&self) -> bool {
        self.to.service.as_ref().is_some_and(|service| service.name == "s3")
    }

    fn own_ip(&self) -> Ipv4Addr {
        self.client.private_ip.and_then(|ip| ip.to_string().parse().ok()).expect("it was told")
    }

    fn groups(&self) -> &[String] {
        self.client.security_groups.as_ref().expect("they were told")
    }

    fn list(&self, id: &str) -> Vec<String> {
        self.lab.lists.get(id).map(|list| list.cidrs.clone()).unwrap_or_default()
    }

    fn cidr(&self, subnet: &str) -> String {
        let found = self.lab.subnets.iter().find(|one| one.id == subnet);
        found.and_then(|one| one.cidr.clone()).expect("a subnet of the lab")
    }

    fn table(&self, subnet: &str) -> &'a RouteTable {
        let mut found = self.lab.tables.iter().find(|table| table.main).expect("there is a main table");
        for table in &self.lab.tables {
            if table.subnets.contains(&subnet.to_owned()) {
                found = table;
            }
        }
        found
    }

    /// Every route with every range of it, sorted; the first that holds the address is taken.
    fn route(&self, table: &'a RouteTable, ip: Ipv4Addr) -> Option<&'a Route> {
        let mut all: Vec<(i32, i32, &Route, String)> = vec![];
        for route in &table.routes {
            let ranges = match route.destination.starts_with("pl-") {
                true => self.list(&route.destination),
                false => vec![route.destination.clone()],
            };
            for range in ranges {
                let length: i32 = range.rsplit('/').next().and_then(|text| text.parse().ok()).unwrap_or_default();
                let rank = match route {
                    Route { target: RouteTarget::Local, .. } => 0,
                    Route { propagated: true, .. } => 3,
                    Route { destination, .. } if destination.starts_with("pl-") => 2,
                    _ => 1,
                };
                all.push((-length, rank, route, range));
            }
        }
        all.sort_by_key(|(length, rank, ..)| (*length, *rank));
        all.into_iter().find(|(.., range)| within(range, ip)).map(|(_, _, route, _)| route)
    }

    fn rule_holds(&self, rule: &GroupRule, ip: Ipv4Addr, theirs: &[String]) -> bool {
        let tcp = ["-1", "tcp", "6"].contains(&rule.protocol.as_str());
        let port = rule.protocol == "-1" || rule.ports.is_none_or(|(from, to)| from <= 443 && 443 <= to);
        let list = rule.prefix_lists.iter().flat_map(|list| self.list(list)).any(|range| within(&range, ip));
        let range = rule.cidrs.iter().any(|range| within(range, ip));
        tcp && port && (range || list || rule.groups.iter().any(|group| theirs.contains(group)))
    }

    /// Some rule of some group of the client lets it out.
    fn out(&self, ip: Ipv4Addr, theirs: &[String]) -> bool {
        let groups = self.groups().iter().filter_map(|id| self.lab.groups.get(id));
        groups.flat_map(|group| &group.egress).any(|rule| self.rule_holds(rule, ip, theirs))
    }

    fn leave(&self, ip: Ipv4Addr, theirs: &[String], world: &mut World) {
        if !self.out(ip, theirs) {
            world.blockers.insert((SecurityGroupEgressBlocked, self.groups()[0].clone()));
        }
    }

    /// The entry with the lowest number that fits decides; none: denied.
    fn passes(&self, entries: &[AclEntry], egress: bool, port: u16, ip: Ipv4Addr) -> bool {
        let mut best: Option<&AclEntry> = None;
        for entry in entries {
            let all = entry.protocol == "-1";
            let tcp = all || entry.protocol == "6";
            let ports = all || entry.ports.is_none_or(|(from, to)| from <= i32::from(port) && i32::from(port) <= to);
            let first = best.is_none_or(|best| entry.number < best.number);
            if entry.egress == egress && tcp && ports && first && within(&entry.cidr, ip) {
                best = Some(entry);
            }
        }
        best.is_some_and(|entry| entry.allow)
    }

    /// One border in one direction: none of the ports that must pass does, or only some of those that should.
    fn border(&self, subnet: &str, egress: bool, ports: (&[u16], &[u16]), ip: Ipv4Addr, world: &mut World) {
        let acl = self.lab.acls.iter().find(|acl| acl.subnets.contains(&subnet.to_owned())).expect("each has one");
        let (must, should) = ports;
        let pass = |port: &u16| self.passes(&acl.entries, egress, *port, ip);
        if !must.iter().any(pass) {
            world.blockers.insert((NetworkAclBlocked, acl.id.clone()));
        } else if !must.iter().chain(should).all(pass) {
            world.dark = true;
        }
    }

    /// Out of the client's subnet and back, to an address that is not in the VPC.
    fn borders(&self, ip: Ipv4Addr, world: &mut World) {
        self.border(&self.client.subnet, true, (&[443], &[]), ip, world);
        self.border(&self.client.subnet, false, (&LINUX, &WINDOWS), ip, world);
    }

    /// All that may stand behind an address, for a name that is answered by an interface endpoint or not.
    pub fn packet(&self, ip: Ipv4Addr, endpoint: Option<&VpcEndpoint>) -> World {
        let mut world = World::default();
        if self.lab.dns_support == Some(false) {
            world.blockers.insert((DnsResolutionDisabled, "vpc-1".to_owned()));
        }
        let table = self.table(&self.client.subnet);
        let route = self.route(table, ip);
        if route.is_some_and(|route| route.blackhole) {
            world.blockers.insert((RouteBlackhole, table.id.clone()));
        }
        match (endpoint, route) {
            (Some(endpoint), route) => {
                self.to_endpoint(ip, endpoint, &mut world);
                world.dark |= route.is_some_and(|route| route.target != RouteTarget::Local);
            }
            (None, None) => self.nowhere(&mut world),
            (None, Some(route)) if route.blackhole => {
                self.leave(ip, &[], &mut world);
                self.borders(ip, &mut world);
            }
            (None, Some(route)) => self.along(ip, table, route, &mut world),
        }
        world
    }

    fn to_endpoint(&self, ip: Ipv4Addr, endpoint: &VpcEndpoint, world: &mut World) {
        if !["available", "partial"].contains(&endpoint.state.as_str()) {
            world.blockers.insert((VpcEndpointNotAvailable, endpoint.id.clone()));
        }
        self.leave(ip, &endpoint.security_groups, world);
        let theirs = endpoint.security_groups.iter().filter_map(|id| self.lab.groups.get(id));
        if !theirs.flat_map(|group| &group.ingress).any(|rule| self.rule_holds(rule, self.own_ip(), self.groups())) {
            world.blockers.insert((VpcEndpointSecurityGroupBlocked, endpoint.security_groups[0].clone()));
        }
        let place = endpoint.subnets.iter().find(|subnet| within(&self.cidr(subnet), ip)).expect("one of its subnets");
        if *place != self.client.subnet {
            self.borders(ip, world);
            self.border(place, false, (&[443], &[]), self.own_ip(), world);
            self.border(place, true, (&LINUX, &WINDOWS), self.own_ip(), world);
        }
    }

    fn along(&self, ip: Ipv4Addr, table: &RouteTable, route: &Route, world: &mut World) {
        self.leave(ip, &[], world);
        match &route.target {
            RouteTarget::InternetGateway(id) => {
                if !self.lab.gateways.iter().any(|one| one.id == *id) {
                    world.blockers.insert((RouteBlackhole, table.id.clone()));
                }
                if self.client.public_ip == Ok(false) {
                    world.blockers.insert((PublicIpMissing, self.client.subnet.clone()));
                }
                self.borders(ip, world);
            }
            RouteTarget::NatGateway(id) => match self.lab.nats.iter().find(|nat| nat.id == *id) {
                Some(nat) => self.through(ip, nat, world),
                None => world.dark = true,
            },
            RouteTarget::Endpoint(id) if route.destination == "pl-s3" && self.is_s3() => {
                match self.lab.endpoints.iter().find(|one| one.id == *id && one.state != "deleted") {
                    Some(gateway) if gateway.state != "available" => {
                        world.blockers.insert((VpcEndpointNotAvailable, id.clone()));
                    }
                    Some(_) => {}
                    None => world.dark = true,
                }
                self.borders(ip, world);
            }
            _ => world.dark = true,
        }
    }

    fn through(&self, ip: Ipv4Addr, nat: &NatGateway, world: &mut World) {
        let place = nat.subnet.as_deref().expect("it stands in one");
        let broken = (NatGatewayBroken, nat.id.clone());
        let next = self.route(self.table(place), ip);
        match next {
            _ if nat.state != "available" => drop(world.blockers.insert(broken)),
            None if nat.public => drop(world.blockers.insert(broken)),
            None => self.nowhere(world),
            Some(next) if next.blackhole => drop(world.blockers.insert(broken)),
            Some(next) => match &next.target {
                RouteTarget::InternetGateway(_) if !nat.public => self.nowhere(world),
                RouteTarget::InternetGateway(id) if self.lab.gateways.iter().any(|one| one.id == *id) => {}
                RouteTarget::InternetGateway(_) => drop(world.blockers.insert(broken)),
                RouteTarget::NatGateway(id) if *id == nat.id => drop(world.blockers.insert(broken)),
                _ => world.dark = true,
            },
        }
        if place != self.client.subnet {
            self.borders(ip, world);
            self.border(place, false, (&[443], &[]), self.own_ip(), world);
            self.border(place, true, (&LINUX, &WINDOWS), self.own_ip(), world);
        }
        self.border(place, true, (&[443], &[]), ip, world);
        self.border(place, false, (&NAT, &[]), ip, world);
    }

    /// No way leads there: what is missing. What waits behind is not looked at, since it depends on what will be made.
    fn nowhere(&self, world: &mut World) {
        world.missing = true;
        let table = self.table(&self.client.subnet).id.clone();
        let live: Vec<&VpcEndpoint> = self.lab.endpoints.iter().filter(|one| one.state != "deleted").collect();
        let Some(service) = &self.to.service else {
            world.blockers.insert((NoEgressRoute, table));
            return;
        };
        let ours = format!("com.amazonaws.{}.{}", service.region, service.name);
        for kind in ["Gateway", "Interface"] {
            if let Some(one) = live.iter().find(|one| one.service == ours && one.kind == kind) {
                let available = one.state == "available";
                let found = match (kind, available) {
                    ("Gateway", true) if one.route_tables.contains(&table) => return world.dark = true,
                    ("Gateway", true) => (S3GatewayRouteMissing, one.id.clone()),
                    (_, false) => (VpcEndpointNotAvailable, one.id.clone()),
                    _ if one.private_dns && self.lab.dns_hostnames == Some(true) => return world.dark = true,
                    _ if one.private_dns => (VpcEndpointPrivateDnsDisabled, "vpc-1".to_owned()),
                    _ => (VpcEndpointPrivateDnsDisabled, one.id.clone()),
                };
                world.blockers.insert(found);
                return;
            }
        }
        let some = live.iter().any(|one| LAUNCH.iter().any(|name| one.service.ends_with(&format!("us-east-1.{name}"))));
        let missing = some && service.region == "us-east-1";
        world.blockers.insert(if missing { (VpcEndpointMissing, "vpc-1".to_owned()) } else { (NoEgressRoute, table) });
    }

    /// Everything that the name may lead to: each address with the endpoint behind it.
    pub fn answers(&self) -> Vec<(Ipv4Addr, Option<&'a VpcEndpoint>)> {
        let mut found = vec![];
        let mut certain = false;
        let ours = self.to.service.as_ref().map(|service| format!("com.amazonaws.{}.{}", service.region, service.name));
        for one in &self.lab.endpoints {
            let named = one.kind == "Interface" && Some(&one.service) == ours.as_ref() && one.state != "deleted";
            if named && one.private_dns && self.lab.dns_hostnames == Some(true) {
                certain |= one.state == "available";
                for subnet in &one.subnets {
                    let (base, _) =
                        self.cidr(subnet).split_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a range");
                    let base = u32::from(base.parse::<Ipv4Addr>().expect("an address"));
                    found.extend([5, 20, 130].map(|host| (Ipv4Addr::from(base + host), Some(one))));
                }
            }
        }
        if !certain {
            let s3 = self.is_s3();
            // Who has no list of addresses has none of those of S3's.
            let public: &[[u8; 4]] = match s3 {
                true => &[[52, 216, 1, 1], [52, 217, 1, 1], [3, 5, 0, 9], [3, 5, 31, 9]],
                false => &[[44, 1, 1, 1], [44, 200, 1, 1], [52, 9, 9, 9], [9, 9, 9, 9], [203, 0, 113, 1]],
            };
            found.extend(public.iter().map(|&octets| (Ipv4Addr::from(octets), None)));
        }
        found
    }
}
