//! The NAT gateway does not lead on.

use super::blocked;
use super::fixes::{ANYWHERE, Neighbourhood, failed_subnet, missing_endpoints, way_out};
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;
use crate::model::network::RouteTarget;

documented! {
/// The NAT gateway is not available, or its own subnet has no route to an internet gateway.
///
/// # Why a task stops here
/// A NAT gateway forwards from the subnet that it stands in. It must be available, public, and its own subnet must lead to
/// an internet gateway; otherwise everything behind it times out.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Keep NAT gateways in public subnets, and let nobody edit the table of those by hand.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>
pub struct NatGatewayBroken;
}

impl Cause for NatGatewayBroken {
    type Subject = Need;
    const ID: CauseId = CauseId::NatGatewayBroken;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(subnet) = failed_subnet(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let Some(around) = Neighbourhood::of(facts, &subnet)? else { return Ok(vec![]) };
        let mut fixes = vec![];
        let nat = around.table(&subnet).and_then(|table| {
            table.routes.iter().find_map(|route| match &route.target {
                RouteTarget::NatGateway(id) if route.destination == ANYWHERE => Some(id.clone()),
                _ => None,
            })
        });
        let gateways = facts.nat_gateways(&around.vpc)?.into_iter().flatten();
        let found = gateways.into_iter().find(|one| Some(&one.id) == nat.as_ref());
        let table = found.and_then(|nat| nat.subnet.as_deref()).and_then(|subnet| around.table(subnet));
        let (available, gateway) =
            (found.is_some_and(|nat| nat.state.eq_ignore_ascii_case("available")), around.gateways.first());
        if let (true, Some(table), Some(gateway)) = (available, table, gateway) {
            let title = format!("Route {}, the table of the NAT gateway's subnet, to the internet gateway", table.id);
            fixes.push(Fix::new(title, Risk::Medium).making(Change::CreateRoute {
                route_table: table.id.clone(),
                destination: ANYWHERE.to_owned(),
                target: RouteTarget::InternetGateway(gateway.id.clone()),
                vpc: around.vpc.clone(),
                replace: table.routes.iter().any(|route| route.destination == ANYWHERE),
            }));
        }
        if fixes.is_empty() {
            fixes = way_out(case, facts, &subnet)?;
        }
        fixes.extend(missing_endpoints(need, case, facts, &subnet)?);
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said};
    use crate::evidence::Question;
    use crate::network::lab;

    const ID: CauseId = CauseId::NatGatewayBroken;

    fn in_state(state: &str) -> Fixture {
        Fixture::fargate().network(|lab| lab.nats[0].state = state.to_owned())
    }

    fn without_gateway_route() -> Fixture {
        Fixture::fargate().network(|lab| drop(lab.tables[2].routes.pop()))
    }

    #[test]
    fn it_must_be_available_and_its_own_subnet_must_lead_out() {
        for (fixture, said, why) in [
            (in_state("available"), Said::Sound, "as it should be"),
            (in_state("failed"), Said::Fault, "failed"),
            (in_state("deleted"), Said::Fault, "deleted"),
            (without_gateway_route(), Said::Fault, "its subnet leads nowhere"),
        ] {
            assert_eq!(fixture.says(ID), said, "{why}");
        }
        assert_eq!(in_state("failed").finding(ID).resources, ["nat-1", lab::PUBLIC]);
        assert_eq!(without_gateway_route().finding(ID).resources, ["nat-1", "rtb-public", lab::PUBLIC]);
    }

    #[test]
    fn it_hangs_on_the_gateways_and_the_routes() {
        for question in [Question::NatGateways { vpc: "vpc-1".into() }, Question::RouteTables { vpc: "vpc-1".into() }] {
            in_state("failed").hangs_on(ID, &question);
            without_gateway_route().hangs_on(ID, &question);
        }
        in_state("failed").never_turns(ID);
        without_gateway_route().never_turns(ID);
    }

    #[test]
    fn a_route_to_the_internet_gateway_mends_the_subnet() {
        let fixes = without_gateway_route().mended(ID);
        let change = Change::CreateRoute {
            route_table: "rtb-public".to_owned(),
            destination: ANYWHERE.to_owned(),
            target: RouteTarget::InternetGateway("igw-1".to_owned()),
            vpc: "vpc-1".to_owned(),
            replace: false,
        };
        assert_eq!(fixes[0].changes, [change]);
        assert_eq!(without_gateway_route().after(&fixes[0]).says(ID), Said::Sound);
    }

    #[test]
    fn one_that_failed_is_replaced_by_another() {
        let fixes = in_state("failed").mended(ID);
        let change = Change::CreateNat {
            subnet: lab::PUBLIC.to_owned(),
            route_table: "rtb-task".to_owned(),
            vpc: "vpc-1".to_owned(),
            replace: true,
        };
        assert_eq!(fixes[0].changes, [change]);
        assert_eq!(in_state("failed").after(&fixes[0]).says(ID), Said::Sound);
    }
}
