//! VPC endpoints: which serve a name, and what is said where none does.

use super::*;

fn told(lab: &Lab, host: &str) -> Vec<(&'static str, Vec<String>, String)> {
    let blockers = trace(&task(), &to(host), lab).blockers.into_iter();
    blockers.map(|one| (one.cause.as_str(), one.resources, one.explanation)).collect()
}

fn one(cause: &'static str, resources: &[&str], explanation: &str) -> Vec<(&'static str, Vec<String>, String)> {
    vec![(cause, resources.iter().map(|&id| id.to_owned()).collect(), explanation.to_owned())]
}

#[test]
fn an_endpoint_serves_when_it_is_available_at_least_in_part_however_that_is_spelled() {
    for (state, serves) in [
        ("available", true),
        ("Available", true),
        ("partial", true),
        ("Partial", true),
        ("pendingAcceptance", false),
        ("failed", false),
    ] {
        let lab = changed(with_endpoints(), |lab| endpoint_of(lab, "vpce-ecr.api").state = state.to_owned());
        assert_eq!(trace(&task(), &to(ECR), &lab).is_open(), serves, "{state}");
    }
}

#[test]
fn an_endpoint_that_is_deleted_is_none() {
    let lab = changed(with_endpoints(), |lab| endpoint_of(lab, "vpce-ecr.api").state = "Deleted".to_owned());
    assert_eq!(causes(&trace(&task(), &to(ECR), &lab)), ["vpc-endpoint-missing"]);
}

#[test]
fn private_dns_for_inbound_resolvers_alone_does_not_serve_tasks() {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
    let s3 = VpcEndpoint {
        private_dns_only_for_inbound_resolver: true,
        ..endpoint("vpce-s3i", "s3", &[TASK], &["sg-vpce"])
    };
    let beside_nat = changed(with_nat(), |lab| lab.endpoints.push(s3.clone()));
    assert_eq!(trace(&task(), &to(LAYERS), &beside_nat).way, Some(Way::NatGateway("nat-1".to_owned())));
    let alone = changed(with_nat(), |lab| {
        lab.endpoints.push(s3.clone());
        lab.tables[1].routes.pop();
    });
    assert_eq!(
        told(&alone, LAYERS),
        one(
            "vpc-endpoint-private-dns-disabled",
            &["vpce-s3i", "vpc-1"],
            "private DNS of endpoint `vpce-s3i` is for inbound resolver endpoints only, so that the name leads past it, and \
             route table `rtb-task` of subnet `subnet-task` has no route to \
             `prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com`"
        )
    );
    let serving = changed(alone, |lab| endpoint_of(lab, "vpce-s3i").private_dns_only_for_inbound_resolver = false);
    assert!(trace(&task(), &to(LAYERS), &serving).is_open());
}

#[test]
fn what_is_missing_is_said_by_its_service_name_and_by_what_the_vpc_has_instead() {
    let without = |id: &str| changed(with_endpoints(), |lab| lab.endpoints.retain(|endpoint| endpoint.id != id));
    assert_eq!(
        told(&without("vpce-secretsmanager"), SECRETS),
        one(
            "vpc-endpoint-missing",
            &["vpc-1", TASK, "rtb-task"],
            "`vpc-1` has no endpoint of `com.amazonaws.us-east-1.secretsmanager`, though it has one of \
             `com.amazonaws.us-east-1.ecr.api`, and route table `rtb-task` of subnet `subnet-task` has no route to \
             `secretsmanager.us-east-1.amazonaws.com`"
        )
    );
    let off = changed(with_endpoints(), |lab| endpoint_of(lab, "vpce-secretsmanager").private_dns = false);
    assert!(told(&off, SECRETS)[0].2.starts_with("private DNS of endpoint `vpce-secretsmanager` is off, so"));
}

#[test]
fn where_no_endpoint_can_serve_a_nat_gateway_is_what_it_takes() {
    let shut = changed(with_nat(), |lab| drop(lab.tables[1].routes.pop()));
    let ends = |host: &str| format!("route table `rtb-task` of subnet `subnet-task` has no route to `{host}`");
    let resources = &["rtb-task", TASK, "vpc-1"];
    let hub = format!("{}, and no VPC endpoint can serve `{HUB}`: it takes a NAT gateway", ends(HUB));
    assert_eq!(told(&shut, HUB), one("no-egress-route", resources, &hub));
    let ecr = format!("{}: no NAT gateway, no internet gateway, and no endpoint of `ecr.api`", ends(ECR));
    assert_eq!(told(&shut, ECR), one("no-egress-route", resources, &ecr));
}

#[test]
fn a_gateway_endpoint_of_the_table_without_its_route_is_not_understood_and_not_blamed() {
    let lab = changed(with_endpoints(), |lab| drop(lab.tables[1].routes.pop()));
    let path = trace(&task(), &to(LAYERS), &lab);
    assert!(path.blockers.is_empty(), "{path:#?}");
    assert!(path.unknown.iter().any(|why| why.contains("`vpce-s3` is associated with `rtb-task`")), "{path:#?}");
}

#[test]
fn endpoints_that_are_not_known_may_be_the_ones_that_are_needed() {
    let shut = changed(with_nat(), |lab| drop(lab.tables[1].routes.pop()));
    for lab in [
        shut.without("endpoints"),
        changed(with_endpoints(), |lab| lab.endpoints.truncate(1)).without("vpc").without(TASK),
    ] {
        let path = trace(&task(), &to(SECRETS), &lab);
        assert!(path.blockers.is_empty() && !path.unknown.is_empty(), "{path:#?}");
    }
    assert_eq!(causes(&trace(&task(), &to(HUB), &shut.without("endpoints"))), ["no-egress-route"]);
}

#[test]
fn the_dual_stack_name_may_lead_to_an_endpoint_or_past_it() {
    let dual = "secretsmanager.us-east-1.api.aws";
    let path = trace(&task(), &to(dual), &with_endpoints());
    assert!(path.blockers.is_empty(), "{path:#?}");
    assert!(path.unknown.iter().any(|why| why.contains("dual-stack name")), "{path:#?}");
}

#[test]
fn an_endpoint_that_does_not_work_is_named_with_the_way_that_is_lacking_beside_it() {
    let lab = changed(with_endpoints(), |lab| {
        endpoint_of(lab, "vpce-s3").state = "pending".to_owned();
        lab.tables[1].routes.pop();
    });
    assert_eq!(
        told(&lab, LAYERS),
        one(
            "vpc-endpoint-not-available",
            &["vpce-s3", "vpc-1"],
            &format!(
                "endpoint `vpce-s3` of `com.amazonaws.us-east-1.s3` is `pending` and serves nobody, and route table `rtb-task` \
                 of subnet `subnet-task` has no route to `{LAYERS}`"
            )
        )
    );
}
