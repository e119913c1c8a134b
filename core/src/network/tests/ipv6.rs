//! Subnets without IPv4, names with both families, and a slow second opinion on IPv6 routes and rules.

use super::differential::difference;
use super::faults::Row;
use super::slow::World;
use super::*;
use crate::model::network::{AclEntry, GroupRule};
use crate::network::Way;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use std::net::Ipv6Addr;

const REGISTRY: &str = "111111111111.dkr-ecr.us-east-1.on.aws";
const CLASSIC: &str = "111111111111.dkr.ecr.us-east-1.amazonaws.com";
const VPC: &str = "2600:1f18:1::/56";

fn both(number: i32, cidr: &str) -> [AclEntry; 2] {
    [true, false].map(|egress| entry(number, egress, "-1", None, cidr, true))
}

/// A subnet that has IPv6 only, behind an egress-only gateway.
fn six_only() -> Lab {
    changed(with_nat(), |lab| {
        let subnet = &mut lab.subnets[0];
        (subnet.ipv6_native, subnet.cidr) = (true, None);
        subnet.ipv6_cidrs = vec!["2600:1f18:1:1::/64".to_owned()];
        lab.vpc.as_mut().expect("it has one").ipv6_cidrs = vec![VPC.to_owned()];
        let out = RouteTarget::EgressOnlyGateway("eigw-1".to_owned());
        lab.tables[1].routes = vec![lab::route(VPC, RouteTarget::Local), lab::route("::/0", out)];
        lab.groups.get_mut("sg-task").expect("the tasks have it").egress = vec![rule("tcp", Some(443), &["::/0"])];
        for acl in &mut lab.acls {
            acl.entries.extend(both(101, "::/0"));
        }
    })
}

/// A subnet that has both families.
fn dual() -> Lab {
    changed(six_only(), |lab| {
        lab.subnets[0].ipv6_native = false;
        lab.subnets[0].cidr = Some("10.0.1.0/24".to_owned());
        lab.tables[1].routes.push(lab::route("0.0.0.0/0", RouteTarget::NatGateway("nat-1".to_owned())));
        lab.groups.get_mut("sg-task").expect("the tasks have it").egress.push(rule("tcp", Some(443), &["0.0.0.0/0"]));
    })
}

fn native() -> Client {
    Client { private_ip: "2600:1f18:1:1::20".parse().ok(), ..task() }
}

fn without_route(mut lab: Lab, to: &str) -> Lab {
    lab.tables[1].routes.retain(|route| route.destination != to);
    lab
}

fn routed(mut lab: Lab, to: &str, target: RouteTarget) -> Lab {
    lab.tables[1].routes.retain(|route| route.destination != to);
    lab.tables[1].routes.push(lab::route(to, target));
    lab
}

fn with_dns64(mut lab: Lab, on: bool) -> Lab {
    lab.subnets[0].dns64 = Some(on);
    lab
}

fn translated(lab: Lab) -> Lab {
    routed(lab, "64:ff9b::/96", RouteTarget::NatGateway("nat-1".to_owned()))
}

