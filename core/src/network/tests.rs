//! Whole paths over built networks.

use super::lab::{self, Lab, PUBLIC, TASK, endpoint, entry, group, rule, task, with_endpoints, with_nat};
use super::*;
use crate::model::network::{Route, RouteTarget, SecurityGroup, VpcEndpoint};
use crate::model::{CauseId, Unknown};

const ECR: &str = "api.ecr.us-east-1.amazonaws.com";
const SECRETS: &str = "secretsmanager.us-east-1.amazonaws.com";
const LAYERS: &str = "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com";
const HUB: &str = "registry-1.docker.io";
const HOSTS: [&str; 4] = [ECR, SECRETS, LAYERS, HUB];

fn to(host: &str) -> Destination {
    Destination::https(host, "us-east-1")
}

fn causes(path: &Path) -> Vec<&'static str> {
    path.blockers.iter().map(|blocker| blocker.cause.as_str()).collect()
}

fn endpoint_of<'a>(lab: &'a mut Lab, id: &str) -> &'a mut VpcEndpoint {
    lab.endpoints.iter_mut().find(|endpoint| endpoint.id == id).expect("an endpoint of the lab")
}

/// A network, the client, where to, and what stops it: causes with their first two resources.
struct Row {
    why: &'static str,
    lab: Lab,
    client: Client,
    to: Destination,
    blocked: Vec<(&'static str, Vec<&'static str>)>,
}

