//! The same over networks that nobody thought of.

use super::*;
use crate::model::network::{AclEntry, GroupRule};
use proptest::prelude::*;
use proptest::sample::select;

fn ranges() -> impl Strategy<Value = &'static str> {
    select(
        &["0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/24", "10.0.2.0/24", "52.216.0.0/15", "44.0.0.0/8", "10.0.1.20/32"][..],
    )
}

fn group_rules() -> impl Strategy<Value = Vec<GroupRule>> {
    let one = (select(&["-1", "tcp", "udp"][..]), select(&[None, Some(443), Some(80)][..]), ranges(), 0..4).prop_map(
        |(protocol, port, range, kind)| match kind {
            0 => GroupRule { groups: vec!["sg-task".to_owned()], ..rule(protocol, port, &[]) },
            1 => GroupRule { groups: vec!["sg-vpce".to_owned()], ..rule(protocol, port, &[]) },
            2 => GroupRule { prefix_lists: vec!["pl-s3".to_owned()], ..rule(protocol, port, &[]) },
            _ => rule(protocol, port, &[range]),
        },
    );
    prop::collection::vec(one, 0..3)
}

fn acl_entries() -> impl Strategy<Value = Vec<AclEntry>> {
    let ports = select(&[None, Some((443, 443)), Some((1024, 65535)), Some((49152, 65535)), Some((0, 1023))][..]);
    let one = (1..200, any::<bool>(), select(&["-1", "6"][..]), ports, ranges(), any::<bool>());
    let one = one.prop_map(|(number, egress, protocol, ports, range, allow)| {
        entry(number, egress, protocol, ports, range, allow)
    });
    // Half of the ACLs are EC2's own, which lets everything pass.
    let open = [true, false].map(|egress| entry(100, egress, "-1", None, "0.0.0.0/0", true)).to_vec();
    prop_oneof![Just(open), prop::collection::vec(one, 0..6)]
}

fn routes() -> impl Strategy<Value = Vec<Route>> {
    let target = |id: &str| match id.split('-').next() {
        Some("nat") => RouteTarget::NatGateway(id.to_owned()),
        Some("igw") => RouteTarget::InternetGateway(id.to_owned()),
        Some("vpce") => RouteTarget::Endpoint(id.to_owned()),
        Some("eni") => RouteTarget::Interface(id.to_owned()),
        _ => RouteTarget::Elsewhere(id.to_owned()),
    };
    let targets = select(&["nat-1", "nat-2", "igw-1", "tgw-1", "eni-1", "vpce-gwlb"][..]);
    let to = select(&["0.0.0.0/0", "52.0.0.0/8", "3.5.0.0/19", "44.0.0.0/8", "10.0.2.0/24", "pl-own"][..]);
    let one = (to, targets, prop::bool::weighted(0.1))
        .prop_map(move |(to, id, blackhole)| Route { blackhole, ..lab::route(to, target(id)) });
    let s3 = any::<bool>().prop_map(|is| is.then(|| lab::route("pl-s3", RouteTarget::Endpoint("vpce-s3".to_owned()))));
    let local = lab::route("10.0.0.0/16", RouteTarget::Local);
    (prop::collection::vec(one, 0..4), s3).prop_map(move |(mut routes, s3)| {
        // A table has one route for a range.
        routes.sort_by(|a, b| a.destination.cmp(&b.destination));
        routes.dedup_by(|a, b| a.destination == b.destination);
        [local.clone()].into_iter().chain(routes).chain(s3).collect()
    })
}

fn endpoints() -> impl Strategy<Value = Vec<VpcEndpoint>> {
    let services = prop::sample::subsequence(&["ecr.api", "ecr.dkr", "secretsmanager", "logs"][..], 0..=4);
    let state = select(&["available", "available", "available", "failed", "deleted", "pending"][..]);
    let subnets = prop::sample::subsequence(&[TASK, "subnet-other"][..], 1..=2);
    let s3 = (any::<bool>(), select(&["rtb-task", "rtb-else"][..]), state.clone());
    (services, state, subnets, any::<bool>(), s3).prop_map(|(services, state, subnets, dns, (has_s3, table, s3))| {
        let of = |service: &&str| VpcEndpoint {
            state: state.to_owned(),
            private_dns: dns,
            ..endpoint(&format!("vpce-{service}"), service, &subnets, &["sg-vpce"])
        };
        let gateway = VpcEndpoint { state: s3.to_owned(), ..lab::s3_gateway(&[table]) };
        services.iter().map(of).chain(has_s3.then_some(gateway)).collect()
    })
}

