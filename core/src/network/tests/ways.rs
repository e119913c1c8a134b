//! Where routes lead, and what stands on the way there.

use super::*;
use crate::network::path::Part;

#[test]
fn a_route_inside_the_vpc_that_is_narrower_than_the_local_one_leads_over_a_middlebox() {
    let over = |blackhole| {
        changed(with_endpoints(), |lab| {
            let route = lab::route("10.0.1.0/24", RouteTarget::Interface("eni-fw".to_owned()));
            lab.tables[1].routes.push(Route { blackhole, ..route });
            endpoint_of(lab, "vpce-ecr.api").subnets = vec![TASK.to_owned()];
        })
    };
    let path = trace(&task(), &to(ECR), &over(false));
    assert_eq!((causes(&path), path.way), (vec![], Some(Way::Elsewhere("eni-fw".to_owned()))));
    assert!(path.opaque.is_some_and(|what| what.contains("over `eni-fw`")));
    assert_eq!(causes(&trace(&task(), &to(ECR), &over(true))), ["route-blackhole"]);
}

#[test]
fn an_appliance_or_an_instance_that_forwards_cannot_be_seen_through() {
    for target in [
        RouteTarget::Interface("eni-1".to_owned()),
        RouteTarget::Endpoint("vpce-gwlb".to_owned()),
        RouteTarget::EgressOnlyGateway("eigw-1".to_owned()),
        RouteTarget::Elsewhere("vgw-1".to_owned()),
    ] {
        let lab = changed(with_nat(), |lab| {
            let kind = "GatewayLoadBalancer".to_owned();
            lab.endpoints.push(VpcEndpoint { kind, ..endpoint("vpce-gwlb", "vpce-svc-1", &[TASK], &[]) });
            lab.tables[1].routes[1].target = target.clone();
        });
        let path = trace(&task(), &to(HUB), &lab);
        assert!(path.blockers.is_empty() && path.opaque.is_some(), "{target:?}");
        assert_eq!(path.way, Some(Way::Elsewhere(crate::network::route::target_id(&target).to_owned())));
        let closed = lab.with_group(group("sg-task", vec![], vec![]));
        assert_eq!(causes(&trace(&task(), &to(HUB), &closed)), ["security-group-egress-blocked"], "{target:?}");
    }
}

#[test]
fn a_closed_acl_before_what_cannot_be_seen_is_said_and_not_blamed() {
    let lab = changed(with_nat(), |lab| {
        lab.tables[1].routes[1].target = RouteTarget::Interface("eni-1".to_owned());
        lab.acls[0].entries.clear();
    });
    let path = trace(&task(), &to(HUB), &lab);
    assert!(path.blockers.is_empty() && path.unknown.iter().any(|why| why.contains("`acl-task`")), "{path:#?}");
}

#[test]
fn an_address_inside_the_vpc_that_is_no_endpoints_is_opaque_unless_the_group_is_closed() {
    let inside = to("registry.example.org").at("10.0.9.20".parse().ok());
    let path = trace(&task(), &inside, &with_nat());
    assert_eq!((path.way, path.blockers.is_empty(), path.opaque.is_some()), (Some(Way::Local), true, true));
    let closed = with_nat().with_group(group("sg-task", vec![], vec![]));
    assert_eq!(causes(&trace(&task(), &inside, &closed)), ["security-group-egress-blocked"]);
    let hidden = closed.without("tables");
    assert_eq!(causes(&trace(&task(), &inside, &hidden)), ["security-group-egress-blocked"]);
    let elsewhere = with_nat().with_group(group("sg-task", vec![], vec![rule("tcp", Some(443), &["10.0.1.0/24"])]));
    for lab in [elsewhere.clone(), elsewhere.without("tables")] {
        assert_eq!(causes(&trace(&task(), &inside, &lab)), ["security-group-egress-blocked"], "this address counts");
    }
}

#[test]
fn without_the_route_table_only_what_is_closed_everywhere_is_blamed() {
    let only = |range: &str| vec![rule("tcp", Some(443), &[range])];
    let hidden = |rules| with_nat().with_group(group("sg-task", vec![], rules)).without("tables");
    let path = trace(&task(), &to(ECR), &hidden(only("10.0.0.0/16")));
    assert!(path.blockers.is_empty(), "an endpoint may be what is missing: {path:#?}");
    assert!(path.unknown.iter().any(|why| why.contains("route table of subnet `subnet-task` is not known")));
    assert_eq!(causes(&trace(&task(), &to(ECR), &hidden(only("10.99.0.0/16")))), ["security-group-egress-blocked"]);
}

#[test]
fn groups_and_acls_behind_a_missing_way_are_blamed_only_if_closed_to_endpoints_as_well() {
    let shut = |lab: Lab| changed(lab, |lab| lab.tables[1].routes.truncate(1));
    let acl =
        |range: &str| vec![entry(1, true, "6", None, range, true), entry(1, false, "-1", None, "0.0.0.0/0", true)];
    let with_acl = |range: &str| shut(changed(with_nat(), |lab| lab.acls[0].entries = acl(range)));
    assert_eq!(causes(&trace(&task(), &to(ECR), &with_acl("10.0.0.0/16"))), ["no-egress-route"]);
    assert_eq!(
        causes(&trace(&task(), &to(ECR), &with_acl("192.168.0.0/16"))),
        ["no-egress-route", "network-acl-blocked"]
    );
    assert_eq!(
        causes(&trace(&task(), &to(HUB), &with_acl("10.0.0.0/16"))),
        ["no-egress-route", "network-acl-blocked"],
        "no endpoint will ever serve it"
    );
}

