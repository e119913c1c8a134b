//! The way over IPv6: egress-only and internet gateways, and NAT64 where a name has IPv4 addresses alone.
//!
//! Public addresses only: whether an endpoint answers over IPv6 is not read, so that where there is one for the service
//! nothing is concluded.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html>

use super::acl::Traffic;
use super::address::AddressSet;
use super::border::{cross_nat64, cross_out};
use super::dns::{self, Resolver, Zone};
use super::hosts;
use super::leg::{attached, black_hole, block_public_access, egress_blocked};
use super::nat::{self, Beyond};
use super::path::{Blocker, Part, Path, Way};
use super::route::{Claim, Gateway, claims, target_id};
use super::scene::Scene;
use super::security_group::{Direction, Members, Passage, passes};
use super::trace::Lead;
use crate::model::CauseId;
use crate::model::network::{RouteTable, RouteTarget};
use std::net::IpAddr;

/// Over which family a connection is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// IPv4 alone.
    Four,
    /// IPv6 alone.
    Six,
    /// Both ends may have both.
    Either,
}

/// Whether a name has IPv6 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Yes,
    No,
    Perhaps,
}

/// Over which family the connection is made.
pub(crate) fn family(scene: &Scene<'_>) -> Result<Family, String> {
    let destination = scene.destination;
    match destination.address {
        Some(IpAddr::V4(_)) => return Ok(Family::Four),
        Some(IpAddr::V6(_)) => return Ok(Family::Six),
        None => {}
    }
    let id = &scene.client.subnet;
    // The classic names of AWS have IPv4 addresses only, so that a dual-stack client uses IPv4 as well.
    let both = destination.service.as_ref().is_none_or(|service| service.dual_stack);
    match scene.subnet {
        Some(subnet) if subnet.ipv6_native => Ok(Family::Six),
        Some(subnet) if both && !subnet.ipv6_cidrs.is_empty() => Ok(Family::Either),
        Some(_) => Ok(Family::Four),
        None if !both && scene.client.private_ip.is_some_and(|address| address.is_ipv4()) => Ok(Family::Four),
        None => Err(format!("subnet `{id}` is not known, nor whether it has IPv6 only")),
    }
}

/// Both families together. Whoever dials tries the other one where the first does not answer
/// (<https://pkg.go.dev/net#Dialer>, and all that pulls is written in Go), so that one open way is enough and only what is
/// closed over both is closed; but whether the task has an IPv6 address is not known.
pub(crate) fn either(scene: &Scene<'_>, mut four: Path, six: &Path) -> Path {
    let only_dns = |path: &Path| path.blockers.iter().all(|one| one.cause == CauseId::DnsResolutionDisabled);
    if four.is_open() || only_dns(&four) || !only_dns(six) {
        return four;
    }
    four.blockers.retain(|one| one.cause == CauseId::DnsResolutionDisabled);
    let (subnet, host) = (&scene.client.subnet, &scene.destination.host);
    four.unknown.push(format!("`{subnet}` and `{host}` may meet over IPv6, if the task has such an address"));
    four
}

/// Follows a connection over IPv6.
pub(crate) fn trace(scene: &Scene<'_>, mut path: Path) -> Path {
    let address = scene.destination.address;
    let doubts = if address.is_none() { in_the_way(scene, &mut path) } else { vec![] };
    if !doubts.is_empty() || path.opaque.is_some() {
        path.unknown.extend(doubts);
        return path;
    }
    let Some(vpc) = scene.vpc else {
        path.unknown.push("the VPC's ranges are not known".to_owned());
        return path;
    };
    let own = AddressSet::parse(&vpc.ipv6_cidrs).unwrap_or_default();
    let public = AddressSet::public_v6().without(&own);
    let to = match address {
        Some(address) if public.contains(address) => AddressSet::one(address),
        Some(address) => {
            path.unknown.push(format!("what `{address}` belongs to is not known"));
            return path;
        }
        None => public,
    };
    let Some(table) = scene.table() else {
        path.unknown.push(format!("the route table of subnet `{}` is not known", scene.client.subnet));
        return path;
    };
    let leads = leads(scene, table, &to);
    conclude(scene, leads, &mut path);
    path
}