pub(super) fn labs() -> impl Strategy<Value = Lab> {
    let groups = (group_rules(), group_rules(), group_rules());
    let acls = (acl_entries(), acl_entries(), acl_entries());
    let switches = (prop::bool::weighted(0.9), prop::bool::weighted(0.8), prop::bool::weighted(0.9));
    let nat = (prop::bool::weighted(0.8), prop::bool::weighted(0.8), select(&[TASK, PUBLIC, "subnet-other"][..]));
    let attached = prop::bool::weighted(0.8);
    let zone = select(
        &[None, None, None, None, None, Some("amazonaws.com"), Some("secretsmanager.us-east-1.amazonaws.com")][..],
    );
    (groups, acls, (routes(), routes()), endpoints(), switches, nat, (attached, zone)).prop_map(
        |(groups, acls, tables, endpoints, (support, hostnames, amazon), (works, public, place), (attached, zone))| {
            let mut lab = with_nat()
                .with_group(group("sg-task", vec![], groups.0))
                .with_group(group("sg-vpce", groups.1, groups.2))
                .with_list(lab::list("pl-own", "own", &["44.0.0.0/9", "52.216.0.0/16"]));
            (lab.acls[0].entries, lab.acls[1].entries, lab.acls[2].entries) = acls;
            (lab.tables[1].routes, lab.tables[2].routes) = tables;
            lab.endpoints = endpoints;
            (lab.dns_support, lab.dns_hostnames) = (Some(support), Some(hostnames));
            lab.zones = zone.map(lab::zone).into_iter().collect();
            if !amazon {
                lab.dns_servers = Some(vec!["10.0.3.3".to_owned()]);
            }
            let state = if works { "available" } else { "failed" };
            let nat = lab::nat("nat-1", place);
            lab.nats = vec![crate::model::network::NatGateway { state: state.to_owned(), public, ..nat }];
            if !attached {
                lab.gateways.clear();
            }
            lab
        },
    )
}

fn destinations() -> impl Strategy<Value = Destination> {
    let hosts = select(&[ECR, SECRETS, LAYERS, HUB, "registry.example.org", "api.ecr.eu-west-1.amazonaws.com"][..]);
    let address = select(
        &[None, None, Some("44.1.2.3"), Some("52.216.9.9"), Some("10.0.1.9"), Some("10.0.2.9"), Some("10.7.0.1")][..],
    );
    (hosts, address).prop_map(|(host, address)| to(host).at(address.and_then(|address| address.parse().ok())))
}

pub(super) fn clients() -> impl Strategy<Value = Client> {
    (any::<bool>(), any::<bool>(), prop::bool::weighted(0.9)).prop_map(|(told, public, own)| Client {
        private_ip: if told { task().private_ip } else { None },
        public_ip: Ok(public),
        account: Some(if own { "111111111111" } else { "222222222222" }.to_owned()),
        ..task()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn hiding_an_answer_reverses_nothing(
        lab in labs(), client in clients(), destination in destinations(), picks in prop::collection::vec(0usize..64, 1..4),
    ) {
        let full = trace(&client, &destination, &lab);
        let answers = lab.answers();
        for one in &answers {
            less_is_known(&full, &trace(&client, &destination, &lab.without(one)), one);
        }
        let some = picks.iter().fold(lab.clone(), |lab, pick| lab.without(&answers[pick % answers.len()]));
        less_is_known(&full, &trace(&client, &destination, &some), &format!("{:?}", some.hidden));
    }

    #[test]
    fn opening_a_rule_closes_no_path(lab in labs(), client in clients(), destination in destinations()) {
        let before = trace(&client, &destination, &lab);
        let anywhere = || rule("-1", None, &["0.0.0.0/0"]);
        let mut opened = vec![];
        for id in ["sg-task", "sg-vpce"] {
            opened.push(changed(lab.clone(), |lab| {
                let group = lab.groups.get_mut(id).expect("a group of the lab");
                group.egress.push(anywhere());
                group.ingress.push(anywhere());
            }));
        }
        for index in 0..lab.acls.len() {
            for egress in [true, false] {
                opened.push(changed(lab.clone(), |lab| {
                    lab.acls[index].entries.push(entry(0, egress, "-1", None, "0.0.0.0/0", true));
                }));
            }
        }
        for lab in opened {
            let after = trace(&client, &destination, &lab);
            for blocker in &after.blockers {
                prop_assert!(before.blockers.iter().any(|one| one.same_as(blocker)), "{blocker:#?} in {lab:#?}");
            }
            prop_assert!(!before.is_open() || after.is_open());
        }
    }
}
