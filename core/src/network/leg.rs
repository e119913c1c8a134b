//! One way of a connection: target, security groups and network ACLs, in the order in which they bite.

use super::acl::{self, Crossed, Crossing, Traffic};
use super::address::AddressSet;
use super::dns::{Answer, Behind};
use super::endpoint;
use super::nat::{self, Beyond};
use super::path::{Blocker, Part, Way};
use super::route::{Claim, Gateway, target_id};
use super::scene::Scene;
use super::security_group::{Direction, Members, Passage, passes};
use super::trace::Lead;
use crate::model::CauseId;
use crate::model::network::{Route, RouteTable, RouteTarget, VpcEndpoint};

/// The way that a route, or the lack of one, gives to some of an answer's addresses.
pub(crate) fn by_route(scene: &Scene<'_>, answer: &Answer<'_>, table: &RouteTable, claim: &Claim<'_>) -> Lead {
    let mut lead = Lead::default();
    let to = &claim.addresses;
    match (answer.behind, claim.route) {
        // Inside the VPC the local route serves, which every table has.
        (Behind::Endpoint(endpoint), None) => to_endpoint(scene, endpoint, to, &mut lead),
        (Behind::Endpoint(endpoint), Some(route)) => {
            if route.blackhole {
                lead.blockers.push(black_hole(scene, table, route));
            }
            to_endpoint(scene, endpoint, to, &mut lead);
            if route.target != RouteTarget::Local {
                // A route inside the VPC that is narrower than the local one leads to a middlebox.
                let target = target_id(&route.target);
                lead.way = Some(Way::Elsewhere(target.to_owned()));
                lead.opaque = Some(format!("the way to endpoint `{}` leads over `{target}`", endpoint.id));
            }
        }
        (Behind::Inside, None) => to_inside(scene, to, &mut lead),
        (_, Some(route)) if route.target == RouteTarget::Local => to_inside(scene, to, &mut lead),
        (_, Some(route)) => over(scene, table, route, to, &mut lead),
        (_, None) => {
            let id = &table.id;
            let ends = format!(
                "route table `{id}` of subnet `{}` has no route to `{}`",
                scene.client.subnet, scene.destination.host
            );
            nowhere(scene, &ends, id, to, &mut lead);
        }
    }
    lead
}

/// The way while the subnet's table is not known.
pub(crate) fn without_table(scene: &Scene<'_>, answer: &Answer<'_>) -> Lead {
    let mut lead = Lead::default();
    lead.unknown.push(format!("the route table of subnet `{}` is not known", scene.client.subnet));
    match answer.behind {
        Behind::Endpoint(endpoint) => to_endpoint(scene, endpoint, &answer.addresses, &mut lead),
        Behind::Inside => leave(scene, &answer.addresses, Members::Unknown, false, &mut lead),
        _ => leave(scene, &answer.addresses, members(&answer.addresses), true, &mut lead),
    }
    lead
}

/// The way to somewhere that is not known: what is closed to everything is closed.
pub(crate) fn in_the_dark(scene: &Scene<'_>, answer: &Answer<'_>) -> Lead {
    let mut lead = Lead::default();
    if matches!(answer.behind, Behind::HiddenEndpoint) {
        lead.way = Some(Way::InterfaceEndpoint(None));
    }
    leave(scene, &answer.addresses, Members::Unknown, false, &mut lead);
    lead
}

/// A rule that names a group covers no address of the internet; of any other address its groups are not known.
fn members(addresses: &AddressSet) -> Members<'static> {
    if AddressSet::public_v4().covers(addresses) { Members::Nobody } else { Members::Unknown }
}

fn nowhere(scene: &Scene<'_>, ends: &str, table: &str, to: &AddressSet, lead: &mut Lead) {
    match endpoint::no_way(scene, ends, table, &[]) {
        Ok(blocker) => lead.blockers.push(blocker),
        Err(why) => lead.unknown.push(why),
    }
    // An endpoint would give the name addresses inside: what waits behind must be closed to those as well.
    leave(scene, to, members(to), scene.destination.service.is_some(), lead);
    let found = crossings(scene, &outside(scene, to, Traffic::Reply));
    lead.unknown.extend(found.unknown);
    if scene.destination.service.is_none() {
        lead.blockers.extend(found.blockers);
    } else if !found.blockers.is_empty() {
        let anywhere = to.with(&scene.vpc_addresses());
        lead.blockers.extend(crossings(scene, &outside(scene, &anywhere, Traffic::Reply)).blockers);
    }
}

