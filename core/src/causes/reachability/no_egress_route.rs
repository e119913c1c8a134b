//! The subnet leads nowhere.

use super::blocked;
use super::fixes::{failed_subnet, has_ipv6_only, missing_endpoints, way_out, way_out_over_ipv6};
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;

documented! {
/// The subnet of the task has no route to the service: no NAT gateway, no internet gateway and no VPC endpoint.
///
/// # Why a task stops here
/// Images, tokens, secrets and logs are fetched over the network. A subnet whose route table knows only the VPC itself
/// reaches none of them, and each connection ends in a time-out.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// In a subnet with IPv6 only the route `::/0` to an egress-only or internet gateway counts, and for names with IPv4
/// addresses only, as the classic ones of ECR, DNS64 and a route for `64:ff9b::/96` to a NAT gateway. Where both ends may
/// have both families, only what is closed over both is closed.
/// # Prevention
/// Run `ecs-why check` before a service moves to other subnets.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/networking-connecting-vpc.html>
pub struct NoEgressRoute;
}

impl Cause for NoEgressRoute {
    type Subject = Need;
    const ID: CauseId = CauseId::NoEgressRoute;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(subnet) = failed_subnet(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        if has_ipv6_only(facts, &subnet)? {
            return way_out_over_ipv6(facts, &subnet);
        }
        let (out, endpoints) = (way_out(case, facts, &subnet), missing_endpoints(need, case, facts, &subnet));
        let mut fixes = out?;
        fixes.extend(endpoints?);
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::LaunchType;
    use crate::causes::fixture::{Fixture, Said};
    use crate::evidence::Question;
    use crate::model::network::RouteTarget;
    use crate::network::lab;

    const ID: CauseId = CauseId::NoEgressRoute;

    fn closed(fixture: Fixture) -> Fixture {
        fixture.network(|lab| drop(lab.tables[1].routes.pop()))
    }

    #[test]
    fn a_table_that_knows_only_the_vpc_bars_every_service() {
        let found = closed(Fixture::fargate()).finding(ID);
        assert_eq!(found.resources, ["rtb-task", lab::TASK, "vpc-1"]);
        assert_eq!(found.endpoint.as_deref(), Some("ecr.api"));
        let barred = closed(Fixture::fargate()).judged(ID).0;
        let barred = barred.iter().filter(|one| Said::of(&one.verdict) == Said::Fault).count();
        assert_eq!(barred, 5, "ecr.api, secretsmanager, ecr.dkr, s3, logs");
    }

    #[test]
    fn on_an_instance_it_is_the_instances_way() {
        assert_eq!(closed(Fixture::ec2()).says(ID), Said::Fault);
        assert_eq!(closed(Fixture::ec2()).launched_on(LaunchType::Elsewhere).says(ID), Said::Unknown);
        closed(Fixture::ec2()).hangs_on(ID, &Question::Instance { instance: "i-1".into() });
    }

    #[test]
    fn one_bad_subnet_of_two_is_named_as_such_in_a_check_and_is_innocent_of_a_stop_in_the_other() {
        let half = Fixture::fargate().network(|lab| {
            lab.tables[1].subnets = vec![lab::TASK.to_owned()];
            lab.tables.push(lab::table("rtb-other", &[lab::OTHER], vec![lab.tables[0].routes[0].clone()]));
        });
        assert_eq!(half.says(ID), Said::Sound, "the task died in the good one");
        let found = half.clone().check().finding(ID);
        assert_eq!(found.resources[..2], ["rtb-other", lab::OTHER]);
        assert!(found.explanation.ends_with("(tasks in subnet-other; those in subnet-task have a way)"), "{found:?}");
        let stopped = half.task(|task| {
            task.interface.as_mut().expect("it has one").subnet = Some(lab::OTHER.to_owned());
        });
        let found = stopped.finding(ID);
        assert!(found.explanation.ends_with("(tasks in subnet-other; those in subnet-task have a way)"), "{found:?}");
        assert_eq!(stopped.judged(ID).1, [], "nothing is asked for it");
    }

    #[test]
    fn what_of_the_network_is_hidden_may_lead_out() {
        let vpc = || "vpc-1".to_owned();
        for question in [
            Question::Subnet { subnet: lab::TASK.into() },
            Question::RouteTables { vpc: vpc() },
            Question::VpcEndpoints { vpc: vpc() },
        ] {
            closed(Fixture::fargate()).hangs_on(ID, &question);
        }
        closed(Fixture::fargate()).never_turns(ID);
        Fixture::fargate().never_turns(ID);
    }

    #[test]
    fn a_nat_gateway_that_is_there_or_endpoints_of_all_services_mend_it() {
        let fixes = closed(Fixture::fargate()).mended(ID);
        let route = Change::CreateRoute {
            route_table: "rtb-task".to_owned(),
            destination: "0.0.0.0/0".to_owned(),
            target: RouteTarget::NatGateway("nat-1".to_owned()),
            vpc: "vpc-1".to_owned(),
            replace: false,
        };
        assert_eq!(fixes[0].changes, [route]);
        let made = |change: &Change| matches!(change, Change::CreateInterfaceEndpoint { security_groups, .. } if security_groups.is_empty());
        assert!(fixes[1].changes.iter().any(made), "no group admits the tasks: one is made");
        let mut own = lab::rule("tcp", Some(443), &[]);
        own.groups = vec!["sg-task".to_owned()];
        let trusting = closed(Fixture::fargate()).network(|lab| {
            lab.groups.get_mut("sg-task").expect("the tasks have it").ingress.push(own);
        });
        let fixes = trusting.mended(ID);
        assert_eq!(fixes[1].title, "Create the VPC endpoints for ecr.api, secretsmanager, ecr.dkr, s3, logs");
        let made = closed(Fixture::fargate()).network(|lab| lab.nats.clear()).mended(ID);
        let gateway = made.iter().find(|fix| fix.title.starts_with("Create a NAT gateway")).expect("it is a way out");
        assert!(gateway.note.as_ref().is_some_and(|note| note.contains("costs money by the hour and by the gigabyte")));
        for fix in &fixes {
            assert_eq!(trusting.after(fix).says(ID), Said::Sound, "{}", fix.title);
        }
    }

    #[test]
    fn a_subnet_with_ipv6_only_is_led_out_over_an_egress_only_gateway() {
        const REGISTRY: &str = "111111111111.dkr-ecr.us-east-1.on.aws/team/web:v42";
        let lab = |lab: &mut lab::Lab| {
            let subnet = &mut lab.subnets[0];
            (subnet.ipv6_native, subnet.cidr) = (true, None);
            subnet.ipv6_cidrs = vec!["2600:1f18:1:1::/64".to_owned()];
            lab.vpc.as_mut().expect("it has one").ipv6_cidrs = vec!["2600:1f18:1::/56".to_owned()];
            lab.groups.get_mut("sg-task").expect("the tasks have it").egress = vec![lab::rule("-1", None, &["::/0"])];
            lab.acls[0].entries.extend([true, false].map(|out| lab::entry(101, out, "-1", None, "::/0", true)));
        };
        let six = Fixture::fargate()
            .app(|app| (app.image, app.secrets, app.log) = (REGISTRY.to_owned(), vec![], None))
            .task(|task| task.interface.as_mut().expect("it has one").private_ip = None);
        let closed = six.clone().network(lab);
        let found = closed.finding(ID);
        assert!(found.explanation.contains("no IPv6 route (`::/0`)"), "{}", found.explanation);
        let fixes = closed.mended(ID);
        let [Change::ByHand { commands }] = &fixes[0].changes[..] else { unreachable!() };
        assert!(commands[0].contains("create-egress-only-internet-gateway --vpc-id vpc-1"), "{commands:?}");
        assert!(commands[0].contains("--destination-ipv6-cidr-block ::/0"), "{commands:?}");
        let gateway = || RouteTarget::EgressOnlyGateway("eigw-1".to_owned());
        let beside = six.clone().network(|all| {
            lab(all);
            all.tables[2].routes.push(lab::route("::/0", gateway()));
        });
        let fixes = beside.mended(ID);
        assert!(matches!(&fixes[0].changes[..], [Change::CreateRoute { destination, target, .. }]
            if destination == "::/0" && *target == gateway()));
        assert_eq!(fixes.len(), 1, "a NAT gateway or an endpoint of ECR would not serve it");
        let open = six.network(|all| {
            lab(all);
            all.tables[1].routes.push(lab::route("::/0", gateway()));
        });
        assert_ne!(open.says(ID), Said::Fault, "IPv6 leads out");
    }

    #[test]
    fn on_old_fargate_the_hidden_traffic_is_not_known_and_does_not_hide_the_fixes() {
        let old = closed(Fixture::fargate()).launched_on(LaunchType::FargateOld);
        let said: Vec<Said> = old.judged(ID).0.iter().map(|one| Said::of(&one.verdict)).collect();
        let (hidden, barred) = (Said::Unknown, Said::Fault);
        assert_eq!(said, [hidden, hidden, barred, barred, barred], "tokens and secrets, then images and logs");
        assert!(!old.mended(ID).is_empty());
    }
}
