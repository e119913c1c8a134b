//! The borders of subnets on a way: which are crossed, and whether their ACLs let it pass.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html>

use super::acl::{self, Crossed, Crossing, Traffic};
use super::address::AddressSet;
use super::path::Blocker;
use super::scene::Scene;
use super::trace::Lead;
use crate::model::network::{NatGateway, VpcEndpoint};
use std::borrow::Cow;

/// The name leads to any of the endpoint's interfaces, so that all of its subnets must be closed to close the way.
pub(crate) fn endpoint_acls(scene: &Scene<'_>, endpoint: &VpcEndpoint, to: &AddressSet, lead: &mut Lead) {
    let own = scene.client.subnet.as_str();
    let (client, port, whom) =
        (scene.client_addresses(), scene.destination.port, Cow::from(format!("endpoint `{}`", endpoint.id)));
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
        let of = |leaves, traffic| Crossing { subnet, leaves, traffic, remote, whom: "the task's address".into() };
        let mut all = vec![of(false, Traffic::Request(port)), of(true, Traffic::Reply)];
        if let Some(remote) = &theirs {
            let of = |leaves, traffic| Crossing { subnet: own, leaves, traffic, remote, whom: whom.clone() };
            all.splice(0..0, [of(true, Traffic::Request(port)), of(false, Traffic::Reply)]);
        }
        let mut found = crossings(scene, &all);
        if theirs.is_none() {
            found.unknown.push(format!("subnet `{place}` of endpoint `{}` is not known", endpoint.id));
        }
        ways.push(found);
    }
    let closed = !ways.is_empty() && ways.iter().all(|way| !way.blockers.is_empty());
    let on_all = |one: &Blocker| ways.iter().all(|way| way.blockers.iter().any(|other| other.same_as(one)));
    // One ACL that closes every way is the blocker; without one, those that close them together are, if all is known of them.
    let one_for_all = ways.first().is_some_and(|way| way.blockers.iter().any(on_all));
    let together = closed && !one_for_all && ways.iter().all(|way| way.unknown.is_empty());
    let (mut shut, mut unknown) = (vec![], vec![]);
    for way in &ways {
        for one in &way.blockers {
            if !together && !on_all(one) {
                unknown.push(format!("for some addresses, {}", one.explanation));
            } else if !shut.iter().any(|other: &Blocker| other.same_as(one)) {
                shut.push(one.clone());
            }
        }
        unknown.extend(way.unknown.iter().cloned());
    }
    if together {
        lead.together = shut
    } else {
        lead.blockers.extend(shut)
    }
    lead.unknown.extend(unknown);
}

/// The border of the client's subnet, on the way to addresses outside of it.
pub(crate) fn outside<'a>(scene: &Scene<'a>, to: &'a AddressSet, replies: Traffic) -> Vec<Crossing<'a>> {
    let (subnet, whom) = (scene.client.subnet.as_str(), Cow::from(format!("`{}`", scene.destination.host)));
    let of = |leaves, traffic| Crossing { subnet, leaves, traffic, remote: to, whom: whom.clone() };
    vec![of(true, Traffic::Request(scene.destination.port)), of(false, replies)]
}

/// The same, with what it came to.
pub(crate) fn cross_out(scene: &Scene<'_>, to: &AddressSet, replies: Traffic, lead: &mut Lead) {
    let found = crossings(scene, &outside(scene, to, replies));
    lead.blockers.extend(found.blockers);
    lead.unknown.extend(found.unknown);
}

/// What some crossings came to.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub blockers: Vec<Blocker>,
    pub unknown: Vec<String>,
}

/// All of these must be open.
pub(crate) fn crossings(scene: &Scene<'_>, all: &[Crossing<'_>]) -> Found {
    let mut found = Found::default();
    for crossing in all {
        match acl::cross(scene.acls, crossing) {
            Crossed::Open => {}
            // An ACL that is closed both ways is one thing to change.
            Crossed::Closed(blocker) if found.blockers.iter().any(|one| one.same_as(&blocker)) => {}
            Crossed::Closed(blocker) => found.blockers.push(*blocker),
            Crossed::Doubtful(why) => found.unknown.push(why),
        }
    }
    found
}

/// To a NAT gateway and on from it, each border with the addresses that it sees.
pub(crate) fn cross_nat(scene: &Scene<'_>, nat: &NatGateway, to: &AddressSet, lead: &mut Lead) {
    let own = scene.client.subnet.as_str();
    let Some(place) = nat.subnet.as_deref() else { return cross_out(scene, to, Traffic::Reply, lead) };
    let client = scene.client_addresses();
    let (port, whom) = (scene.destination.port, Cow::from(format!("`{}`", scene.destination.host)));
    let mut all = vec![];
    if place != own {
        all.extend(outside(scene, to, Traffic::Reply));
        let subnet = place;
        let (remote, whom) = (&client, "the task's address");
        all.push(Crossing { subnet, leaves: false, traffic: Traffic::Request(port), remote, whom: whom.into() });
        all.push(Crossing { subnet, leaves: true, traffic: Traffic::Reply, remote, whom: whom.into() });
    }
    let beyond = |leaves, traffic| Crossing { subnet: place, leaves, traffic, remote: to, whom: whom.clone() };
    all.push(beyond(true, Traffic::Request(port)));
    all.push(beyond(false, Traffic::ReplyToNat));
    let found = crossings(scene, &all);
    lead.blockers.extend(found.blockers);
    lead.unknown.extend(found.unknown);
}
