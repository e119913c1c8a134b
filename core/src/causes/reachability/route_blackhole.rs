//! The route is there, and its target is gone.

use super::blocked;
use super::fixes::{failed_subnet, missing_endpoints, way_out};
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;

documented! {
/// The route that is chosen for the service points to something that no longer exists.
///
/// # Why a task stops here
/// The most specific route is taken whether its target lives or not: traffic of a dead route is dropped, it does not fall
/// back to a wider one. Deleting a NAT gateway leaves such a route behind.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Replace routes before their targets are deleted; alarm on routes in the state `blackhole`.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html>
pub struct RouteBlackhole;
}

impl Cause for RouteBlackhole {
    type Subject = Need;
    const ID: CauseId = CauseId::RouteBlackhole;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(subnet) = failed_subnet(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let (out, endpoints) = (way_out(case, facts, &subnet), missing_endpoints(need, case, facts, &subnet));
        let mut fixes = out?;
        fixes.extend(endpoints?);
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said};
    use crate::evidence::Question;
    use crate::model::network::RouteTarget;
    use crate::network::lab;

    const ID: CauseId = CauseId::RouteBlackhole;

    fn dead() -> Fixture {
        Fixture::fargate().network(|lab| lab.tables[1].routes[1].blackhole = true)
    }

    #[test]
    fn a_route_whose_target_is_gone_is_taken_nevertheless() {
        let found = dead().finding(ID);
        assert_eq!(found.resources, ["rtb-task", "nat-1", lab::TASK]);
        assert_eq!(Fixture::fargate().says(ID), Said::Sound);
    }

    #[test]
    fn a_gateway_that_is_not_attached_is_as_dead() {
        let detached = Fixture::fargate()
            .settings(|network| (network.subnets, network.public_ip) = (vec![lab::PUBLIC.to_owned()], true))
            .network(|lab| lab.gateways.clear())
            .check();
        assert_eq!(detached.finding(ID).resources, ["rtb-public", "igw-1", lab::PUBLIC]);
    }

    #[test]
    fn it_hangs_on_the_routes_and_a_dead_route_that_nothing_takes_is_none() {
        dead().hangs_on(ID, &Question::RouteTables { vpc: "vpc-1".into() });
        dead().never_turns(ID);
        let elsewhere = Fixture::fargate().network(|lab| {
            let mut route = lab::route("192.168.0.0/16", RouteTarget::Elsewhere("pcx-1".to_owned()));
            route.blackhole = true;
            lab.tables[1].routes.push(route);
        });
        assert_eq!(elsewhere.says(ID), Said::Sound);
    }

    #[test]
    fn the_dead_route_is_replaced_by_one_that_lives() {
        let spare = dead().network(|lab| {
            lab.nats = vec![lab::nat("nat-2", lab::PUBLIC)];
        });
        let fixes = spare.mended(ID);
        let change = Change::CreateRoute {
            route_table: "rtb-task".to_owned(),
            destination: "0.0.0.0/0".to_owned(),
            target: RouteTarget::NatGateway("nat-2".to_owned()),
            vpc: "vpc-1".to_owned(),
            replace: true,
        };
        assert_eq!(fixes[0].changes, [change]);
        assert_eq!(spare.after(&fixes[0]).says(ID), Said::Sound);
        let none = dead().network(|lab| lab.nats.clear()).mended(ID);
        assert!(
            matches!(&none[0].changes[..], [Change::CreateNat { subnet, replace: true, .. }] if subnet == lab::PUBLIC)
        );
    }
}
