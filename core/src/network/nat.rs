//! NAT gateways: does one lead on to the internet?
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>

use super::address::AddressSet;
use super::path::{Blocker, Part};
use super::route::{Claim, claims, table_of, target_id};
use super::scene::Scene;
use crate::model::CauseId;
use crate::model::network::{NatGateway, RouteTable, RouteTarget};

/// Where a NAT gateway leads.
#[derive(Debug)]
pub(crate) enum Beyond {
    /// Out.
    Open,
    /// Nowhere.
    Broken(Box<Blocker>),
    /// A private one: it never leads to the internet.
    Private(String),
    /// Over something whose far side cannot be read.
    Opaque(String),
    /// Not known; in words.
    Doubtful(String),
}

/// The NAT gateway, if it is listed.
pub(crate) fn find<'a>(scene: &Scene<'a>, id: &str) -> Option<&'a NatGateway> {
    scene.nats.and_then(|nats| nats.iter().find(|nat| nat.id == id))
}

/// Does the NAT gateway lead on to these addresses?
pub(crate) fn beyond(scene: &Scene<'_>, id: &str, addresses: &AddressSet) -> Beyond {
    let Some(nat) = find(scene, id) else {
        return Beyond::Doubtful(format!("NAT gateway `{id}` cannot be seen"));
    };
    if !nat.state.eq_ignore_ascii_case("available") {
        let why = nat.failure.as_ref().map_or(String::new(), |failure| format!(" ({failure})"));
        let text =
            format!("NAT gateway `{id}` is `{}`{why}, and `{}` is reached through it", nat.state, scene.client.subnet);
        return broken(nat, None, &[], text);
    }
    let table = match (&nat.subnet, &nat.route_table) {
        (Some(subnet), _) => scene.tables.and_then(|tables| table_of(tables, subnet)),
        (None, Some(table)) => scene.tables.and_then(|tables| tables.iter().find(|one| one.id == *table)),
        (None, None) => None,
    };
    let Some(table) = table else {
        return Beyond::Doubtful(format!("the route table of NAT gateway `{id}` is not known"));
    };
    let mut ends = claims(table, addresses, &|route| scene.gateway_of(route), scene.around)
        .into_iter()
        .map(|claim| end(scene, nat, table, &claim));
    let Some(first) = ends.next() else { return Beyond::Open };
    // Of several routes, all must come to the same.
    ends.fold(first, |found, end| match (found, end) {
        (Beyond::Open, Beyond::Open) => Beyond::Open,
        (Beyond::Broken(one), Beyond::Broken(_)) => Beyond::Broken(one),
        (Beyond::Private(one), Beyond::Private(_)) => Beyond::Private(one),
        (Beyond::Opaque(one), _) | (_, Beyond::Opaque(one)) => Beyond::Opaque(one),
        _ => Beyond::Doubtful(format!("which route behind NAT gateway `{id}` is taken depends on the address")),
    })
}

fn end(scene: &Scene<'_>, nat: &NatGateway, table: &RouteTable, claim: &Claim<'_>) -> Beyond {
    let id = &nat.id;
    let place = nat.subnet.as_ref().map_or(String::new(), |subnet| format!(" of its subnet `{subnet}`"));
    let Some(route) = claim.route else {
        return if nat.public {
            let text = format!("NAT gateway `{id}` leads nowhere: route table `{}`{place} has no way out", table.id);
            broken(nat, Some(table), &[], text)
        } else {
            Beyond::Private(format!("NAT gateway `{id}` is private"))
        };
    };
    let target = target_id(&route.target);
    if route.blackhole {
        let text = format!(
            "NAT gateway `{id}` leads nowhere: in route table `{}`{place} the target `{target}` is gone",
            table.id
        );
        return broken(nat, Some(table), &[], text);
    }
    match &route.target {
        RouteTarget::InternetGateway(_) if !nat.public => Beyond::Private(format!("NAT gateway `{id}` is private")),
        RouteTarget::InternetGateway(gateway) => match scene.is_attached(gateway) {
            Some(true) => Beyond::Open,
            Some(false) => {
                let text = format!("internet gateway `{gateway}` behind NAT gateway `{id}` is not attached to the VPC");
                broken(nat, Some(table), &[Part::InternetGateways], text)
            }
            None => Beyond::Doubtful(format!("internet gateway `{gateway}` cannot be seen")),
        },
        RouteTarget::NatGateway(next) if next == id => {
            let text =
                format!("NAT gateway `{id}` leads to itself: route table `{}`{place} has no other way out", table.id);
            broken(nat, Some(table), &[], text)
        }
        RouteTarget::Endpoint(endpoint) if !route.destination.contains('/') => {
            Beyond::Doubtful(format!("behind NAT gateway `{id}` the way leads on through endpoint `{endpoint}`"))
        }
        RouteTarget::Local | RouteTarget::NatGateway(_) => {
            Beyond::Doubtful(format!("behind NAT gateway `{id}` the way leads to `{target}`"))
        }
        _ => Beyond::Opaque(format!(
            "behind NAT gateway `{id}` the way leads over `{target}`, whose far side cannot be read"
        )),
    }
}

fn broken(nat: &NatGateway, table: Option<&RouteTable>, also: &[Part], explanation: String) -> Beyond {
    let table = table.map(|table| table.id.clone());
    let tables = table.as_ref().map(|_| Part::RouteTables);
    Beyond::Broken(Box::new(Blocker {
        cause: CauseId::NatGatewayBroken,
        resources: [nat.id.clone()].into_iter().chain(table).chain(nat.subnet.clone()).collect(),
        explanation,
        parts: [Part::NatGateways].into_iter().chain(tables).chain(also.iter().copied()).collect(),
    }))
}

impl Scene<'_> {
    /// The internet gateway is attached to the VPC; `None` if it cannot be seen.
    pub(crate) fn is_attached(&self, id: &str) -> Option<bool> {
        match self.gateways?.iter().find(|gateway| gateway.id == id) {
            Some(gateway) => {
                Some(["available", "attached"].iter().any(|state| gateway.state.eq_ignore_ascii_case(state)))
            }
            None if self.lists_are_complete() => Some(false),
            None => None,
        }
    }
}