fn row(why: &'static str, lab: Lab, host: &str, blocked: &[(&'static str, &[&'static str])]) -> Row {
    let blocked = blocked.iter().map(|(cause, resources)| (*cause, resources.to_vec())).collect();
    Row { why, lab, client: task(), to: to(host), blocked }
}

fn changed(mut lab: Lab, change: impl FnOnce(&mut Lab)) -> Lab {
    change(&mut lab);
    lab
}

fn deny(egress: bool, port: i32) -> crate::model::network::AclEntry {
    entry(90, egress, "6", Some((port, port)), "0.0.0.0/0", false)
}

/// Networks with one fault, or several, in the manner of the lab's scenarios.
fn rows() -> Vec<Row> {
    let public = || Client { subnet: PUBLIC.to_owned(), private_ip: "10.0.9.7".parse().ok(), ..task() };
    let at = |row: Row, address: &str| Row { to: row.to.clone().at(address.parse().ok()), ..row };
    let no_route = changed(with_nat(), |lab| drop(lab.tables[1].routes.pop()));
    let egress =
        |rules| move |lab: &mut Lab| drop(lab.groups.insert("sg-task".to_owned(), group("sg-task", vec![], rules)));
    let only_vpc = || vec![rule("tcp", Some(443), &["10.0.0.0/16"])];
    let mut from_task = rule("tcp", Some(443), &[]);
    from_task.groups = vec!["sg-alb".to_owned()];
    let closed = SecurityGroup { ingress: vec![from_task], ..group("sg-closed", vec![], vec![]) };
    vec![
        row(
            "no route but the local one, no endpoints",
            no_route.clone(),
            ECR,
            &[("no-egress-route", &["rtb-task", TASK])],
        ),
        at(
            row("the same, as the symptom prints it", no_route, ECR, &[("no-egress-route", &["rtb-task", TASK])]),
            "44.201.3.4",
        ),
        row("Docker Hub behind endpoints", with_endpoints(), HUB, &[("no-egress-route", &["rtb-task", TASK])]),
        row(
            "S3's endpoint was deleted",
            changed(with_endpoints(), |lab| {
                endpoint_of(lab, "vpce-s3").state = "deleted".to_owned();
                lab.tables[1].routes.pop();
            }),
            LAYERS,
            &[("vpc-endpoint-missing", &["vpc-1", TASK])],
        ),
        row(
            "S3's endpoint is on another table",
            changed(with_endpoints(), |lab| {
                endpoint_of(lab, "vpce-s3").route_tables = vec!["rtb-data".to_owned()];
                lab.tables[1].routes.pop();
            }),
            LAYERS,
            &[("s3-gateway-route-missing", &["vpce-s3", "rtb-task"])],
        ),
        row(
            "the endpoint's group lets the load balancer in only",
            changed(with_endpoints().with_group(closed.clone()), |lab| {
                endpoint_of(lab, "vpce-secretsmanager").security_groups = vec!["sg-closed".to_owned()];
            }),
            SECRETS,
            &[("vpc-endpoint-security-group-blocked", &["sg-closed", "vpce-secretsmanager"])],
        ),
        row(
            "private DNS is off",
            changed(with_endpoints(), |lab| endpoint_of(lab, "vpce-secretsmanager").private_dns = false),
            SECRETS,
            &[("vpc-endpoint-private-dns-disabled", &["vpce-secretsmanager", "vpc-1"])],
        ),
        row(
            "DNS hostnames are off, so that private DNS has no effect",
            changed(with_endpoints(), |lab| lab.dns_hostnames = Some(false)),
            SECRETS,
            &[("vpc-endpoint-private-dns-disabled", &["vpc-1", "vpce-secretsmanager"])],
        ),
        row(
            "the endpoint has failed",
            changed(with_endpoints(), |lab| endpoint_of(lab, "vpce-secretsmanager").state = "Failed".to_owned()),
            SECRETS,
            &[("vpc-endpoint-not-available", &["vpce-secretsmanager", "vpc-1"])],
        ),
        row(
            "the gateway endpoint is still pending",
            changed(with_endpoints(), |lab| endpoint_of(lab, "vpce-s3").state = "pending".to_owned()),
            LAYERS,
            &[("vpc-endpoint-not-available", &["vpce-s3", "vpc-1"])],
        ),
        row(
            "the group allows the VPC only, and S3's gateway is not in it",
            changed(with_endpoints(), egress(only_vpc())),
            LAYERS,
            &[("security-group-egress-blocked", &["sg-task"])],
        ),
        row("the same group lets endpoints be reached", changed(with_endpoints(), egress(only_vpc())), ECR, &[]),
        row(
            "a missing endpoint, behind a group that would let its address be reached",
            changed(with_endpoints(), |lab| {
                egress(only_vpc())(lab);
                lab.endpoints.retain(|endpoint| endpoint.id != "vpce-secretsmanager");
            }),
            SECRETS,
            &[("vpc-endpoint-missing", &["vpc-1", TASK])],
        ),
        row(
            "the group allows nothing, and the ACL neither",
            changed(with_nat(), |lab| {
                egress(vec![])(lab);
                lab.acls[0].entries.insert(0, deny(true, 443));
            }),
            ECR,
            &[("security-group-egress-blocked", &["sg-task"]), ("network-acl-blocked", &["acl-task", TASK])],
        ),
        row(
            "the ACL denies 443",
            changed(with_nat(), |lab| lab.acls[0].entries.push(deny(true, 443))),
            ECR,
            &[("network-acl-blocked", &["acl-task", TASK])],
        ),
        row(
            "the ACL of the NAT gateway's subnet lets nothing in",
            changed(with_nat(), |lab| lab.acls[2].entries.retain(|entry| entry.egress)),
            ECR,
            &[("network-acl-blocked", &["acl-public", PUBLIC])],
        ),
        row(
            "an ACL of one of the endpoint's subnets is closed, the other is the task's own",
            changed(with_endpoints(), |lab| lab.acls[1].entries.clear()),
            ECR,
            &[],
        ),
        at(
            row(
                "the same, and the symptom prints an address behind it",
                changed(with_endpoints(), |lab| lab.acls[1].entries.clear()),
                ECR,
                &[("network-acl-blocked", &["acl-other", "subnet-other"])],
            ),
            "10.0.2.9",
        ),
        at(
            row(
                "nothing is denied inside one subnet",
                changed(with_endpoints(), |lab| lab.acls[0].entries.clear()),
                ECR,
                &[],
            ),
            "10.0.1.9",
        ),
        row(
            "the NAT gateway was deleted",
            changed(with_nat(), |lab| {
                lab.tables[1].routes[1].blackhole = true;
                lab.nats[0].state = "deleted".to_owned();
            }),
            ECR,
            &[("route-blackhole", &["rtb-task", "nat-1"])],
        ),
        row(
            "the NAT gateway failed",
            changed(with_nat(), |lab| lab.nats[0].state = "failed".to_owned()),
            ECR,
            &[("nat-gateway-broken", &["nat-1", PUBLIC])],
        ),
        row(
            "the NAT gateway's subnet lost its way out",
            changed(with_nat(), |lab| drop(lab.tables[2].routes.pop())),
            ECR,
            &[("nat-gateway-broken", &["nat-1", "rtb-public"])],
        ),
        row(
            "the NAT gateway stands in a subnet that leads to it",
            changed(with_nat(), |lab| lab.nats[0].subnet = Some(TASK.to_owned())),
            ECR,
            &[("nat-gateway-broken", &["nat-1", "rtb-task"])],
        ),
        row(
            "the NAT gateway is private",
            changed(with_nat(), |lab| lab.nats[0].public = false),
            ECR,
            &[("no-egress-route", &["rtb-task", TASK])],
        ),
        Row {
            client: public(),
            ..row("no public IP", with_nat(), ECR, &[("public-ip-missing", &[PUBLIC, "rtb-public"])])
        },
        Row { client: Client { public_ip: Ok(true), ..public() }, ..row("a public IP", with_nat(), ECR, &[]) },
        Row {
            client: Client { public_ip: Ok(true), ..public() },
            ..row(
                "the internet gateway is not attached",
                changed(with_nat(), |lab| lab.gateways.clear()),
                ECR,
                &[("route-blackhole", &["rtb-public", "igw-1"])],
            )
        },
        row(
            "DNS is off, and behind it there is no way",
            changed(with_nat(), |lab| {
                lab.dns_support = Some(false);
                lab.tables[1].routes.pop();
            }),
            ECR,
            &[("dns-resolution-disabled", &["vpc-1"]), ("no-egress-route", &["rtb-task", TASK])],
        ),
        row("all is well over NAT", with_nat(), LAYERS, &[]),
        row("all is well over endpoints", with_endpoints(), LAYERS, &[]),
        row("the internet is there", with_nat(), HUB, &[]),
        row(
            "the agent's endpoints are none that a launch needs",
            changed(with_nat(), |lab| {
                lab.tables[1].routes.pop();
                lab.endpoints.push(endpoint("vpce-agent", "ecs-agent", &[TASK], &["sg-vpce"]));
            }),
            "111111111111.dkr.ecr.us-east-1.amazonaws.com",
            &[("no-egress-route", &["rtb-task", TASK])],
        ),
        row(
            "another region's registry takes a way to the internet, whatever endpoints there are",
            with_endpoints(),
            "api.ecr.eu-west-1.amazonaws.com",
            &[("no-egress-route", &["rtb-task", TASK])],
        ),
    ]
}

#[test]
fn each_fault_is_named_with_what_to_change() {
    for Row { why, lab, client, to, blocked } in rows() {
        let path = trace(&client, &to, &lab);
        let found: Vec<(&str, Vec<&str>)> = path
            .blockers
            .iter()
            .map(|one| (one.cause.as_str(), one.resources.iter().take(2).map(String::as_str).collect()))
            .collect();
        assert_eq!(found, blocked, "{why}: {path:#?}");
        for blocker in &path.blockers {
            assert!(!blocker.parts.is_empty() && blocker.explanation.contains('`'), "{why}");
        }
    }
}

#[test]
fn hiding_an_answer_never_makes_a_blocker_and_never_opens_a_path() {
    for Row { why, lab, client, to: own, .. } in rows() {
        for destination in HOSTS.map(to).into_iter().chain([own.clone()]) {
            let full = trace(&client, &destination, &lab);
            for one in lab.answers() {
                let others = if destination == own { lab.answers() } else { vec![one.clone()] };
                for other in others {
                    let hidden = trace(&client, &destination, &lab.without(&one).without(&other));
                    less_is_known(&full, &hidden, &format!("{why}: {} without {one}, {other}", destination.host));
                }
            }
        }
    }
}

fn less_is_known(full: &Path, hidden: &Path, what: &str) {
    for blocker in &hidden.blockers {
        assert!(
            full.blockers.iter().any(|one| one.same_as(blocker)),
            "{what}: {blocker:#?} in {hidden:#?}, not in {full:#?}"
        );
    }
    assert!(full.is_open() || !hidden.is_open(), "{what}");
    let lost = full.blockers.iter().any(|one| !hidden.blockers.iter().any(|other| other.same_as(one)));
    assert!(!lost || !hidden.unknown.is_empty() || hidden.opaque.is_some(), "{what}: {hidden:#?}");
}

#[test]
fn the_way_names_the_endpoint_whose_policy_matters() {
    let lab = with_endpoints();
    let way = |host| trace(&task(), &to(host), &lab).way.and_then(|way| way.endpoint().map(str::to_owned));
    assert_eq!(way(ECR).as_deref(), Some("vpce-ecr.api"));
    assert_eq!(way(LAYERS).as_deref(), Some("vpce-s3"));
    assert_eq!(trace(&task(), &to(ECR), &with_nat()).way, Some(Way::NatGateway("nat-1".to_owned())));
    assert_eq!(way(HUB), None);
}

#[test]
fn a_sound_path_is_open_and_nothing_is_left_unknown() {
    for (lab, hosts) in [(with_nat(), &HOSTS[..]), (with_endpoints(), &HOSTS[..3])] {
        for host in hosts {
            let path = trace(&task(), &to(host), &lab);
            assert!(path.is_open(), "{path:#?}");
        }
    }
}

#[test]
fn a_transit_gateway_is_opaque_and_blocks_nothing() {
    let lab = changed(with_nat(), |lab| lab.tables[1].routes[1].target = RouteTarget::Elsewhere("tgw-1".to_owned()));
    let path = trace(&task(), &to(ECR), &lab);
    assert!(path.blockers.is_empty() && !path.is_open());
    assert!(path.opaque.is_some_and(|what| what.contains("tgw-1")));
}

#[test]
fn in_a_shared_vpc_a_list_without_an_endpoint_proves_nothing() {
    let mut lab = with_nat();
    lab.tables[1].routes.pop();
    let guest = Client { account: Some("222222222222".to_owned()), ..task() };
    let path = trace(&guest, &to(ECR), &lab);
    assert!(path.blockers.is_empty() && !path.unknown.is_empty(), "{path:#?}");
    // No endpoint, seen or not, could serve Docker Hub.
    assert_eq!(causes(&trace(&guest, &to(HUB), &lab)), ["no-egress-route"]);
}

#[test]
fn a_closed_group_blocks_whatever_the_route() {
    let lab = with_nat().with_group(group("sg-task", vec![], vec![])).without("tables").without("endpoints");
    assert_eq!(causes(&trace(&task(), &to(ECR), &lab)), ["security-group-egress-blocked"]);
}

#[test]
fn a_failed_endpoint_beside_a_way_out_is_not_known_to_block() {
    let mut lab = with_nat();
    lab.endpoints
        .push(VpcEndpoint { state: "failed".to_owned(), ..endpoint("vpce-1", "ecr.api", &[TASK], &["sg-vpce"]) });
    let path = trace(&task(), &to(ECR), &lab);
    assert!(path.blockers.is_empty() && !path.unknown.is_empty(), "{path:#?}");
}

#[test]
fn own_dns_servers_are_opaque_until_the_symptom_prints_an_address() {
    let mut lab = with_nat();
    lab.dns_servers = Some(vec!["10.9.9.9".to_owned()]);
    lab.tables[1].routes.pop();
    let path = trace(&task(), &to(ECR), &lab);
    assert!(path.blockers.is_empty() && path.opaque.is_some(), "{path:#?}");
    let printed = to(ECR).at("44.1.2.3".parse().ok());
    assert_eq!(causes(&trace(&task(), &printed, &lab)), ["no-egress-route"]);
    lab.dns_servers = Some(vec!["10.0.0.2".to_owned()]);
    assert_eq!(causes(&trace(&task(), &to(ECR), &lab)), ["no-egress-route"], "the VPC's own resolver");
}

#[test]
fn an_address_that_was_dialled_shows_that_names_resolved_then() {
    let mut lab = with_nat();
    lab.dns_support = Some(false);
    lab.nats[0].state = "failed".to_owned();
    let printed = to(ECR).at("44.1.2.3".parse().ok());
    assert_eq!(causes(&trace(&task(), &printed, &lab)), ["nat-gateway-broken", "dns-resolution-disabled"]);
}

#[test]
fn routes_for_part_of_the_internet_leave_it_open_which_is_taken() {
    let mut lab = with_nat();
    lab.tables[1]
        .routes
        .push(Route { blackhole: true, ..lab::route("44.0.0.0/8", RouteTarget::Interface("eni-1".to_owned())) });
    let path = trace(&task(), &to(ECR), &lab);
    assert!(path.blockers.is_empty() && !path.unknown.is_empty(), "{path:#?}");
    let printed = to(ECR).at("44.1.2.3".parse().ok());
    assert_eq!(causes(&trace(&task(), &printed, &lab)), ["route-blackhole"]);
}

#[test]
fn a_partial_acl_is_said_and_does_not_block() {
    let mut lab = with_nat();
    lab.acls[0].entries = vec![
        entry(100, true, "-1", None, "0.0.0.0/0", true),
        entry(100, false, "6", Some((49152, 65535)), "0.0.0.0/0", true),
    ];
    let path = trace(&task(), &to(ECR), &lab);
    assert!(path.blockers.is_empty(), "{path:#?}");
    assert!(path.unknown.iter().any(|text| text.contains("only some of TCP")), "{path:#?}");
}

#[test]
fn what_ipv6_does_is_not_known() {
    let mut lab = with_nat();
    lab.tables[1].routes.pop();
    lab.subnets[0].ipv6_native = true;
    let path = trace(&task(), &to(ECR), &lab);
    assert!(path.blockers.is_empty() && !path.unknown.is_empty());
    lab.subnets[0].ipv6_native = false;
    lab.subnets[0].ipv6_cidrs = vec!["2600:1f18::/64".to_owned()];
    assert_eq!(causes(&trace(&task(), &to(ECR), &lab)), ["no-egress-route"], "ECR's classic names are IPv4");
    assert!(trace(&task(), &to("ecr.us-east-1.api.aws"), &lab).blockers.is_empty());
}

#[test]
fn a_client_that_is_not_known_is_not_blamed() {
    let lab = with_nat().with_group(group("sg-task", vec![], vec![]));
    let client = Client { security_groups: Err(Unknown::new()), ..task() };
    let path = trace(&client, &to(ECR), &lab);
    assert!(path.blockers.is_empty() && !path.unknown.is_empty());
    let client = Client { subnet: PUBLIC.to_owned(), public_ip: Err(Unknown::new()), ..task() };
    let path = trace(&client, &to(ECR), &with_nat());
    assert!(path.blockers.is_empty() && !path.unknown.is_empty());
}

#[test]
fn every_question_that_can_be_named_is_asked_though_the_first_answers_are_lacking() {
    struct Noting(std::cell::RefCell<Vec<String>>);
    impl Noting {
        fn note<T>(&self, what: &str) -> Result<T, Unknown> {
            self.0.borrow_mut().push(what.to_owned());
            Err(Unknown::new())
        }
    }
    use crate::model::network::*;
    impl Surroundings for Noting {
        fn subnet(&self, id: &str) -> Result<Option<&Subnet>, Unknown> {
            self.note(id)
        }
        fn vpc(&self) -> Result<Option<&Vpc>, Unknown> {
            self.note("vpc")
        }
        fn dns_support(&self) -> Result<Option<bool>, Unknown> {
            self.note("support")
        }
        fn dns_hostnames(&self) -> Result<Option<bool>, Unknown> {
            self.note("hostnames")
        }
        fn dhcp_dns_servers(&self) -> Result<Option<&[String]>, Unknown> {
            self.note("dhcp")
        }
        fn route_tables(&self) -> Result<Option<&[RouteTable]>, Unknown> {
            self.note("tables")
        }
        fn endpoints(&self) -> Result<Option<&[VpcEndpoint]>, Unknown> {
            self.note("endpoints")
        }
        fn acls(&self) -> Result<Option<&[NetworkAcl]>, Unknown> {
            self.note("acls")
        }
        fn nat_gateways(&self) -> Result<Option<&[NatGateway]>, Unknown> {
            self.note("nats")
        }
        fn internet_gateways(&self) -> Result<Option<&[InternetGateway]>, Unknown> {
            self.note("gateways")
        }
        fn security_group(&self, id: &str) -> Result<Option<&SecurityGroup>, Unknown> {
            self.note(id)
        }
        fn prefix_list(&self, id: &str) -> Result<Option<&PrefixList>, Unknown> {
            self.note(id)
        }
        fn aws_prefix_list(&self, name: &str) -> Result<Option<&PrefixList>, Unknown> {
            self.note(name)
        }
    }
    let noting = Noting(std::cell::RefCell::default());
    let path = trace(&task(), &to(LAYERS), &noting);
    assert!(path.blockers.is_empty() && !path.unknown.is_empty());
    let asked = noting.0.into_inner();
    let all = ["support", "hostnames", "dhcp", "tables", "endpoints", "acls", "nats", "gateways", "vpc"];
    for question in all.into_iter().chain([TASK, "sg-task", "com.amazonaws.us-east-1.s3"]) {
        assert!(asked.iter().any(|one| one == question), "{question} in {asked:?}");
    }
}

#[test]
fn all_causes_of_a_path_have_a_row() {
    let mut found: Vec<CauseId> = rows()
        .iter()
        .flat_map(|row| trace(&row.client, &row.to, &row.lab).blockers)
        .map(|blocker| blocker.cause)
        .collect();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 12, "{found:?}");
}