fn black_hole(scene: &Scene<'_>, table: &RouteTable, route: &Route) -> Blocker {
    let (id, subnet, target) = (&table.id, &scene.client.subnet, target_id(&route.target));
    Blocker {
        cause: CauseId::RouteBlackhole,
        resources: vec![id.clone(), target.to_owned(), subnet.clone()],
        explanation: format!(
            "route table `{id}` of subnet `{subnet}` sends `{}` to `{target}`, which is gone",
            route.destination
        ),
        parts: vec![Part::RouteTables],
    }
}

fn over(scene: &Scene<'_>, table: &RouteTable, route: &Route, to: &AddressSet, lead: &mut Lead) {
    let target = target_id(&route.target);
    if route.blackhole {
        lead.blockers.push(black_hole(scene, table, route));
        leave(scene, to, members(to), false, lead);
        return cross_out(scene, to, Traffic::Reply, lead);
    }
    match &route.target {
        RouteTarget::InternetGateway(id) => {
            lead.way = Some(Way::InternetGateway(id.clone()));
            internet_gateway(scene, table, route, id, lead);
            leave(scene, to, members(to), false, lead);
            cross_out(scene, to, Traffic::Reply, lead);
        }
        RouteTarget::NatGateway(id) => {
            through_nat(scene, table, id, to, lead);
        }
        RouteTarget::Endpoint(id) if scene.gateway_of(route) == Gateway::Own => {
            lead.way = Some(Way::GatewayEndpoint(id.clone()));
            match scene.endpoint(id) {
                Some(gateway) if !endpoint::is_available(gateway) => {
                    lead.blockers.push(endpoint::not_available(scene, gateway));
                }
                Some(_) => {}
                None => lead.unknown.push(format!("endpoint `{id}` cannot be seen")),
            }
            leave(scene, to, members(to), false, lead);
            cross_out(scene, to, Traffic::Reply, lead);
        }
        _ => {
            let host = &scene.destination.host;
            if scene.gateway_of(route) == Gateway::Unknown {
                lead.unknown.push(format!("whether `{target}` takes the traffic to `{host}` is not known"));
            } else {
                lead.way = Some(Way::Elsewhere(target.to_owned()));
                lead.opaque = Some(format!("the way to `{host}` leads over `{target}`, whose far side cannot be read"));
            }
            leave(scene, to, members(to), false, lead);
            // Between interfaces of one subnet no ACL is asked, and where the target's stands is not known.
            // https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
            let found = crossings(scene, &outside(scene, to, Traffic::Reply));
            lead.unknown.extend(found.unknown.into_iter().chain(found.blockers.into_iter().map(|one| one.explanation)));
        }
    }
}