/// Faults of IPv6, for the tests that hold of all faults.
pub(super) fn rows() -> Vec<Row> {
    let no_way = || vec![("no-egress-route", vec!["rtb-task", TASK])];
    let row = |why, lab, host, blocked| Row { why, lab, client: native(), to: to(host), blocked };
    let open_four = || {
        changed(six_only(), |lab| {
            lab.groups.get_mut("sg-task").expect("the tasks have it").egress = vec![rule("-1", None, &["0.0.0.0/0"])];
        })
    };
    let closed_acl = || changed(six_only(), |lab| lab.acls[0].entries.retain(|one| one.cidr != "::/0"));
    let dead = || changed(six_only(), |lab| lab.tables[1].routes[1].blackhole = true);
    let detached = || {
        let lab = routed(six_only(), "::/0", RouteTarget::InternetGateway("igw-1".to_owned()));
        changed(lab, |lab| lab.gateways.clear())
    };
    let broken = || changed(translated(with_dns64(six_only(), true)), |lab| lab.nats[0].state = "failed".to_owned());
    vec![
        row("IPv6 only, and no route for it", without_route(six_only(), "::/0"), REGISTRY, no_way()),
        row("no route for any family", without_route(six_only(), "::/0"), SECRETS, no_way()),
        row(
            "an IPv4 route is of no use",
            routed(without_route(six_only(), "::/0"), "0.0.0.0/0", RouteTarget::NatGateway("nat-1".to_owned())),
            REGISTRY,
            no_way(),
        ),
        row("a dead egress-only gateway", dead(), REGISTRY, vec![("route-blackhole", vec!["rtb-task", "eigw-1"])]),
        row(
            "an internet gateway that is detached",
            detached(),
            REGISTRY,
            vec![("route-blackhole", vec!["rtb-task", "igw-1"])],
        ),
        row(
            "a group that lets IPv4 out",
            open_four(),
            REGISTRY,
            vec![("security-group-egress-blocked", vec!["sg-task"])],
        ),
        row(
            "an ACL that knows IPv4 only",
            closed_acl(),
            REGISTRY,
            vec![("network-acl-blocked", vec!["acl-task", TASK])],
        ),
        row(
            "a name with IPv4 alone, and DNS64 is off",
            with_dns64(six_only(), false),
            CLASSIC,
            vec![("no-egress-route", vec!["rtb-task", TASK])],
        ),
        row("a name with IPv4 alone, and nothing translates", with_dns64(six_only(), true), CLASSIC, no_way()),
        row("whatever DNS64 is, nothing translates", six_only(), CLASSIC, no_way()),
        row(
            "the NAT gateway that translates is broken",
            broken(),
            CLASSIC,
            vec![("nat-gateway-broken", vec!["nat-1", PUBLIC])],
        ),
        Row {
            why: "neither family leads out",
            lab: without_route(without_route(dual(), "::/0"), "0.0.0.0/0"),
            client: task(),
            to: to(REGISTRY),
            blocked: no_way(),
        },
    ]
}

#[test]
fn ipv6_leads_out_over_an_egress_only_gateway_or_an_internet_gateway() {
    let path = trace(&native(), &to(REGISTRY), &six_only());
    assert!(path.is_open(), "{path:#?}");
    assert_eq!(path.way, Some(Way::EgressOnlyGateway("eigw-1".to_owned())));
    let lab = routed(six_only(), "::/0", RouteTarget::InternetGateway("igw-1".to_owned()));
    assert!(trace(&native(), &to(REGISTRY), &lab).is_open(), "its addresses are public, without a public IPv4");
    let printed = to(CLASSIC).at("2600:9000::1".parse().ok());
    assert!(trace(&native(), &printed, &six_only()).is_open(), "the address that was dialled decides");
    let far = routed(six_only(), "::/0", RouteTarget::Elsewhere("tgw-1".to_owned()));
    assert!(trace(&native(), &to(REGISTRY), &far).opaque.is_some_and(|what| what.contains("tgw-1")));
}

#[test]
fn dns64_and_a_nat_gateway_lead_to_names_with_ipv4_alone() {
    let path = trace(&native(), &to(CLASSIC), &translated(with_dns64(six_only(), true)));
    assert!(path.is_open(), "{path:#?}");
    assert_eq!(path.way, Some(Way::NatGateway("nat-1".to_owned())));
    let untold = trace(&native(), &to(CLASSIC), &translated(six_only()));
    assert!(untold.blockers.is_empty() && !untold.unknown.is_empty(), "whether DNS64 is on is not told: {untold:#?}");
}

