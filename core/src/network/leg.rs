//! One way of a connection: target, security groups and network ACLs, in the order in which they bite.

use super::acl::Traffic;
use super::address::AddressSet;
use super::border::{cross_nat, cross_out, crossings, endpoint_acls, outside};
use super::dns::{Answer, Behind};
use super::endpoint;
use super::nat::{self, Beyond};
use super::path::{Blocker, Part, Way};
use super::route::{Claim, Gateway, target_id};
use super::scene::Scene;
use super::security_group::{Direction, Members, Passage, passes};
use super::trace::Lead;
use crate::model::CauseId;
use crate::model::network::{Route, RouteTable, RouteTarget, Subnet, VpcEndpoint};

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
    if scene.vpc_ranges().is_none() {
        lead.unknown.push("the VPC's ranges are not known".to_owned());
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

pub(crate) fn black_hole(scene: &Scene<'_>, table: &RouteTable, route: &Route) -> Blocker {
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
        // A peering connection leads to the other VPC and to nothing behind it.
        // https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
        RouteTarget::Elsewhere(id) if id.starts_with("pcx-") && AddressSet::public_v4().covers(to) => {
            lead.way = Some(Way::Elsewhere(id.clone()));
            let ends = format!(
                "route table `{}` of subnet `{}` sends `{}` to peering connection `{id}`, which lets nothing through to the internet",
                table.id, scene.client.subnet, route.destination
            );
            nowhere(scene, &ends, &table.id, to, lead);
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

/// Whether an internet gateway serves the VPC.
pub(crate) fn attached(scene: &Scene<'_>, table: &RouteTable, route: &Route, id: &str, lead: &mut Lead) {
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
}

fn internet_gateway(scene: &Scene<'_>, table: &RouteTable, route: &Route, id: &str, lead: &mut Lead) {
    let subnet = &scene.client.subnet;
    attached(scene, table, route, id, lead);
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
    block_public_access(scene.subnet, &["block-bidirectional", "block-ingress"], lead);
}

/// There is no cause of its own for it: it is told as what nobody can see through.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>
pub(crate) fn block_public_access(subnet: Option<&Subnet>, modes: &[&str], lead: &mut Lead) {
    let Some(subnet) = subnet else { return };
    if let Some(mode) = subnet.block_public_access.as_deref().filter(|mode| modes.contains(mode)) {
        lead.opaque = Some(format!("VPC Block Public Access is `{mode}` for subnet `{}`", subnet.id));
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
    block_public_access(scene.subnet, &["block-bidirectional"], lead);
    let place = nat::find(scene, id).and_then(|nat| nat.subnet.as_deref());
    let standing = place.and_then(|place| scene.around.subnet(place).ok().flatten());
    block_public_access(standing, &["block-bidirectional"], lead);
    leave(scene, to, members(to), false, lead);
    let Some(nat) = nat::find(scene, id) else { return cross_out(scene, to, Traffic::ReplyToNat, lead) };
    cross_nat(scene, nat, to, lead);
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

pub(crate) fn egress_blocked(scene: &Scene<'_>) -> Blocker {
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
