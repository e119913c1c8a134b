//! Whole paths over built networks.

use super::lab::{self, Lab, OTHER, PUBLIC, TASK, endpoint, entry, group, rule, task, with_endpoints, with_nat};
use super::*;
use crate::model::network::{GroupRule, Route, RouteTarget, SecurityGroup, VpcEndpoint};
use crate::model::{CauseId, Unknown};

mod differential;
mod endpoints;
mod faults;
mod gateways;
mod names;
mod random;
mod slow;
mod ways;

use faults::{Row, rows};

const ECR: &str = "api.ecr.us-east-1.amazonaws.com";
const SECRETS: &str = "secretsmanager.us-east-1.amazonaws.com";
const LAYERS: &str = "prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com";
const HUB: &str = "registry-1.docker.io";
const HOSTS: [&str; 4] = [ECR, SECRETS, LAYERS, HUB];

fn to(host: &str) -> Destination {
    Destination::https(host, "us-east-1")
}

fn changed(mut lab: Lab, change: impl FnOnce(&mut Lab)) -> Lab {
    change(&mut lab);
    lab
}

fn causes(path: &Path) -> Vec<&'static str> {
    path.blockers.iter().map(|blocker| blocker.cause.as_str()).collect()
}

fn endpoint_of<'a>(lab: &'a mut Lab, id: &str) -> &'a mut VpcEndpoint {
    lab.endpoints.iter_mut().find(|endpoint| endpoint.id == id).expect("an endpoint of the lab")
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
fn a_peering_connection_leads_to_the_other_vpc_and_not_to_the_internet() {
    let over = |to: &str| {
        changed(with_nat(), |lab| lab.tables[1].routes[1] = lab::route(to, RouteTarget::Elsewhere("pcx-1".to_owned())))
    };
    let path = trace(&task(), &to(HUB), &over("0.0.0.0/0"));
    assert_eq!(causes(&path), ["no-egress-route"]);
    assert!(path.blockers[0].explanation.contains("peering connection `pcx-1`"), "{path:#?}");
    let printed = |address: &str| trace(&task(), &to(ECR).at(address.parse().ok()), &over("0.0.0.0/0"));
    assert_eq!(causes(&printed("44.1.2.3")), ["no-egress-route"]);
    assert!(printed("10.7.0.1").opaque.is_some_and(|what| what.contains("pcx-1")), "an address of the other VPC");
}

#[test]
fn block_public_access_is_told_as_what_nobody_can_see_through() {
    for (subnet, mode, opaque) in [
        (TASK, "block-bidirectional", true),
        (TASK, "block-ingress", false),
        (PUBLIC, "block-bidirectional", true),
        (PUBLIC, "off", false),
    ] {
        let lab = changed(with_nat(), |lab| {
            let found = lab.subnets.iter_mut().find(|one| one.id == subnet).expect("a subnet of the lab");
            found.block_public_access = Some(mode.to_owned());
        });
        let path = trace(&task(), &to(ECR), &lab);
        assert_eq!((path.opaque.is_some(), path.blockers.is_empty()), (opaque, true), "{subnet} {mode}");
    }
    let lab = changed(with_nat(), |lab| lab.subnets[2].block_public_access = Some("block-ingress".to_owned()));
    let client =
        Client { subnet: PUBLIC.to_owned(), private_ip: "10.0.9.7".parse().ok(), public_ip: Ok(true), ..task() };
    assert!(trace(&client, &to(ECR), &lab).opaque.is_some(), "straight over the internet gateway");
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
    assert_eq!((causes(&path), path.resolver), (vec!["dns-resolution-disabled"], Resolver::Custom), "no route to them");
    lab.dns_servers = Some(vec!["10.9.9.9".to_owned(), "10.0.3.3".to_owned()]);
    let path = trace(&task(), &to(ECR), &lab);
    assert!(path.blockers.is_empty() && path.opaque.is_some(), "one of them may answer: {path:#?}");
    let printed = to(ECR).at("44.1.2.3".parse().ok());
    assert_eq!(causes(&trace(&task(), &printed, &lab)), ["no-egress-route"]);
    lab.dns_servers = Some(vec!["10.0.0.2".to_owned()]);
    assert_eq!(causes(&trace(&task(), &to(ECR), &lab)), ["no-egress-route"], "the VPC's own resolver");
}

