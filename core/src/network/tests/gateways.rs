//! NAT gateways: what must be so behind one.

use super::*;
use crate::model::network::NatGateway;
use crate::network::path::Part;

/// What is said of a way through the lab's NAT gateway, changed.
fn through(change: impl FnOnce(&mut Lab)) -> Path {
    trace(&task(), &to(HUB), &changed(with_nat(), change))
}

fn broken(path: &Path) -> (Vec<&str>, &str, &[Part]) {
    assert_eq!(causes(path), ["nat-gateway-broken"], "{path:#?}");
    let one = &path.blockers[0];
    (one.resources.iter().map(String::as_str).collect(), &one.explanation, &one.parts)
}

#[test]
fn a_nat_gateway_is_available_or_broken_with_the_reason_that_ec2_gives() {
    assert!(through(|lab| lab.nats[0].state = "Available".to_owned()).is_open());
    let failed = through(|lab| {
        lab.nats[0].state = "failed".to_owned();
        lab.nats[0].failure = Some("Gateway.NotAttached".to_owned());
    });
    let explanation = "NAT gateway `nat-1` is `failed` (Gateway.NotAttached), and `subnet-task` is reached through it";
    assert_eq!(broken(&failed), (vec!["nat-1", PUBLIC], explanation, &[Part::NatGateways][..]));
    let pending = through(|lab| lab.nats[0].state = "pending".to_owned());
    assert_eq!(broken(&pending).1, "NAT gateway `nat-1` is `pending`, and `subnet-task` is reached through it");
    let unlisted = through(|lab| lab.nats.clear());
    assert!(unlisted.blockers.is_empty() && unlisted.unknown.iter().any(|why| why.contains("`nat-1` cannot be seen")));
}

#[test]
fn a_regional_nat_gateway_has_a_route_table_and_no_subnet() {
    // https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
    let regional = |table: Option<&str>| {
        let table = table.map(str::to_owned);
        through(|lab| lab.nats = vec![NatGateway { subnet: None, route_table: table, ..lab.nats[0].clone() }])
    };
    assert!(regional(Some("rtb-public")).is_open());
    let shut = regional(Some("rtb-main"));
    let explanation = "NAT gateway `nat-1` leads nowhere: route table `rtb-main` has no way out";
    assert_eq!(broken(&shut), (vec!["nat-1", "rtb-main"], explanation, &[Part::NatGateways, Part::RouteTables][..]));
    for table in [None, Some("rtb-none")] {
        let path = regional(table);
        assert!(path.blockers.is_empty() && path.unknown.iter().any(|why| why.contains("route table of NAT gateway")));
    }
}

#[test]
fn what_a_nat_gateways_own_table_leads_to_decides() {
    let beyond = |target| through(|lab| lab.tables[2].routes[1].target = target);
    let detached = through(|lab| lab.gateways.clear());
    let explanation = "internet gateway `igw-1` behind NAT gateway `nat-1` is not attached to the VPC";
    let parts = [Part::NatGateways, Part::RouteTables, Part::InternetGateways];
    assert_eq!(broken(&detached), (vec!["nat-1", "rtb-public", PUBLIC], explanation, &parts[..]));
    let looped = beyond(RouteTarget::NatGateway("nat-1".to_owned()));
    assert!(
        broken(&looped).1.starts_with("NAT gateway `nat-1` leads to itself: route table `rtb-public` of its subnet")
    );
    let dead = through(|lab| lab.tables[2].routes[1].blackhole = true);
    assert_eq!(
        broken(&dead).1,
        "NAT gateway `nat-1` leads nowhere: in route table `rtb-public` of its subnet `subnet-public` the target `igw-1` is gone"
    );
    let other = beyond(RouteTarget::NatGateway("nat-2".to_owned()));
    assert!(other.blockers.is_empty() && other.opaque.is_none() && !other.unknown.is_empty(), "{other:#?}");
    for target in [RouteTarget::Elsewhere("tgw-1".to_owned()), RouteTarget::Interface("eni-1".to_owned())] {
        let path = beyond(target);
        assert!(path.blockers.is_empty() && path.opaque.is_some() && path.unknown.is_empty(), "{path:#?}");
    }
    let hidden = trace(&task(), &to(HUB), &with_nat().without("gateways"));
    assert!(hidden.blockers.is_empty() && hidden.unknown.iter().any(|why| why.contains("`igw-1` cannot be seen")));
}

#[test]
fn routes_behind_a_nat_gateway_must_all_come_to_the_same() {
    let beside = |blackhole, target| {
        through(|lab| lab.tables[2].routes.push(Route { blackhole, ..lab::route("44.0.0.0/8", target) }))
    };
    let gateway = || RouteTarget::InternetGateway("igw-1".to_owned());
    assert!(beside(false, gateway()).is_open());
    let part = beside(true, gateway());
    assert!(part.blockers.is_empty() && part.unknown.iter().any(|why| why.contains("behind NAT gateway")), "{part:#?}");
    assert!(beside(false, RouteTarget::Elsewhere("tgw-1".to_owned())).opaque.is_some());
    let both = through(|lab| {
        lab.tables[2].routes[1].blackhole = true;
        lab.tables[2].routes.push(Route { blackhole: true, ..lab::route("44.0.0.0/8", gateway()) });
    });
    assert_eq!(broken(&both).0[0], "nat-1");
}

#[test]
fn a_private_nat_gateway_never_leads_to_the_internet() {
    // https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
    let path = through(|lab| lab.nats[0].public = false);
    assert_eq!(causes(&path), ["no-egress-route"]);
    assert!(
        path.blockers[0].explanation.starts_with("NAT gateway `nat-1` is private, so that subnet `subnet-task` has")
    );
    assert!(path.blockers[0].parts.contains(&Part::NatGateways));
    let nowhere = through(|lab| {
        lab.nats[0].public = false;
        lab.tables[2].routes.pop();
    });
    assert_eq!(causes(&nowhere), ["no-egress-route"]);
    let twice = through(|lab| {
        lab.nats[0].public = false;
        lab.tables[2].routes.push(lab::route("44.0.0.0/8", RouteTarget::InternetGateway("igw-1".to_owned())));
    });
    assert_eq!(causes(&twice), ["no-egress-route"], "by whichever of its routes");
    let over = through(|lab| {
        lab.nats[0].public = false;
        lab.tables[2].routes[1].target = RouteTarget::Elsewhere("tgw-1".to_owned());
    });
    assert!(over.blockers.is_empty() && over.opaque.is_some(), "it may reach another network's way out");
}