fn internet_gateway(scene: &Scene<'_>, table: &RouteTable, route: &Route, id: &str, lead: &mut Lead) {
    let subnet = &scene.client.subnet;
    match scene.is_attached(id) {
        Some(true) => {}
        Some(false) => lead.blockers.push(Blocker {
            cause: CauseId::RouteBlackhole,
            resources: vec![table.id.clone(), id.to_owned(), subnet.clone()],
            explanation: format!(
                "route table `{}` of subnet `{subnet}` sends `{}` to `{id}`, which is not attached to the VPC",
                table.id, route.destination
            ),
            parts: vec![Part::RouteTables, Part::InternetGateways],
        }),
        None => lead.unknown.push(format!("whether internet gateway `{id}` is attached to the VPC is not known")),
    }
    match scene.client.public_ip {
        Ok(true) => {}
        Ok(false) => lead.blockers.push(Blocker {
            cause: CauseId::PublicIpMissing,
            resources: vec![subnet.clone(), table.id.clone(), id.to_owned()],
            explanation: format!(
                "subnet `{subnet}` leads to `{}` through internet gateway `{id}`, which takes a public IP, and there is none",
                scene.destination.host
            ),
            parts: vec![Part::RouteTables, Part::Subnet],
        }),
        Err(_) => lead.unknown.push(format!("whether there is a public IP, which the way through `{id}` takes")),
    }
    block_public_access(scene, &["block-bidirectional", "block-ingress"], lead);
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>: there is no cause of its own for it.
fn block_public_access(scene: &Scene<'_>, modes: &[&str], lead: &mut Lead) {
    let mode = scene.subnet.and_then(|subnet| subnet.block_public_access.as_deref());
    if let Some(mode) = mode.filter(|mode| modes.contains(mode)) {
        lead.opaque = Some(format!("VPC Block Public Access is `{mode}` for subnet `{}`", scene.client.subnet));
    }
}

fn through_nat(scene: &Scene<'_>, table: &RouteTable, id: &str, to: &AddressSet, lead: &mut Lead) {
    lead.way = Some(Way::NatGateway(id.to_owned()));
    match nat::beyond(scene, id, to) {
        Beyond::Open => {}
        Beyond::Broken(blocker) => lead.blockers.push(*blocker),
        Beyond::Opaque(what) => lead.opaque = Some(what),
        Beyond::Doubtful(what) => lead.unknown.push(what),
        Beyond::Private(what) => {
            let ends = format!("{what}, so that subnet `{}` has no way to the internet", scene.client.subnet);
            match endpoint::no_way(scene, &ends, &table.id, &[Part::NatGateways]) {
                Ok(blocker) => lead.blockers.push(blocker),
                Err(why) => lead.unknown.push(why),
            }
        }
    }
    block_public_access(scene, &["block-bidirectional"], lead);
    leave(scene, to, members(to), false, lead);
    let Some(nat) = nat::find(scene, id) else { return cross_out(scene, to, Traffic::ReplyToNat, lead) };
    let own = scene.client.subnet.as_str();
    let Some(place) = nat.subnet.as_deref() else { return cross_out(scene, to, Traffic::Reply, lead) };
    let client = scene.client_addresses();
    let (port, whom) = (scene.destination.port, format!("`{}`", scene.destination.host));
    let mut all = vec![];
    if place != own {
        all.extend(outside(scene, to, Traffic::Reply));
        let subnet = place;
        let (remote, whom) = (&client, "the task's address");
        all.push(owned(Crossing { subnet, leaves: false, traffic: Traffic::Request(port), remote, whom }));
        all.push(owned(Crossing { subnet, leaves: true, traffic: Traffic::Reply, remote, whom }));
    }
    let beyond = |leaves, traffic| owned(Crossing { subnet: place, leaves, traffic, remote: to, whom: &whom });
    all.push(beyond(true, Traffic::Request(port)));
    all.push(beyond(false, Traffic::ReplyToNat));
    let found = crossings(scene, &all);
    lead.blockers.extend(found.blockers);
    lead.unknown.extend(found.unknown);
}

/// The client's own groups, outbound. Where `or_inside`, closed means closed to the addresses of the VPC as well.
fn leave(scene: &Scene<'_>, to: &AddressSet, members: Members<'_>, or_inside: bool, lead: &mut Lead) {
    let groups = scene.groups();
    let port = scene.destination.port;
    let out = |to: &AddressSet, members| passes(groups, Direction::Out, port, (to, members), scene.around);
    let closed = match out(to, members) {
        Passage::Open => false,
        Passage::Closed => !or_inside || out(&scene.vpc_addresses(), Members::Unknown) == Passage::Closed,
        Passage::Doubtful(why) => {
            lead.unknown.push(format!("whether the security groups let TCP {port} out: {why}"));
            false
        }
    };
    if closed {
        lead.blockers.push(egress_blocked(scene));
    }
}

fn egress_blocked(scene: &Scene<'_>) -> Blocker {
    let (groups, port, host) = (scene.groups(), scene.destination.port, &scene.destination.host);
    let lists = groups.iter().filter_map(|id| scene.around.security_group(id).ok().flatten());
    let by_list = lists.flat_map(|group| &group.egress).any(|rule| !rule.prefix_lists.is_empty());
    let names = groups.join("`, `");
    Blocker {
        cause: CauseId::SecurityGroupEgressBlocked,
        resources: groups.to_vec(),
        explanation: format!("no outbound rule of security group `{names}` allows TCP {port} to `{host}`"),
        parts: [Part::SecurityGroups].into_iter().chain(by_list.then_some(Part::PrefixLists)).collect(),
    }
}

fn to_inside(scene: &Scene<'_>, to: &AddressSet, lead: &mut Lead) {
    lead.way = Some(Way::Local);
    lead.opaque =
        Some(format!("`{}` leads to an address inside the VPC that is no endpoint's", scene.destination.host));
    leave(scene, to, Members::Unknown, false, lead);
}

fn to_endpoint(scene: &Scene<'_>, endpoint: &VpcEndpoint, to: &AddressSet, lead: &mut Lead) {
    let (id, port) = (&endpoint.id, scene.destination.port);
    lead.way = Some(Way::InterfaceEndpoint(Some(id.clone())));
    if !endpoint::is_available(endpoint) {
        lead.blockers.push(endpoint::not_available(scene, endpoint));
    }
    let theirs = &endpoint.security_groups;
    let known = |groups| if <[String]>::is_empty(groups) { Members::Unknown } else { Members::Of(groups) };
    leave(scene, to, known(theirs), false, lead);
    let from = (&scene.client_addresses(), known(scene.groups()));
    match passes(theirs, Direction::In, port, from, scene.around) {
        Passage::Open => {}
        Passage::Doubtful(why) => {
            lead.unknown.push(format!("whether endpoint `{id}` lets the task in on TCP {port}: {why}"));
        }
        Passage::Closed => {
            let names = theirs.join("`, `");
            let (first, rest) = theirs.split_at(1.min(theirs.len()));
            lead.blockers.push(Blocker {
                cause: CauseId::VpcEndpointSecurityGroupBlocked,
                resources: first.iter().chain([id]).chain(rest).cloned().collect(),
                explanation: format!(
                    "no inbound rule of security group `{names}`, which guards endpoint `{id}`, allows TCP {port} from the task"
                ),
                parts: vec![Part::SecurityGroups, Part::Endpoints],
            });
        }
    }
    endpoint_acls(scene, endpoint, to, lead);
}

/// The name leads to any of the endpoint's interfaces, so that all of its subnets must be closed to close the way.
fn endpoint_acls(scene: &Scene<'_>, endpoint: &VpcEndpoint, to: &AddressSet, lead: &mut Lead) {
    let own = scene.client.subnet.as_str();
    let (client, port, whom) =
        (scene.client_addresses(), scene.destination.port, format!("endpoint `{}`", endpoint.id));
    let mut ways = vec![];
    for place in &endpoint.subnets {
        let cidr = scene.around.subnet(place).ok().flatten().and_then(|subnet| subnet.cidr.as_ref());
        let theirs = cidr.and_then(|cidr| AddressSet::parse([cidr])).map(|range| range.within(to));
        if theirs.as_ref().is_some_and(AddressSet::is_empty) {
            continue; // the printed address is in another of its subnets
        }
        // Between interfaces of one subnet no ACL is asked.
        if place == own {
            ways.push(Found::default());
            continue;
        }
        let (remote, subnet) = (&client, place.as_str());
        let of = |leaves, traffic| owned(Crossing { subnet, leaves, traffic, remote, whom: "the task's address" });
        let mut all = vec![of(false, Traffic::Request(port)), of(true, Traffic::Reply)];
        if let Some(remote) = &theirs {
            let of = |leaves, traffic| owned(Crossing { subnet: own, leaves, traffic, remote, whom: &whom });
            all.splice(0..0, [of(true, Traffic::Request(port)), of(false, Traffic::Reply)]);
        }
        let mut found = crossings(scene, &all);
        if theirs.is_none() {
            found.unknown.push(format!("subnet `{place}` of endpoint `{}` is not known", endpoint.id));
        }
        ways.push(found);
    }
    let closed = !ways.is_empty() && ways.iter().all(|way| !way.blockers.is_empty());
    for way in ways {
        if closed {
            let new: Vec<Blocker> =
                way.blockers.into_iter().filter(|one| !lead.blockers.iter().any(|other| other.same_as(one))).collect();
            lead.blockers.extend(new);
        } else {
            lead.unknown.extend(way.blockers.into_iter().map(|one| format!("for some addresses, {}", one.explanation)));
        }
        lead.unknown.extend(way.unknown);
    }
}

/// A crossing with its values.
type Owned = (String, bool, Traffic, AddressSet, String);

fn owned(crossing: Crossing<'_>) -> Owned {
    let Crossing { subnet, leaves, traffic, remote, whom } = crossing;
    (subnet.to_owned(), leaves, traffic, remote.clone(), whom.to_owned())
}

/// The border of the client's subnet, on the way to addresses outside of it.
fn outside(scene: &Scene<'_>, to: &AddressSet, replies: Traffic) -> Vec<Owned> {
    let (subnet, whom) = (scene.client.subnet.as_str(), format!("`{}`", scene.destination.host));
    let of = |leaves, traffic| owned(Crossing { subnet, leaves, traffic, remote: to, whom: &whom });
    vec![of(true, Traffic::Request(scene.destination.port)), of(false, replies)]
}

fn cross_out(scene: &Scene<'_>, to: &AddressSet, replies: Traffic, lead: &mut Lead) {
    let found = crossings(scene, &outside(scene, to, replies));
    lead.blockers.extend(found.blockers);
    lead.unknown.extend(found.unknown);
}

#[derive(Debug, Default)]
struct Found {
    blockers: Vec<Blocker>,
    unknown: Vec<String>,
}

fn crossings(scene: &Scene<'_>, all: &[Owned]) -> Found {
    let mut found = Found::default();
    for (subnet, leaves, traffic, remote, whom) in all {
        let crossing = Crossing { subnet, leaves: *leaves, traffic: *traffic, remote, whom };
        match acl::cross(scene.acls, &crossing) {
            Crossed::Open => {}
            // An ACL that is closed both ways is one thing to change.
            Crossed::Closed(blocker) if found.blockers.iter().any(|one| one.same_as(&blocker)) => {}
            Crossed::Closed(blocker) => found.blockers.push(*blocker),
            Crossed::Doubtful(why) => found.unknown.push(why),
        }
    }
    found
}
