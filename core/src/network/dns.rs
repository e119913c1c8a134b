//! Names: what a host name leads to inside the VPC.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>,
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html>.
//! What a private hosted zone answers, resolver rules and the DNS firewall are not read, the latter two and taken to leave the names of AWS alone: who is
//! told that a name does not resolve has to take them into account ([`super::Path::resolver`]).

use super::address::AddressSet;
use super::endpoint::{Use, used};
use super::hosts;
use super::path::{Blocker, Part};
use super::route::{claims, target_id};
use super::scene::Scene;
use super::security_group::{Members, Passage, lets_out};
use crate::model::CauseId;
use crate::model::network::{HostedZone, Route, RouteTarget, Vpc, VpcEndpoint};
use std::net::{IpAddr, Ipv4Addr};

/// UDP's port for questions.
const DNS: u16 = 53;

/// What stands behind the addresses of a name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Behind<'a> {
    /// An interface endpoint.
    Endpoint(&'a VpcEndpoint),
    /// An interface endpoint that nobody can see from here.
    HiddenEndpoint,
    /// The service's own addresses, outside the VPC.
    Outside,
    /// An address inside the VPC that is no known endpoint's.
    Inside,
    /// Anything at all.
    Anything,
}

/// One thing that a name may lead to.
#[derive(Debug, Clone)]
pub(crate) struct Answer<'a> {
    pub behind: Behind<'a>,
    pub addresses: AddressSet,
}

/// All that a name may lead to: more than one if something is not known.
#[derive(Debug, Default)]
pub(crate) struct Resolution<'a> {
    pub answers: Vec<Answer<'a>>,
    /// Why there is more than one.
    pub doubts: Vec<String>,
    pub opaque: Option<String>,
}

/// Who answers questions for names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolver {
    /// Amazon's own, in every VPC that has DNS support.
    Amazon,
    /// Servers that the DHCP options name, of which nobody here knows what they answer.
    Custom,
    /// The DHCP options are not known.
    Unknown,
}

/// Whether a private hosted zone answers for a name in the place of the public one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Zone {
    /// None does.
    None,
    /// The one with this id.
    Answers(String),
    /// The VPC's zones are not known.
    Unknown,
}

/// The VPC's DNS servers, by its DHCP options.
pub(crate) fn resolver(scene: &Scene<'_>) -> Resolver {
    match scene.dns_servers {
        None | Some([]) => Resolver::Unknown,
        Some(servers) if servers.iter().all(|server| is_amazons(server, scene.vpc)) => Resolver::Amazon,
        // An address may be the VPC's own resolver, as long as its range is not known.
        Some(_) if scene.vpc.is_none() => Resolver::Unknown,
        Some(_) => Resolver::Custom,
    }
}

fn is_amazons(server: &str, vpc: Option<&Vpc>) -> bool {
    let resolver_of = |cidr: &String| {
        let net: ipnet::Ipv4Net = cidr.parse().ok()?;
        Some(Ipv4Addr::from(u32::from(net.network()).checked_add(2)?).to_string())
    };
    server.eq_ignore_ascii_case("AmazonProvidedDNS")
        || ["169.254.169.253", "fd00:ec2::253"].contains(&server)
        || vpc.is_some_and(|vpc| vpc.cidrs.iter().filter_map(resolver_of).any(|address| address == server))
}

/// Nothing resolves, because the VPC has no resolver and no other is given out; or what is not known about it.
pub(crate) fn blocker(scene: &Scene<'_>) -> Result<Option<Blocker>, String> {
    match (scene.dns_support, resolver(scene)) {
        // An address in the symptom shows that they did answer.
        (_, Resolver::Custom) if scene.destination.address.is_some() => return Ok(None),
        (_, Resolver::Custom) => return Ok(unreachable_servers(scene)),
        (Some(true), _) => return Ok(None),
        (None, _) => return Err("whether DNS support is on in the VPC is not known".to_owned()),
        (Some(false), Resolver::Unknown) => {
            return Err("DNS support is off in the VPC, whose DNS servers are not known".to_owned());
        }
        (Some(false), Resolver::Amazon) => {}
    }
    let Some(vpc) = scene.vpc_id() else { return Err("DNS support is off, and the VPC is not known".to_owned()) };
    let host = &scene.destination.host;
    Ok(Some(Blocker {
        cause: CauseId::DnsResolutionDisabled,
        resources: vec![vpc.to_owned()],
        explanation: format!("DNS support is off in `{vpc}`, so that `{host}` and every other name does not resolve"),
        parts: vec![Part::Dns, Part::Vpc],
    }))
}