mod random {
    //! The same over networks that nobody thought of.

    use super::*;
    use crate::model::network::{AclEntry, GroupRule};
    use proptest::prelude::*;
    use proptest::sample::select;

    fn ranges() -> impl Strategy<Value = &'static str> {
        select(
            &["0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/24", "10.0.2.0/24", "52.216.0.0/15", "44.0.0.0/8", "10.0.1.20/32"]
                [..],
        )
    }

    fn group_rules() -> impl Strategy<Value = Vec<GroupRule>> {
        let one = (select(&["-1", "tcp", "udp"][..]), select(&[None, Some(443), Some(80)][..]), ranges(), 0..4)
            .prop_map(|(protocol, port, range, kind)| match kind {
                0 => GroupRule { groups: vec!["sg-task".to_owned()], ..rule(protocol, port, &[]) },
                1 => GroupRule { groups: vec!["sg-vpce".to_owned()], ..rule(protocol, port, &[]) },
                2 => GroupRule { prefix_lists: vec!["pl-s3".to_owned()], ..rule(protocol, port, &[]) },
                _ => rule(protocol, port, &[range]),
            });
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
        let s3 =
            any::<bool>().prop_map(|is| is.then(|| lab::route("pl-s3", RouteTarget::Endpoint("vpce-s3".to_owned()))));
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
        (services, state, subnets, any::<bool>(), s3).prop_map(
            |(services, state, subnets, dns, (has_s3, table, s3))| {
                let of = |service: &&str| VpcEndpoint {
                    state: state.to_owned(),
                    private_dns: dns,
                    ..endpoint(&format!("vpce-{service}"), service, &subnets, &["sg-vpce"])
                };
                let gateway = VpcEndpoint { state: s3.to_owned(), ..lab::s3_gateway(&[table]) };
                services.iter().map(of).chain(has_s3.then_some(gateway)).collect()
            },
        )
    }

    fn labs() -> impl Strategy<Value = Lab> {
        let groups = (group_rules(), group_rules(), group_rules());
        let acls = (acl_entries(), acl_entries(), acl_entries());
        let switches = (prop::bool::weighted(0.9), prop::bool::weighted(0.8), prop::bool::weighted(0.9));
        let nat = (prop::bool::weighted(0.8), prop::bool::weighted(0.8), select(&[TASK, PUBLIC, "subnet-other"][..]));
        let attached = prop::bool::weighted(0.8);
        (groups, acls, (routes(), routes()), endpoints(), switches, nat, attached).prop_map(
            |(groups, acls, tables, endpoints, (support, hostnames, amazon), (works, public, place), attached)| {
                let mut lab = with_nat()
                    .with_group(group("sg-task", vec![], groups.0))
                    .with_group(group("sg-vpce", groups.1, groups.2))
                    .with_list(lab::list("pl-own", "own", &["44.0.0.0/9", "52.216.0.0/16"]));
                (lab.acls[0].entries, lab.acls[1].entries, lab.acls[2].entries) = acls;
                (lab.tables[1].routes, lab.tables[2].routes) = tables;
                lab.endpoints = endpoints;
                (lab.dns_support, lab.dns_hostnames) = (Some(support), Some(hostnames));
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

    fn clients() -> impl Strategy<Value = Client> {
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
}