/// What may answer for the name besides its public addresses.
fn in_the_way(scene: &Scene<'_>, path: &mut Path) -> Vec<String> {
    let host = &scene.destination.host;
    match (&path.resolver, &path.zone) {
        (_, Zone::Answers(zone)) => path.opaque = Some(format!("private hosted zone `{zone}` answers for `{host}`")),
        (Resolver::Custom, _) => {
            let servers = scene.dns_servers.unwrap_or_default().join("`, `");
            path.opaque = Some(format!("the VPC's DNS servers are `{servers}`, and what they answer cannot be read"));
        }
        _ => {}
    }
    let mut doubts = vec![];
    if path.resolver == Resolver::Unknown {
        doubts.push("the VPC's DNS servers are not known".to_owned());
    }
    doubts.extend(dns::elsewhere(scene));
    if scene.destination.service.is_none() {
        if !hosts::is_public(host) {
            doubts.push(format!("what `{host}` leads to is not known"));
        }
    } else if scene.endpoints.is_none() || !scene.lists_are_complete() {
        doubts.push("the VPC's endpoints are not known".to_owned());
    } else if let Some(endpoint) = scene.endpoints_of_service().first() {
        doubts.push(format!("whether endpoint `{}` answers over IPv6 is not known", endpoint.id));
    }
    doubts
}

/// All the ways that the connection may take.
fn leads(scene: &Scene<'_>, table: &RouteTable, to: &AddressSet) -> Vec<Lead> {
    let follow = |set: &AddressSet, leg: &dyn Fn(&Claim<'_>) -> Lead| -> Vec<Lead> {
        claims(table, set, &|route| scene.gateway_of(route), scene.around).iter().map(leg).collect()
    };
    let six = || follow(to, &|claim| over(scene, table, claim));
    let translated = || follow(&AddressSet::nat64(), &|claim| through_nat64(scene, table, claim));
    let nothing = || {
        let (subnet, host) = (&scene.client.subnet, &scene.destination.host);
        let why = format!("subnet `{subnet}` has IPv6 only and its DNS64 is off, and `{host}` has IPv4 addresses only");
        let mut lead = Lead::default();
        lead.blockers.push(no_route(scene, table, why));
        leave(scene, &AddressSet::nat64(), &mut lead);
        vec![lead]
    };
    let native = scene.subnet.is_some_and(|subnet| subnet.ipv6_native);
    let named = match &scene.destination.service {
        _ if scene.destination.address.is_some() || !native => Named::Yes,
        Some(service) if service.dual_stack => Named::Yes,
        // The image's name decides, and its classic form has IPv4 addresses alone. Which names ECS itself takes for the other
        // services in such a subnet is not told.
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
        Some(service) if service.name == "ecr.dkr" => Named::No,
        _ => Named::Perhaps,
    };
    let dns64 = scene.subnet.and_then(|subnet| subnet.dns64);
    let mut found = vec![];
    if named != Named::No {
        found.extend(six());
    }
    if named != Named::Yes {
        if dns64 != Some(false) {
            found.extend(translated());
        }
        if dns64 != Some(true) {
            found.extend(nothing());
        }
    }
    found
}

/// What blocks every way blocks; open is what is open on every way.
fn conclude(scene: &Scene<'_>, mut leads: Vec<Lead>, path: &mut Path) {
    path.opaque = leads.iter().find_map(|lead| lead.opaque.clone());
    path.unknown.extend(leads.iter().flat_map(|lead| lead.unknown.clone()));
    if leads.windows(2).all(|pair| pair[0].way == pair[1].way) {
        path.way = leads.first().and_then(|lead| lead.way.clone());
    }
    let first = if leads.is_empty() { vec![] } else { std::mem::take(&mut leads[0].blockers) };
    let on_all = |one: &Blocker| leads[1..].iter().all(|lead| lead.blockers.iter().any(|other| other.same_as(one)));
    let some = !first.is_empty() || leads.iter().any(|lead| !lead.blockers.is_empty());
    let (kept, left): (Vec<Blocker>, Vec<Blocker>) = first.into_iter().partition(on_all);
    let others = leads.iter().skip(1).flat_map(|lead| &lead.blockers);
    let alike = left.is_empty() && others.into_iter().all(|one| kept.iter().any(|other| other.same_as(one)));
    if some && !alike || leads.is_empty() {
        let host = &scene.destination.host;
        path.unknown.push(format!("which way is taken depends on which addresses `{host}` has, and that is not known"));
    }
    path.blockers.extend(kept);
}

fn no_route(scene: &Scene<'_>, table: &RouteTable, explanation: String) -> Blocker {
    let named = [table.id.clone(), scene.client.subnet.clone()];
    Blocker {
        cause: CauseId::NoEgressRoute,
        resources: named.into_iter().chain(scene.vpc_id().map(str::to_owned)).collect(),
        explanation,
        parts: vec![Part::RouteTables, Part::Subnet],
    }
}

