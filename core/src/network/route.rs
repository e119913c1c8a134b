//! Route tables: which table a subnet uses, and which routes take a set of addresses.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>

use super::address::AddressSet;
use super::surroundings::Surroundings;
use crate::model::network::{Route, RouteTable, RouteTarget};
use ipnet::IpNet;

/// The table of a subnet: the one that it is associated with, or else the VPC's main table.
pub fn table_of<'a>(tables: &'a [RouteTable], subnet: &str) -> Option<&'a RouteTable> {
    let own = tables.iter().find(|table| table.subnets.iter().any(|id| id == subnet));
    own.or_else(|| tables.iter().find(|table| table.main))
}

/// The id of what a route leads to.
pub fn target_id(target: &RouteTarget) -> &str {
    match target {
        RouteTarget::Local => "local",
        RouteTarget::InternetGateway(id)
        | RouteTarget::EgressOnlyGateway(id)
        | RouteTarget::NatGateway(id)
        | RouteTarget::Endpoint(id)
        | RouteTarget::Interface(id)
        | RouteTarget::Elsewhere(id) => id,
    }
}

/// What a route by prefix list to an endpoint is to a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gateway {
    /// It is the gateway endpoint of the destination's service: it takes the addresses of its list and, since lists
    /// grow, any other address of the service that no narrower route takes.
    Own,
    /// It is another service's, whose addresses the destination never has.
    Foreign,
    /// It is none: a list of somebody's own, which leads to an appliance.
    None,
    /// Not known.
    Unknown,
}

/// Addresses that one route takes; without a route, those that none takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The route.
    pub route: Option<&'a Route>,
    /// What it takes, or may take.
    pub addresses: AddressSet,
}

struct Entry<'a> {
    length: u8,
    /// Local, static, prefix list, propagated: the order among routes for the same range.
    rank: u8,
    range: AddressSet,
    route: &'a Route,
}

/// All routes that may take some of the addresses: the most specific wins, whatever its target and state.
pub fn claims<'a>(
    table: &'a RouteTable,
    addresses: &AddressSet,
    gateway: &dyn Fn(&Route) -> Gateway,
    around: &dyn Surroundings,
) -> Vec<Claim<'a>> {
    let mut entries = vec![];
    let mut found: Vec<Claim<'a>> = vec![];
    for route in &table.routes {
        if !entries_of(route, addresses, gateway, around, &mut entries) {
            // Its ranges are not known: it may take any of them, or none.
            claim(&mut found, Some(route), addresses);
        }
    }
    entries.sort_by_key(|entry: &Entry<'_>| (u8::MAX - entry.length, entry.rank));
    let mut left = addresses.clone();
    for (index, entry) in entries.iter().enumerate() {
        let tied = entries[..index]
            .iter()
            .any(|other| (other.length, other.rank) == (entry.length, entry.rank) && other.range.meets(&entry.range));
        // EC2 does not say which of two lists with the same range wins.
        claim(&mut found, Some(entry.route), &if tied { addresses } else { &left }.within(&entry.range));
        left = left.without(&entry.range);
    }
    claim(&mut found, None, &left);
    found
}

fn claim<'a>(found: &mut Vec<Claim<'a>>, route: Option<&'a Route>, addresses: &AddressSet) {
    if addresses.is_empty() {
        return;
    }
    match found.iter_mut().find(|claim| claim.route == route) {
        Some(claim) => claim.addresses = claim.addresses.with(addresses),
        None => found.push(Claim { route, addresses: addresses.clone() }),
    }
}

