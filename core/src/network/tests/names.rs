//! What names lead to: DNS servers, private zones, IPv6, and addresses that the symptom prints.

use super::*;

fn own_servers(servers: &[&str]) -> Lab {
    changed(with_nat(), |lab| lab.dns_servers = Some(servers.iter().map(|&server| server.to_owned()).collect()))
}

/// A lab without a way out, so that whatever the name leads to outside is blocked.
fn shut(lab: Lab) -> Lab {
    changed(lab, |lab| lab.tables[1].routes.truncate(1))
}

fn printed(host: &str) -> Destination {
    to(host).at("44.1.2.3".parse().ok())
}

#[test]
fn amazons_resolver_goes_by_its_name_and_by_three_addresses() {
    for (servers, resolver) in [
        (&["AmazonProvidedDNS"][..], Resolver::Amazon),
        (&["amazonprovideddns"], Resolver::Amazon),
        (&["169.254.169.253"], Resolver::Amazon),
        (&["fd00:ec2::253"], Resolver::Amazon),
        (&["10.0.0.2", "AmazonProvidedDNS"], Resolver::Amazon),
        (&["10.0.0.3"], Resolver::Custom),
        (&["AmazonProvidedDNS", "10.9.9.9"], Resolver::Custom),
        (&[], Resolver::Unknown),
    ] {
        assert_eq!(trace(&task(), &to(ECR), &own_servers(servers)).resolver, resolver, "{servers:?}");
    }
}

#[test]
fn an_address_of_a_server_may_be_amazons_while_the_range_of_the_vpc_is_not_known() {
    let lab = own_servers(&["10.0.0.2"]).without("vpc");
    assert_eq!(trace(&task(), &to(ECR), &lab).resolver, Resolver::Unknown);
    let named = with_nat().without("vpc");
    assert_eq!(trace(&task(), &to(ECR), &named).resolver, Resolver::Amazon);
}

#[test]
fn servers_that_cannot_be_reached_today_did_answer_where_an_address_was_dialled() {
    let lab = shut(own_servers(&["10.9.9.9"]));
    assert_eq!(causes(&trace(&task(), &to(HUB), &lab)), ["dns-resolution-disabled"]);
    assert_eq!(causes(&trace(&task(), &printed(HUB), &lab)), ["no-egress-route"]);
}

#[test]
fn a_server_is_barred_by_group_or_route_and_by_neither_where_a_live_route_leads_to_it() {
    let mut lab = own_servers(&["10.9.9.9", "10.8.8.8"]);
    lab.vpc.iter_mut().for_each(|vpc| vpc.dhcp_options = Some("dopt-1".to_owned()));
    let https = vec![rule("tcp", Some(443), &["0.0.0.0/0"])];
    let only_https = lab.clone().with_group(group("sg-task", vec![], https));
    let told = |lab: &Lab| -> Vec<(Vec<String>, String)> {
        let blockers = trace(&task(), &to(HUB), lab).blockers.into_iter();
        blockers.map(|one| (one.resources, one.explanation)).collect()
    };
    let begins = "`registry-1.docker.io` does not resolve: the VPC's DNS servers are `10.9.9.9`, `10.8.8.8`, and ";
    let found = |resources: &[&str], end: &str| {
        vec![(resources.iter().map(|&id| id.to_owned()).collect::<Vec<_>>(), format!("{begins}{end}"))]
    };
    assert_eq!(
        told(&only_https),
        found(&["sg-task", "dopt-1", "vpc-1"], "no outbound rule of security group `sg-task` allows UDP 53 to them")
    );
    let mut dead = lab.clone();
    dead.tables[1].routes[1].blackhole = true;
    assert_eq!(
        told(&dead),
        found(
            &["dopt-1", "vpc-1"],
            "route table `rtb-task` of subnet `subnet-task` sends `10.9.9.9` to `nat-1`, which is gone"
        )
    );
    assert_eq!(
        told(&shut(lab.clone())),
        found(&["dopt-1", "vpc-1"], "route table `rtb-task` of subnet `subnet-task` has no route to `10.9.9.9`")
    );
    assert_eq!(told(&lab), [], "what lies behind a live route, nobody can tell");
}