#[test]
fn a_subnet_with_ipv6_only_is_not_blamed_for_what_cannot_be_told() {
    let unknown = |host: &str, lab: &Lab| {
        let path = trace(&native(), &to(host), lab);
        assert!(path.blockers.is_empty() && !path.is_open(), "{host}: {path:#?}");
        path.unknown.join("; ") + path.opaque.as_deref().unwrap_or_default()
    };
    for host in [SECRETS, LAYERS, HUB] {
        assert!(unknown(host, &with_dns64(six_only(), false)).contains("which addresses"), "{host}");
    }
    let served = changed(six_only(), |lab| lab.endpoints = with_endpoints().endpoints);
    assert!(unknown(REGISTRY, &served).contains("vpce-ecr.dkr"), "it may answer over IPv6");
    let own = changed(six_only(), |lab| {
        lab.dns_servers = Some(vec!["10.0.3.3".to_owned()]);
        lab.groups.get_mut("sg-task").expect("the tasks have it").egress.push(rule("-1", None, &["10.0.0.0/16"]));
    });
    assert!(unknown(REGISTRY, &own).contains("10.0.3.3"));
    let hidden = changed(six_only(), |lab| lab.zones = vec![lab::zone("on.aws")]);
    assert!(unknown(REGISTRY, &hidden).contains("hosted zone"));
    let inside = trace(&native(), &to(CLASSIC).at("fd00::1".parse().ok()), &six_only());
    assert!(inside.blockers.is_empty() && !inside.is_open());
}

#[test]
fn one_open_family_is_enough_and_only_what_is_closed_over_both_is_closed() {
    let path = |lab: &Lab, host: &str| trace(&task(), &to(host), lab);
    assert!(path(&dual(), REGISTRY).is_open());
    assert!(path(&without_route(dual(), "::/0"), REGISTRY).is_open(), "over IPv4");
    let four = path(&without_route(dual(), "0.0.0.0/0"), REGISTRY);
    assert!(four.blockers.is_empty() && four.unknown.join(" ").contains("meet over IPv6"), "{four:#?}");
    let classic = path(&without_route(dual(), "0.0.0.0/0"), CLASSIC);
    assert_eq!(causes(&classic), ["no-egress-route"], "its classic name has no IPv6 address");
    let off = changed(without_route(dual(), "0.0.0.0/0"), |lab| lab.dns_support = Some(false));
    assert_eq!(causes(&path(&off, REGISTRY)), ["dns-resolution-disabled"], "no name of either family resolves");
}

// ------------------------------------------------------------------------------------------------ a slow second opinion

fn within(cidr: &str, ip: Ipv6Addr) -> bool {
    let Some((base, length)) = cidr.split_once('/') else { return false };
    let (Ok(base), Ok(length)) = (base.parse::<Ipv6Addr>(), length.parse::<u32>()) else { return false };
    (0..length).all(|bit| u128::from(base) >> (127 - bit) & 1 == u128::from(ip) >> (127 - bit) & 1)
}

/// One packet to one address, every rule looked at in turn.
fn packet(lab: &Lab, ip: Ipv6Addr) -> World {
    let mut world = World::default();
    let table = &lab.tables[1];
    let length = |route: &&Route| route.destination.rsplit('/').next().and_then(|text| text.parse::<u8>().ok());
    match table.routes.iter().filter(|route| within(&route.destination, ip)).max_by_key(length) {
        None => {
            world.missing = true;
            world.blockers.insert((CauseId::NoEgressRoute, table.id.clone()));
        }
        Some(route) if route.blackhole => drop(world.blockers.insert((CauseId::RouteBlackhole, table.id.clone()))),
        Some(route) => match &route.target {
            RouteTarget::EgressOnlyGateway(_) => {}
            RouteTarget::InternetGateway(id) if lab.gateways.iter().any(|one| one.id == *id) => {}
            RouteTarget::InternetGateway(_) => drop(world.blockers.insert((CauseId::RouteBlackhole, table.id.clone()))),
            _ => world.dark = true,
        },
    }
    let about = |rule: &GroupRule| match rule.protocol.as_str() {
        "-1" => true,
        "tcp" => rule.ports.is_none_or(|(from, to)| from <= 443 && 443 <= to),
        _ => false,
    };
    let out = &lab.groups["sg-task"].egress;
    if !out.iter().filter(|rule| about(rule)).any(|rule| rule.cidrs.iter().any(|cidr| within(cidr, ip))) {
        world.blockers.insert((CauseId::SecurityGroupEgressBlocked, "sg-task".to_owned()));
    }
    let passes = |egress: bool, port: i32| {
        let mut entries: Vec<&AclEntry> = lab.acls[0].entries.iter().filter(|one| one.egress == egress).collect();
        entries.sort_by_key(|one| one.number);
        let its = |one: &&&AclEntry| {
            within(&one.cidr, ip)
                && (one.protocol == "-1" || one.ports.is_none_or(|(from, to)| from <= port && port <= to))
        };
        entries.iter().find(its).is_some_and(|one| one.allow)
    };
    let must = [32768, 40000, 49151, 49152, 60999].map(|port| passes(false, port));
    let should = [61000, 65535].map(|port| passes(false, port));
    if !passes(true, 443) || !must.contains(&true) {
        world.blockers.insert((CauseId::NetworkAclBlocked, "acl-task".to_owned()));
    } else if must.contains(&false) || should.contains(&false) {
        world.dark = true;
    }
    world
}