/// Adds the ranges of a route; false if they are not known, or not all.
fn entries_of<'a>(
    route: &'a Route,
    addresses: &AddressSet,
    gateway: &dyn Fn(&Route) -> Gateway,
    around: &dyn Surroundings,
    entries: &mut Vec<Entry<'a>>,
) -> bool {
    let mut add = |length: u8, rank: u8, range: AddressSet| entries.push(Entry { length, rank, range, route });
    if let Ok(net) = route.destination.parse::<IpNet>() {
        let rank = match route.target {
            RouteTarget::Local => 0,
            _ if route.propagated => 3,
            _ => 1,
        };
        add(net.prefix_len(), rank, AddressSet::of(net));
        return true;
    }
    let kind = if matches!(route.target, RouteTarget::Endpoint(_)) { gateway(route) } else { Gateway::None };
    if kind == Gateway::Foreign {
        return true;
    }
    if kind == Gateway::Own {
        // Any range of a service is narrower than the default route.
        add(1, 2, addresses.clone());
    }
    let list = around.prefix_list(&route.destination).ok().flatten();
    let nets: Option<Vec<IpNet>> = list.and_then(|list| list.cidrs.iter().map(|cidr| cidr.parse().ok()).collect());
    for net in nets.iter().flatten() {
        add(net.prefix_len(), 2, AddressSet::of(*net));
    }
    nets.is_some() && kind != Gateway::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::lab::{Lab, list, route, table};
    use proptest::prelude::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn taker<'a>(table: &'a RouteTable, to: &str, kind: Gateway, lab: &Lab) -> Vec<Option<&'a str>> {
        let to = AddressSet::parse(&[to.to_owned()]).expect("a range");
        let claims = claims(table, &to, &|_| kind, lab);
        claims.iter().map(|claim| claim.route.map(|route| target_id(&route.target))).collect()
    }

    fn nat(id: &str) -> RouteTarget {
        RouteTarget::NatGateway(id.to_owned())
    }

    #[test]
    fn a_subnet_uses_its_own_table_and_the_main_one_only_without() {
        let main = RouteTable { main: true, ..table("rtb-main", &[], vec![]) };
        let tables = [main, table("rtb-own", &["subnet-1"], vec![])];
        assert_eq!(table_of(&tables, "subnet-1").map(|table| table.id.as_str()), Some("rtb-own"));
        assert_eq!(table_of(&tables, "subnet-2").map(|table| table.id.as_str()), Some("rtb-main"));
        assert_eq!(table_of(&tables[1..], "subnet-2"), None);
    }

    #[test]
    fn a_dead_route_is_chosen_and_does_not_fall_back_to_a_wider_one() {
        let dead = Route { blackhole: true, ..route("52.0.0.0/8", nat("nat-dead")) };
        let table = table("rtb-1", &[], vec![route("0.0.0.0/0", nat("nat-1")), dead]);
        assert_eq!(taker(&table, "52.1.2.3/32", Gateway::None, &Lab::default()), [Some("nat-dead")]);
        assert_eq!(taker(&table, "53.1.2.3/32", Gateway::None, &Lab::default()), [Some("nat-1")]);
    }

    #[test]
    fn among_equals_local_beats_static_beats_list_beats_propagated() {
        let lab = Lab::default().with_list(list("pl-own", "own", &["10.0.0.0/16"]));
        let mut routes = vec![
            Route { propagated: true, ..route("10.0.0.0/16", RouteTarget::Elsewhere("vgw-1".to_owned())) },
            route("pl-own", nat("nat-list")),
            route("10.0.0.0/16", nat("nat-static")),
            route("10.0.0.0/16", RouteTarget::Local),
        ];
        for expected in ["local", "nat-static", "nat-list", "vgw-1"] {
            let table = table("rtb-1", &[], routes.clone());
            assert_eq!(taker(&table, "10.0.1.0/24", Gateway::None, &lab), [Some(expected)]);
            routes.pop();
        }
    }

    #[test]
    fn a_gateway_endpoint_takes_its_services_addresses_even_if_its_list_cannot_be_read() {
        let routes =
            vec![route("0.0.0.0/0", nat("nat-1")), route("pl-s3", RouteTarget::Endpoint("vpce-s3".to_owned()))];
        let table = table("rtb-1", &[], routes);
        let known = Lab::default().with_list(list("pl-s3", "com.amazonaws.us-east-1.s3", &["52.216.0.0/15"]));
        for lab in [&known, &Lab::default()] {
            assert_eq!(taker(&table, "52.216.0.0/15", Gateway::Own, lab), [Some("vpce-s3")]);
            assert_eq!(taker(&table, "44.1.1.1/32", Gateway::Foreign, lab), [Some("nat-1")]);
        }
        assert_eq!(taker(&table, "44.1.1.1/32", Gateway::Unknown, &Lab::default()), [Some("vpce-s3"), Some("nat-1")]);
    }

    #[test]
    fn a_narrower_route_takes_s3_away_from_its_gateway() {
        let routes =
            vec![route("52.216.0.0/16", nat("nat-1")), route("pl-s3", RouteTarget::Endpoint("vpce-s3".to_owned()))];
        let table = table("rtb-1", &[], routes);
        let lab = Lab::default().with_list(list("pl-s3", "com.amazonaws.us-east-1.s3", &["52.216.0.0/15"]));
        assert_eq!(taker(&table, "52.216.1.1/32", Gateway::Own, &lab), [Some("nat-1")]);
        assert_eq!(taker(&table, "52.216.0.0/15", Gateway::Own, &lab), [Some("nat-1"), Some("vpce-s3")]);
    }

    proptest! {
        #[test]
        fn the_longest_prefix_wins(
            nets in prop::collection::vec((0u32..16, 24u8..=32), 0..8),
            low in 0u32..16,
        ) {
            let address = Ipv4Addr::from(0x0A00_0000 | low);
            let mut ranges: Vec<ipnet::Ipv4Net> =
                nets.iter().filter_map(|&(low, length)| ipnet::Ipv4Net::new(Ipv4Addr::from(0x0A00_0000 | low), length).ok())
                    .map(|net| net.trunc()).collect();
            ranges.sort_unstable();
            ranges.dedup();
            let routes = ranges.iter().map(|net| route(&net.to_string(), nat(&net.to_string()))).collect();
            let table = table("rtb-1", &[], routes);
            let slow = ranges.iter().filter(|net| net.contains(&address)).max_by_key(|net| net.prefix_len());
            let to = AddressSet::one(IpAddr::V4(address));
            let found = claims(&table, &to, &|_| Gateway::None, &Lab::default());
            prop_assert_eq!(found.len(), 1);
            let expected = slow.map(ToString::to_string);
            prop_assert_eq!(found[0].route.map(|route| route.destination.clone()), expected);
        }
    }
}