/// The zone that answers for the destination's name: the most specific. Those that AWS makes for endpoints are left out, since
/// the endpoints tell of themselves.
pub(crate) fn zone_of(scene: &Scene<'_>) -> Zone {
    let Some(zones) = scene.zones else { return Zone::Unknown };
    let host = scene.destination.host.trim_end_matches('.').to_ascii_lowercase();
    let covers = |zone: &&HostedZone| {
        let name = zone.name.trim_end_matches('.').to_ascii_lowercase();
        let below = host.strip_suffix(&name).is_some_and(|head| head.is_empty() || head.ends_with('.'));
        zone.service.is_none() && below
    };
    let most_specific = zones.iter().filter(covers).max_by_key(|zone| zone.name.len());
    most_specific.map_or(Zone::None, |zone| Zone::Answers(zone.id.clone()))
}

/// Why a name may lead to somewhere that cannot be seen: zones that are not known, or endpoints of another VPC.
///
/// An address in the symptom shows what the name led to, and servers of one's own are not seen through in any case.
pub(crate) fn elsewhere(scene: &Scene<'_>) -> Option<String> {
    let open = scene.destination.address.is_none() && resolver(scene) == Resolver::Amazon;
    if open && scene.zones.is_none() { Some("the VPC's private hosted zones are not known".to_owned()) } else { None }
}

/// Endpoints may be central ones, in a VPC of others, whose addresses a private hosted zone or a resolver rule gives to the
/// names: a route leads to private addresses over something whose far side cannot be read, and the VPC has no interface
/// endpoints of its own. <https://docs.aws.amazon.com/whitepapers/latest/building-scalable-secure-multi-vpc-network-infrastructure/centralized-access-to-vpc-private-endpoints.html>
pub(crate) fn central(scene: &Scene<'_>) -> Option<String> {
    let over = |route: &&Route| {
        // A default route leads to private addresses, too; over a transit gateway it is opaque in any case.
        let private = |net: ipnet::IpNet| net.addr().is_ipv4() && !AddressSet::public_v4().covers(&AddressSet::of(net));
        matches!(route.target, RouteTarget::Elsewhere(_))
            && !route.blackhole
            && route.destination.parse().is_ok_and(private)
    };
    let route = scene.table()?.routes.iter().find(over)?;
    let own = scene.endpoints.as_ref()?.iter().any(|endpoint| endpoint.kind.eq_ignore_ascii_case("interface"));
    let (host, target) = (&scene.destination.host, target_id(&route.target));
    let possible = scene.destination.service.is_some() && scene.destination.address.is_none() && !own;
    possible.then(|| format!("`{host}` may lead to an endpoint of another VPC over `{target}`, which cannot be seen"))
}

/// None of the DNS servers of one's own can be asked: no route leads there, or no group lets the question out.
///
/// What can be shown of all of them blocks; whether one that is reached answers, nobody can tell from here.
fn unreachable_servers(scene: &Scene<'_>) -> Option<Blocker> {
    let servers = scene.dns_servers.filter(|servers| !servers.is_empty())?;
    let barred = servers.iter().map(|server| unreachable(scene, server)).collect::<Option<Vec<_>>>()?;
    let first = barred.into_iter().next()?;
    let (names, host) = (servers.join("`, `"), &scene.destination.host);
    let options = scene.vpc.and_then(|vpc| vpc.dhcp_options.clone());
    let named = options.into_iter().chain(scene.vpc_id().map(str::to_owned));
    Some(Blocker {
        cause: CauseId::DnsResolutionDisabled,
        resources: first.resources.into_iter().chain(named).collect(),
        explanation: format!(
            "`{host}` does not resolve: the VPC's DNS servers are `{names}`, and {}",
            first.explanation
        ),
        parts: [Part::Dns, Part::Vpc].into_iter().chain(first.parts).collect(),
    })
}

/// Why a server cannot be asked, as the end of a sentence.
struct Barred {
    resources: Vec<String>,
    explanation: String,
    parts: Vec<Part>,
}