#[test]
fn a_way_to_nowhere_while_the_range_of_the_vpc_is_not_known_is_not_all_that_is_to_be_said() {
    let lab = changed(with_nat(), |lab| lab.tables[1].routes.truncate(1)).without("vpc");
    let path = trace(&task(), &to(HUB), &lab);
    assert!(path.unknown.iter().any(|why| why.contains("VPC's ranges are not known")), "{path:#?}");
}

#[test]
fn an_endpoints_group_is_blamed_with_the_endpoint_and_its_other_groups() {
    let shut = || group("sg-closed", vec![], vec![]);
    let lab = changed(with_endpoints().with_group(shut()), |lab| {
        endpoint_of(lab, "vpce-ecr.api").security_groups = vec!["sg-closed".to_owned(), "sg-task".to_owned()];
    });
    let path = trace(&task(), &to(ECR), &lab);
    assert_eq!(path.blockers[0].resources, ["sg-closed", "vpce-ecr.api", "sg-task"]);
    let hidden = trace(&task(), &to(ECR), &lab.without("tables"));
    assert_eq!(causes(&hidden), ["vpc-endpoint-security-group-blocked"], "whatever the route");
    let unlisted = changed(with_endpoints(), |lab| endpoint_of(lab, "vpce-ecr.api").security_groups.clear());
    let path = trace(&task(), &to(ECR), &unlisted);
    assert!(path.blockers.is_empty() && !path.unknown.is_empty(), "an endpoint has a group: {path:#?}");
}

#[test]
fn prefix_lists_are_part_of_the_evidence_where_a_rule_names_one() {
    let by_list = GroupRule { prefix_lists: vec!["pl-own".to_owned()], ..rule("tcp", Some(443), &[]) };
    for (rules, named) in [(vec![by_list], true), (vec![rule("tcp", Some(443), &["10.99.0.0/16"])], false)] {
        let lab = with_nat().with_list(lab::list("pl-own", "own", &["10.99.0.0/16"]));
        let path = trace(&task(), &to(HUB), &lab.with_group(group("sg-task", vec![], rules)));
        assert_eq!(causes(&path), ["security-group-egress-blocked"]);
        assert_eq!(path.blockers[0].parts.contains(&Part::PrefixLists), named);
    }
}

#[test]
fn a_gateway_endpoint_that_is_broken_stops_what_is_routed_to_it() {
    let lab = changed(with_endpoints(), |lab| endpoint_of(lab, "vpce-s3").state = "failed".to_owned());
    let path = trace(&task(), &to(LAYERS), &lab);
    assert_eq!(
        (causes(&path), path.way),
        (vec!["vpc-endpoint-not-available"], Some(Way::GatewayEndpoint("vpce-s3".to_owned())))
    );
    let gone = changed(with_endpoints(), |lab| lab.endpoints.retain(|one| one.id != "vpce-s3"));
    let path = trace(&task(), &to(LAYERS), &gone);
    assert!(path.blockers.is_empty() && path.unknown.iter().any(|why| why.contains("`vpce-s3` cannot be seen")));
}

#[test]
fn an_internet_gateway_takes_a_public_address_and_has_to_be_attached() {
    let client =
        |public_ip| Client { subnet: PUBLIC.to_owned(), private_ip: "10.0.9.7".parse().ok(), public_ip, ..task() };
    let gateway = |state: &str| changed(with_nat(), |lab| lab.gateways[0].state = state.to_owned());
    for state in ["available", "attached", "Available"] {
        let path = trace(&client(Ok(true)), &to(HUB), &gateway(state));
        assert!(path.is_open() && path.way == Some(Way::InternetGateway("igw-1".to_owned())), "{state}");
    }
    let path = trace(&client(Ok(true)), &to(HUB), &gateway("detaching"));
    assert_eq!(causes(&path), ["route-blackhole"]);
    assert_eq!(path.blockers[0].resources, ["rtb-public", "igw-1", PUBLIC]);
    let path = trace(&client(Ok(true)), &to(HUB), &with_nat().without("gateways"));
    assert!(path.blockers.is_empty() && path.unknown.iter().any(|why| why.contains("`igw-1` is attached")));
    let guest = Client { account: Some("222222222222".to_owned()), ..client(Ok(true)) };
    let detached = changed(with_nat(), |lab| lab.gateways.clear());
    let path = trace(&guest, &to(HUB), &detached);
    assert!(path.blockers.is_empty() && !path.unknown.is_empty(), "the owner's gateways cannot be listed");
    let path = trace(&client(Ok(false)), &to(HUB), &with_nat());
    assert_eq!(path.blockers[0].resources, [PUBLIC, "rtb-public", "igw-1"]);
}

#[test]
fn acls_that_close_an_endpoint_only_together_are_not_blamed_one_by_one_where_the_name_may_lead_past_it() {
    // To the endpoint in two subnets each is closed by one of two ACLs; past it, the client's own is closed alone.
    let only_task =
        vec![entry(1, true, "-1", None, "10.0.1.0/24", true), entry(1, false, "-1", None, "0.0.0.0/0", true)];
    let client =
        Client { subnet: PUBLIC.to_owned(), private_ip: "10.0.9.7".parse().ok(), public_ip: Ok(true), ..task() };
    let lab = changed(with_endpoints(), |lab| {
        lab.acls[0].entries.clear();
        lab.acls[2].entries = only_task;
    });
    let path = trace(&client, &to(ECR), &lab);
    assert_eq!(causes(&path), ["network-acl-blocked"; 2], "the two of them stop it: {path:#?}");
    let hidden = lab.without("hostnames");
    let path = trace(&client, &to(ECR), &hidden);
    assert!(path.blockers.is_empty(), "{path:#?}");
    assert!(
        path.unknown.iter().any(|why| why.starts_with("for some addresses, network ACL `acl-public`")),
        "{path:#?}"
    );
}