fn ranges() -> impl Strategy<Value = &'static str> {
    select(&["::/0", "2600:9000::/28", "2600:9000:1::/48", "2a05::/16", "0.0.0.0/0", "2000::/3"][..])
}

fn labs() -> impl Strategy<Value = Lab> {
    let targets = select(&["eigw-1", "eigw-1", "igw-1", "tgw-1"][..]);
    let one = (ranges(), targets, prop::bool::weighted(0.1)).prop_map(|(to, id, blackhole)| {
        let id = id.to_owned();
        let target = match &id[..3] {
            "eig" => RouteTarget::EgressOnlyGateway(id),
            "igw" => RouteTarget::InternetGateway(id),
            _ => RouteTarget::Elsewhere(id),
        };
        Route { blackhole, ..lab::route(to, target) }
    });
    let routes = prop::collection::vec(one, 0..4);
    let rules = (select(&["-1", "tcp", "udp"][..]), select(&[None, Some(443), Some(80)][..]), ranges());
    let rules = prop::collection::vec(rules.prop_map(|(protocol, port, cidr)| rule(protocol, port, &[cidr])), 0..3);
    let ports = select(&[None, Some((443, 443)), Some((1024, 65535)), Some((49152, 65535)), Some((0, 1023))][..]);
    let entries = (1..200, any::<bool>(), ports, ranges(), any::<bool>());
    let entries =
        entries.prop_map(|(number, egress, ports, cidr, allow)| entry(number, egress, "6", ports, cidr, allow));
    let open = both(100, "::/0").to_vec();
    let acl = prop_oneof![Just(open), prop::collection::vec(entries, 0..5)];
    (routes, rules, acl, any::<bool>()).prop_map(|(mut routes, rules, mut acl, attached)| {
        // A table has one route for a range, and an ACL one entry for a number.
        routes.sort_by(|a, b| a.destination.cmp(&b.destination));
        routes.dedup_by(|a, b| a.destination == b.destination);
        let mut seen = BTreeSet::new();
        acl.retain(|entry| seen.insert((entry.egress, entry.number)));
        changed(six_only(), |lab| {
            lab.tables[1].routes = [lab::route(VPC, RouteTarget::Local)].into_iter().chain(routes).collect();
            lab.groups.get_mut("sg-task").expect("the tasks have it").egress = rules;
            lab.acls[0].entries = acl;
            if !attached {
                lab.gateways.clear();
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_trace_agrees_with_the_slow_one_over_ipv6(
        lab in labs(),
        address in select(&[None, None, Some("2600:9000::1"), Some("2600:9000:1::9"), Some("2a05::1"), Some("2404::1")][..]),
    ) {
        let some = ["2600:9000::1", "2600:9000:1::9", "2600:9000:2::1", "2a05::1", "2404::1", "3fff::1", "2000::1"];
        let addresses = address.map_or(some.to_vec(), |one| vec![one]);
        let worlds: Vec<World> =
            addresses.iter().map(|text| packet(&lab, text.parse().expect("an address"))).collect();
        let destination = to(REGISTRY).at(address.and_then(|text| text.parse().ok()));
        let path = trace(&native(), &destination, &lab);
        if let Some(what) = difference(&path, &worlds) {
            prop_assert!(false, "{what}: {path:#?} but {worlds:#?} of {lab:#?}");
        }
        let less = lab.answers().into_iter().map(|one| (trace(&native(), &destination, &lab.without(&one)), one));
        for (hidden, one) in less {
            less_is_known(&path, &hidden, &one);
        }
    }
}
