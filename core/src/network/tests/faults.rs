//! Networks with one fault, or several, in the manner of the lab's scenarios.

use super::*;

/// A network, the client, where to, and what stops it: causes with their first two resources.
pub struct Row {
    pub why: &'static str,
    pub lab: Lab,
    pub client: Client,
    pub to: Destination,
    pub blocked: Vec<(&'static str, Vec<&'static str>)>,
}

fn row(why: &'static str, lab: Lab, host: &str, blocked: &[(&'static str, &[&'static str])]) -> Row {
    let blocked = blocked.iter().map(|(cause, resources)| (*cause, resources.to_vec())).collect();
    Row { why, lab, client: task(), to: to(host), blocked }
}

fn deny(egress: bool, port: i32) -> crate::model::network::AclEntry {
    entry(90, egress, "6", Some((port, port)), "0.0.0.0/0", false)
}

/// All rows.
pub fn rows() -> Vec<Row> {
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
        row(
            "both of the endpoint's subnets are closed, and so is the client's own: that is the one to open first",
            changed(with_endpoints(), |lab| {
                lab.acls.iter_mut().for_each(|acl| acl.entries.clear());
                endpoint_of(lab, "vpce-ecr.api").subnets = vec!["subnet-other".to_owned(), PUBLIC.to_owned()];
            }),
            ECR,
            &[("network-acl-blocked", &["acl-task", TASK])],
        ),
        row(
            "each of the endpoint's subnets is closed by an ACL of its own",
            changed(with_endpoints(), |lab| {
                lab.acls[1..].iter_mut().for_each(|acl| acl.entries.clear());
                endpoint_of(lab, "vpce-ecr.api").subnets = vec!["subnet-other".to_owned(), PUBLIC.to_owned()];
            }),
            ECR,
            &[
                ("network-acl-blocked", &["acl-other", "subnet-other"]),
                ("network-acl-blocked", &["acl-public", PUBLIC]),
            ],
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