fn unreachable(scene: &Scene<'_>, server: &str) -> Option<Barred> {
    let address = AddressSet::one(IpAddr::V4(server.parse().ok()?));
    let groups = scene.groups();
    if lets_out(groups, DNS, (&address, Members::Unknown), scene.around) == Passage::Closed {
        let explanation = format!("no outbound rule of security group `{}` allows UDP 53 to them", groups.join("`, `"));
        return Some(Barred { resources: groups.to_vec(), explanation, parts: vec![Part::SecurityGroups] });
    }
    let (table, inside) = (scene.table()?, scene.vpc_ranges()?);
    if inside.covers(&address) {
        return None;
    }
    let claims = claims(table, &address, &|route| scene.gateway_of(route), scene.around);
    let [claim] = claims.as_slice() else { return None };
    let (id, subnet) = (&table.id, &scene.client.subnet);
    let explanation = match claim.route {
        None => format!("route table `{id}` of subnet `{subnet}` has no route to `{server}`"),
        Some(route) if route.blackhole => {
            let target = target_id(&route.target);
            format!("route table `{id}` of subnet `{subnet}` sends `{server}` to `{target}`, which is gone")
        }
        Some(_) => return None,
    };
    Some(Barred { resources: vec![], explanation, parts: vec![Part::RouteTables] })
}

/// The addresses of the path are IPv4; else why that is not known, or not so.
pub(crate) fn ipv4_decides(scene: &Scene<'_>) -> Result<(), String> {
    let destination = scene.destination;
    match destination.address {
        Some(IpAddr::V4(_)) => return Ok(()),
        Some(IpAddr::V6(address)) => return Err(format!("the way to `{address}`: IPv6 is not traced")),
        None => {}
    }
    let id = &scene.client.subnet;
    // The classic names of AWS have IPv4 addresses only, so that a dual-stack client uses IPv4 as well.
    let both = destination.service.as_ref().is_none_or(|service| service.dual_stack);
    let host = &destination.host;
    match scene.subnet {
        Some(subnet) if subnet.ipv6_native => Err(format!("`{id}` has IPv6 only, and IPv6 is not traced")),
        Some(subnet) if both && !subnet.ipv6_cidrs.is_empty() => {
            Err(format!("`{id}` and `{host}` may meet over IPv6, which is not traced"))
        }
        Some(_) => Ok(()),
        None if !both && scene.client.private_ip.is_some_and(|address| address.is_ipv4()) => Ok(()),
        None => Err(format!("subnet `{id}` is not known, nor whether it has IPv6 only")),
    }
}

/// What the destination's name may lead to. The address that a symptom prints goes before what is set up today.
pub(crate) fn resolve<'a>(scene: &Scene<'a>) -> Resolution<'a> {
    match scene.destination.address {
        Some(address) => printed(scene, address),
        None => by_settings(scene),
    }
}

fn outside(scene: &Scene<'_>) -> AddressSet {
    if scene.destination.s3_list().is_some()
        && let Some(ranges) = &scene.s3_ranges
    {
        return ranges.clone();
    }
    let public = AddressSet::public_v4();
    scene.vpc_ranges().map_or(public.clone(), |own| public.without(&own))
}

/// The addresses of an endpoint's interfaces, by its subnets, if those are known.
fn interfaces_of(scene: &Scene<'_>, endpoint: &VpcEndpoint) -> Option<AddressSet> {
    let of = |id: &String| {
        let subnet = scene.around.subnet(id).ok().flatten()?;
        AddressSet::parse([subnet.cidr.as_ref()?])
    };
    let ranges = endpoint.subnets.iter().map(of).collect::<Option<Vec<_>>>()?;
    ranges.into_iter().reduce(|set, range| set.with(&range))
}

/// The same, or those of the whole VPC.
fn inside(scene: &Scene<'_>, endpoint: &VpcEndpoint) -> AddressSet {
    interfaces_of(scene, endpoint).unwrap_or_else(|| scene.vpc_addresses())
}