#[test]
fn support_that_is_off_disables_amazons_resolver_and_nobody_elses() {
    let off = |lab: Lab| changed(lab, |lab| lab.dns_support = Some(false));
    let path = trace(&task(), &to(ECR), &off(with_nat()));
    assert_eq!(
        (causes(&path), path.blockers[0].resources.clone()),
        (vec!["dns-resolution-disabled"], vec!["vpc-1".to_owned()])
    );
    for lab in [off(own_servers(&["10.0.3.3"])), off(with_nat()).without("dhcp"), with_nat().without("support")] {
        let path = trace(&task(), &to(ECR), &lab);
        assert!(path.blockers.is_empty() && !path.is_open(), "{path:#?}");
    }
}

#[test]
fn the_most_specific_private_zone_answers() {
    let mut lab = with_nat();
    lab.zones = ["amazonaws.com.", "us-east-1.amazonaws.com", "com", ""].map(lab::zone).to_vec();
    assert_eq!(trace(&task(), &to(ECR), &lab).zone, Zone::Answers("Z-us-east-1.amazonaws.com".to_owned()));
    lab.zones = vec![lab::zone(ECR), lab::zone("us-east-1.amazonaws.com")];
    assert_eq!(trace(&task(), &to(ECR), &lab).zone, Zone::Answers(format!("Z-{ECR}")), "a zone of the very name");
    lab.zones = vec![lab::zone(""), lab::zone(".")];
    assert_eq!(trace(&task(), &to(ECR), &lab).zone, Zone::None, "names of nothing");
}

#[test]
fn zones_that_are_not_known_matter_for_names_that_amazons_resolver_answers_and_for_no_others() {
    let opaque = |lab: Lab, to: &Destination| trace(&task(), to, &lab.without("zones")).opaque.unwrap_or_default();
    assert!(opaque(with_nat(), &to(ECR)).contains("private hosted zones are not known"));
    assert_eq!(opaque(with_nat(), &printed(ECR)), "", "the name has led to an address");
    assert!(opaque(own_servers(&["10.0.3.3"]), &to(ECR)).contains("`10.0.3.3`"), "whose own zones nobody can read");
    assert_eq!(opaque(with_nat().without("dhcp"), &to(ECR)), "", "who answers at all is not known");
}

#[test]
fn a_route_for_ipv6_over_a_transit_gateway_shows_no_central_endpoints() {
    let over = |range: &str| {
        let route = lab::route(range, RouteTarget::Elsewhere("tgw-1".to_owned()));
        changed(with_nat(), |lab| lab.tables[1].routes[1] = route)
    };
    for range in ["fd00::/8", "::/0"] {
        assert_eq!(causes(&trace(&task(), &to(ECR), &over(range))), ["no-egress-route"], "{range}");
    }
    assert!(trace(&task(), &to(ECR), &over("192.168.0.0/16")).blockers.is_empty(), "a private range may lead to them");
}

#[test]
fn ipv4_is_followed_where_the_client_or_the_address_shows_it() {
    let lab = shut(with_nat());
    let dual = "ecr.us-east-1.api.aws";
    let hidden = lab.without(TASK);
    let untold = Client { private_ip: None, ..task() };
    let six = Client { private_ip: "2600:1f18::5".parse().ok(), ..task() };
    let decides = |client: &Client, to: &Destination, lab: &Lab| {
        !trace(client, to, lab).unknown.iter().any(|why| why.contains("IPv6"))
    };
    assert!(decides(&task(), &to(ECR), &hidden), "an IPv4 address and a name without IPv6");
    assert!(!decides(&untold, &to(ECR), &hidden), "the subnet may have IPv6 only");
    assert!(!decides(&six, &to(ECR), &hidden));
    assert!(!decides(&task(), &to(dual), &hidden), "they may meet over IPv6");
    assert!(!decides(&task(), &to("registry.example.org"), &hidden));
    assert!(decides(&task(), &printed(dual), &hidden), "IPv4 was dialled");
    assert!(!decides(&task(), &to(ECR).at("2600::1".parse().ok()), &lab), "IPv6 was dialled");
}