#[test]
fn a_private_zone_that_answers_for_a_name_is_opaque_and_others_are_not() {
    let mut lab = with_nat();
    lab.tables[1].routes.pop();
    for (name, covers) in [
        ("us-east-1.amazonaws.com", true),
        ("API.ecr.us-east-1.amazonaws.com.", true),
        ("eu-west-1.amazonaws.com", false),
        ("ecr.us-east-1.amazonaws.co", false),
        ("cr.us-east-1.amazonaws.com", false),
    ] {
        lab.zones = vec![lab::zone("example.org"), lab::zone(name)];
        let path = trace(&task(), &to(ECR), &lab);
        assert_eq!(
            (path.zone != Zone::None, path.opaque.is_some(), path.blockers.is_empty()),
            (covers, covers, covers),
            "{name}"
        );
    }
    lab.zones =
        vec![crate::model::network::HostedZone { service: Some("vpce".to_owned()), ..lab::zone("amazonaws.com") }];
    assert_eq!(
        causes(&trace(&task(), &to(ECR), &lab)),
        ["no-egress-route"],
        "an endpoint's own, which tells of itself"
    );
    lab.zones = vec![lab::zone("amazonaws.com")];
    let printed = to(ECR).at("44.1.2.3".parse().ok());
    assert_eq!(causes(&trace(&task(), &printed, &lab)), ["no-egress-route"], "the address shows what was answered");
}

#[test]
fn zones_that_cannot_be_read_leave_open_what_they_may_change_and_nothing_else() {
    let open = trace(&task(), &to(ECR), &with_nat().without("zones"));
    assert!(open.blockers.is_empty() && open.unknown.is_empty() && open.opaque.is_some(), "{open:#?}");
    let no_way = changed(with_nat(), |lab| drop(lab.tables[1].routes.pop()));
    let path = trace(&task(), &to(ECR), &no_way.clone().without("zones"));
    assert!(path.blockers.is_empty() && path.unknown.len() == 1, "{path:#?}");
    let closed = no_way.with_group(group("sg-task", vec![], vec![])).without("zones");
    let path = trace(&task(), &to(ECR), &closed);
    assert_eq!(causes(&path), ["security-group-egress-blocked"], "closed to whatever a zone may answer");
    assert!(!path.unknown.is_empty());
}

#[test]
fn central_endpoints_behind_a_transit_gateway_cannot_be_seen_and_are_not_ruled_out() {
    let over = |to: &str| {
        changed(with_nat(), |lab| {
            lab.tables[1].routes[1] = lab::route(to, RouteTarget::Elsewhere("tgw-1".to_owned()));
        })
    };
    let path = trace(&task(), &to(ECR), &over("10.0.0.0/8"));
    assert!(path.blockers.is_empty() && path.unknown.iter().any(|why| why.contains("tgw-1")), "{path:#?}");
    assert_eq!(
        causes(&trace(&task(), &to(HUB), &over("10.0.0.0/8"))),
        ["no-egress-route"],
        "no endpoint could serve it"
    );
    let printed = to(ECR).at("44.1.2.3".parse().ok());
    assert_eq!(causes(&trace(&task(), &printed, &over("10.0.0.0/8"))), ["no-egress-route"], "the name led past it");
    assert_eq!(causes(&trace(&task(), &to(ECR), &over("52.0.0.0/16"))), Vec::<&str>::new(), "some of the internet");
    let dead = changed(over("10.0.0.0/8"), |lab| lab.tables[1].routes[1].blackhole = true);
    assert_eq!(causes(&trace(&task(), &to(ECR), &dead)), ["no-egress-route"]);
    let own = changed(over("10.0.0.0/8"), |lab| lab.endpoints.push(endpoint("vpce-1", "logs", &[TASK], &["sg-vpce"])));
    assert_eq!(causes(&trace(&task(), &to(ECR), &own)), ["vpc-endpoint-missing"], "it has endpoints of its own");
    let beside = changed(with_nat(), |lab| {
        lab.tables[1].routes.push(lab::route("10.0.0.0/8", RouteTarget::Elsewhere("tgw-1".to_owned())));
        lab.nats[0].state = "failed".to_owned();
    });
    assert_eq!(causes(&trace(&task(), &to(ECR), &beside)), ["nat-gateway-broken"], "a way to the internet was meant");
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
        fn hosted_zones(&self) -> Result<Option<&[HostedZone]>, Unknown> {
            self.note("zones")
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
    let all = ["support", "hostnames", "dhcp", "zones", "tables", "endpoints", "acls", "nats", "gateways", "vpc"];
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