fn printed<'a>(scene: &Scene<'a>, address: IpAddr) -> Resolution<'a> {
    let mut found = Resolution::default();
    let addresses = AddressSet::one(address);
    let in_vpc = scene.vpc_ranges().map(|ranges| ranges.contains(address));
    if in_vpc != Some(true) {
        found.answers.push(Answer { behind: Behind::Outside, addresses: addresses.clone() });
        // The symptom is of its own moment: what serves the name today may have been made since, or be bypassed.
        let host = &scene.destination.host;
        for answer in by_settings_with(scene, Resolver::Amazon).answers {
            match answer.behind {
                Behind::Endpoint(endpoint) if used(scene, endpoint) == Use::Yes || scene.dns_hostnames.is_none() => {
                    let id = &endpoint.id;
                    found.doubts.push(format!("`{host}` led to `{address}`, though endpoint `{id}` may answer to it"));
                }
                // A list that may lack the owner's endpoints is enough here: the address shows that none answered.
                Behind::HiddenEndpoint if scene.endpoints.is_none() => {
                    found.doubts.push("the VPC's endpoints are not known".to_owned());
                }
                _ => continue,
            }
            found.answers.push(answer);
        }
    }
    if in_vpc != Some(false) {
        if in_vpc.is_none() {
            found.doubts.push("the VPC's ranges are not known".to_owned());
        }
        let behind = printed_inside(scene, address, &mut found.doubts);
        found.answers.extend(behind.into_iter().map(|behind| Answer { behind, addresses: addresses.clone() }));
    }
    found
}

fn printed_inside<'a>(scene: &Scene<'a>, address: IpAddr, doubts: &mut Vec<String>) -> Vec<Behind<'a>> {
    let (mut found, mut certain) = (vec![], false);
    for endpoint in scene.interface_endpoints() {
        match interfaces_of(scene, endpoint).map(|ranges| ranges.contains(address)) {
            Some(false) => continue,
            Some(true) => certain = true,
            None => doubts.push(format!("the subnets of endpoint `{}` are not known", endpoint.id)),
        }
        found.push(Behind::Endpoint(endpoint));
    }
    if !certain {
        found.push(Behind::Inside);
        let listed = scene.endpoints.is_some() && scene.lists_are_complete();
        if scene.destination.service.is_some() && !listed {
            doubts.push(format!("what `{address}` inside the VPC belongs to is not known"));
            found.push(Behind::HiddenEndpoint);
        }
    }
    found
}

fn by_settings<'a>(scene: &Scene<'a>) -> Resolution<'a> {
    by_settings_with(scene, resolver(scene))
}

/// Any address, with anything behind it.
pub(crate) fn anything<'a>() -> Answer<'a> {
    Answer { behind: Behind::Anything, addresses: AddressSet::all_v4() }
}

fn by_settings_with<'a>(scene: &Scene<'a>, resolver: Resolver) -> Resolution<'a> {
    let mut found = Resolution::default();
    let anything = anything();
    let host = &scene.destination.host;
    match resolver {
        Resolver::Amazon => {}
        Resolver::Custom => {
            let servers = scene.dns_servers.unwrap_or_default().join("`, `");
            found.opaque = Some(format!("the VPC's DNS servers are `{servers}`, and what they answer cannot be read"));
            found.answers.push(anything.clone());
        }
        Resolver::Unknown => {
            found.doubts.push("the VPC's DNS servers are not known".to_owned());
            found.answers.push(anything.clone());
        }
    }
    if let Zone::Answers(zone) = zone_of(scene) {
        found.opaque = Some(format!("private hosted zone `{zone}` answers for `{host}`"));
        found.answers.push(anything.clone());
    }
    if scene.destination.service.is_none() && !hosts::is_public(host) {
        found.doubts.push(format!("what `{host}` leads to is not known"));
        found.answers.push(anything);
        return found;
    }
    let public = Answer { behind: Behind::Outside, addresses: outside(scene) };
    if scene.destination.service.is_none() {
        found.answers.push(public);
        return found;
    }
    let mut served = false;
    for endpoint in scene.interface_endpoints() {
        let answer = Answer { behind: Behind::Endpoint(endpoint), addresses: inside(scene, endpoint) };
        match used(scene, endpoint) {
            Use::Yes => {
                found.answers.push(answer);
                served = true;
            }
            Use::No => {}
            Use::Perhaps(why) => {
                found.answers.push(answer);
                found.doubts.push(why);
            }
        }
    }
    if !served {
        found.answers.push(public);
        // Of a VPC's endpoints one may be the owner's, which the account cannot see.
        if scene.endpoints.is_none() {
            found.doubts.push("the VPC's endpoints are not known".to_owned());
        } else if !scene.lists_are_complete() && scene.interface_endpoints().is_empty() {
            found.doubts.push("the VPC may have endpoints that this account cannot see".to_owned());
        } else {
            return found;
        }
        found.answers.push(Answer { behind: Behind::HiddenEndpoint, addresses: scene.vpc_addresses() });
    }
    found
}