#[test]
fn an_endpoint_that_would_answer_today_leaves_a_public_address_in_doubt() {
    let lab = changed(with_endpoints(), |lab| drop(lab.tables[1].routes.pop()));
    let path = trace(&task(), &printed(SECRETS), &lab);
    assert!(path.blockers.is_empty(), "{path:#?}");
    assert!(path.unknown.iter().any(|why| why.contains("`vpce-secretsmanager` may answer")), "{path:#?}");
    let path = trace(&task(), &printed(SECRETS), &lab.without("hostnames"));
    assert!(path.blockers.is_empty() && !path.unknown.is_empty(), "it may answer: {path:#?}");
}

#[test]
fn an_endpoint_that_may_not_answer_today_is_passed_by_where_a_public_address_was_dialled() {
    let failed = VpcEndpoint { state: "failed".to_owned(), ..endpoint("vpce-1", "ecr.api", &[TASK], &["sg-vpce"]) };
    let lab = changed(with_nat(), |lab| lab.endpoints.push(failed));
    let path = trace(&task(), &printed(ECR), &lab);
    assert!(path.is_open(), "{path:#?}");
    assert!(!trace(&task(), &to(ECR), &lab).is_open(), "without an address nobody knows which it is");
}

#[test]
fn an_owners_endpoints_that_cannot_be_seen_did_not_answer_where_a_public_address_was_dialled() {
    let broken = changed(with_nat(), |lab| lab.nats[0].state = "failed".to_owned());
    let guest = Client { account: Some("222222222222".to_owned()), ..task() };
    assert_eq!(causes(&trace(&guest, &printed(ECR), &broken)), ["nat-gateway-broken"]);
    assert!(trace(&guest, &to(ECR), &broken).blockers.is_empty(), "one of the owner's may serve the name");
    let path = trace(&task(), &printed(ECR), &broken.without("endpoints"));
    assert!(path.blockers.is_empty() && path.unknown.iter().any(|why| why.contains("endpoints are not known")));
}

#[test]
fn an_address_inside_the_vpc_belongs_to_the_endpoint_in_whose_subnet_it_is() {
    let way = |address: &str, lab: &Lab| trace(&task(), &to(ECR).at(address.parse().ok()), lab).way;
    let lab = with_endpoints();
    assert_eq!(way("10.0.2.9", &lab), Some(Way::InterfaceEndpoint(Some("vpce-ecr.api".to_owned()))));
    assert_eq!(way("10.0.9.9", &lab), Some(Way::Local), "in a subnet without interfaces of it");
    let path = trace(&task(), &to(ECR).at("10.0.2.9".parse().ok()), &lab.without(OTHER));
    assert!(
        path.unknown.iter().any(|why| why.contains("subnets of endpoint `vpce-ecr.api` are not known")),
        "{path:#?}"
    );
    let guest = Client { account: Some("222222222222".to_owned()), ..task() };
    for (client, lab) in [(&guest, with_nat()), (&task(), with_nat().without("endpoints"))] {
        let path = trace(client, &to(ECR).at("10.0.9.9".parse().ok()), &lab);
        assert!(path.unknown.iter().any(|why| why.contains("`10.0.9.9` inside the VPC belongs to is not known")));
    }
}

#[test]
fn a_public_name_never_leads_to_a_range_of_the_vpc() {
    // EC2 lets a VPC have public ranges, which it does not route to the internet.
    let lab = changed(with_nat(), |lab| {
        lab.vpc.iter_mut().for_each(|vpc| vpc.cidrs.push("44.0.0.0/8".to_owned()));
        lab.tables[1].routes.push(lab::route("44.0.0.0/8", RouteTarget::Local));
    });
    let path = trace(&task(), &to(ECR), &lab);
    assert!(path.is_open(), "{path:#?}");
}