/// The client's own groups and ACL, which have rules of their own for IPv6.
fn leave(scene: &Scene<'_>, to: &AddressSet, lead: &mut Lead) {
    let port = scene.destination.port;
    match passes(scene.groups(), Direction::Out, port, (to, Members::Nobody), scene.around) {
        Passage::Open => {}
        Passage::Closed => lead.blockers.push(egress_blocked(scene)),
        Passage::Doubtful(why) => {
            lead.unknown.push(format!("whether the security groups let TCP {port} out over IPv6: {why}"));
        }
    }
    cross_out(scene, to, Traffic::Reply, lead);
}

/// To an IPv6 address.
fn over(scene: &Scene<'_>, table: &RouteTable, claim: &Claim<'_>) -> Lead {
    let mut lead = Lead::default();
    let (subnet, host) = (&scene.client.subnet, &scene.destination.host);
    let Some(route) = claim.route else {
        let why = format!("route table `{}` of subnet `{subnet}` has no IPv6 route (`::/0`) to `{host}`", table.id);
        lead.blockers.push(no_route(scene, table, why));
        leave(scene, &claim.addresses, &mut lead);
        return lead;
    };
    if route.blackhole {
        lead.blockers.push(black_hole(scene, table, route));
        leave(scene, &claim.addresses, &mut lead);
        return lead;
    }
    match &route.target {
        RouteTarget::EgressOnlyGateway(id) => {
            lead.way = Some(Way::EgressOnlyGateway(id.clone()));
            block_public_access(scene.subnet, &["block-bidirectional"], &mut lead);
        }
        // Every IPv6 address is public: there is none to be given besides.
        RouteTarget::InternetGateway(id) => {
            lead.way = Some(Way::InternetGateway(id.clone()));
            attached(scene, table, route, id, &mut lead);
            block_public_access(scene.subnet, &["block-bidirectional", "block-ingress"], &mut lead);
        }
        target => {
            let target = target_id(target);
            lead.way = Some(Way::Elsewhere(target.to_owned()));
            lead.opaque =
                Some(format!("the way to `{host}` leads over `{target}`, whose far side cannot be read for IPv6"));
        }
    }
    leave(scene, &claim.addresses, &mut lead);
    lead
}

/// To an IPv4 address in the clothes of IPv6, which a NAT gateway takes off.
fn through_nat64(scene: &Scene<'_>, table: &RouteTable, claim: &Claim<'_>) -> Lead {
    let mut lead = Lead::default();
    let (subnet, host) = (&scene.client.subnet, &scene.destination.host);
    let nowhere = |lead: &mut Lead| {
        let why = format!(
            "subnet `{subnet}` has IPv6 only and `{host}` IPv4 addresses only, and route table `{}` has no route for \
             `64:ff9b::/96` to a NAT gateway",
            table.id
        );
        lead.blockers.push(no_route(scene, table, why));
        leave(scene, &claim.addresses, lead);
    };
    match claim.route {
        Some(route) if route.blackhole => {
            lead.blockers.push(black_hole(scene, table, route));
            leave(scene, &claim.addresses, &mut lead);
        }
        Some(route) => match &route.target {
            RouteTarget::NatGateway(id) => {
                lead.way = Some(Way::NatGateway(id.clone()));
                let behind = AddressSet::public_v4();
                match nat::beyond(scene, id, &behind) {
                    Beyond::Open => {}
                    Beyond::Broken(blocker) => lead.blockers.push(*blocker),
                    Beyond::Opaque(what) => lead.opaque = Some(what),
                    Beyond::Doubtful(what) | Beyond::Private(what) => lead.unknown.push(what),
                }
                block_public_access(scene.subnet, &["block-bidirectional"], &mut lead);
                leave(scene, &claim.addresses, &mut lead);
                if let Some(nat) = nat::find(scene, id) {
                    cross_nat64(scene, nat, &behind, &mut lead);
                }
            }
            // Neither gateway translates: what has such an address is dropped there.
            RouteTarget::EgressOnlyGateway(_) | RouteTarget::InternetGateway(_) | RouteTarget::Local => {
                nowhere(&mut lead);
            }
            target if scene.gateway_of(route) == Gateway::Foreign => {
                lead.unknown.push(format!("whether `{}` takes the traffic to `{host}`", target_id(target)));
            }
            target => {
                let target = target_id(target);
                lead.way = Some(Way::Elsewhere(target.to_owned()));
                lead.opaque = Some(format!("the way to `{host}` leads over `{target}`, whose far side cannot be read"));
                leave(scene, &claim.addresses, &mut lead);
            }
        },
        None => nowhere(&mut lead),
    }
    lead
}
