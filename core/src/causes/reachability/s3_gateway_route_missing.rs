//! S3's gateway endpoint is not on the subnet's route table.

use super::blocked;
use super::fixes::{Neighbourhood, failed_subnet, s3_prefix_list, used_subnets, used_tables, way_out};
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;

documented! {
/// The VPC has a gateway endpoint for S3, and it is not associated with the route table of the task's subnet.
///
/// # Why a task stops here
/// Layers of ECR images are downloaded from S3. A gateway endpoint works by a route in each table that it is associated
/// with; a subnet whose table it is not on has no use of it. Token and manifest succeed, and the layers time out.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Associate gateway endpoints with every table of the VPC in the stack that makes the tables.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html>
pub struct S3GatewayRouteMissing;
}

impl Cause for S3GatewayRouteMissing {
    type Subject = Need;
    const ID: CauseId = CauseId::S3GatewayRouteMissing;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(subnet) = failed_subnet(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let (around, list) = (Neighbourhood::of(facts, &subnet), s3_prefix_list(case, facts));
        let (Some(around), Some(prefix_list)) = (around?, list?) else { return Ok(vec![]) };
        let endpoint = around.endpoints.iter().find(|one| {
            one.kind.eq_ignore_ascii_case("gateway")
                && need.destination.service.as_ref().is_some_and(|service| service.is_served_by(&one.service))
        });
        let Some(endpoint) = endpoint else { return Ok(vec![]) };
        let tables = used_tables(&around, &used_subnets(case, &subnet));
        let missing: Vec<&String> = tables.iter().filter(|table| !endpoint.route_tables.contains(table)).collect();
        let names: Vec<&str> = missing.iter().map(|table| table.as_str()).collect();
        let mut fix = Fix::new(format!("Associate {} with {}", endpoint.id, names.join(" and ")), Risk::Low)
            .documented_at("https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html");
        for table in &missing {
            fix = fix.making(Change::AssociateRouteTable {
                endpoint: endpoint.id.clone(),
                route_table: (*table).clone(),
                prefix_list: prefix_list.clone(),
            });
        }
        let mut fixes = vec![fix];
        fixes.extend(way_out(case, facts, &subnet)?);
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said};
    use crate::evidence::Question;
    use crate::network::lab;

    const ID: CauseId = CauseId::S3GatewayRouteMissing;

    fn unassociated() -> Fixture {
        Fixture::endpoints().network(|lab| {
            lab.tables[1].routes.pop();
            lab.endpoints.iter_mut().for_each(|one| one.route_tables.clear());
        })
    }

    #[test]
    fn a_gateway_that_is_not_on_the_subnets_table_bars_the_layers_alone() {
        let found = unassociated().finding(ID);
        assert_eq!(found.resources, ["vpce-s3", "rtb-task", lab::TASK]);
        assert_eq!(found.endpoint.as_deref(), Some("s3"));
        let barred = unassociated().judged(ID).0;
        assert_eq!(barred.iter().filter(|one| Said::of(&one.verdict) == Said::Fault).count(), 1);
    }

    #[test]
    fn on_the_table_or_with_another_way_out_it_is_sound() {
        assert_eq!(Fixture::endpoints().says(ID), Said::Sound);
        let nat = Fixture::fargate().network(|lab| lab.endpoints.push(lab::s3_gateway(&[])));
        assert_eq!(nat.says(ID), Said::Sound);
    }

    #[test]
    fn it_hangs_on_the_endpoints_and_the_routes() {
        for question in [Question::VpcEndpoints { vpc: "vpc-1".into() }, Question::RouteTables { vpc: "vpc-1".into() }]
        {
            unassociated().hangs_on(ID, &question);
        }
        unassociated().never_turns(ID);
    }

    #[test]
    fn associating_it_with_the_tables_in_use_mends_it() {
        let fixes = unassociated().mended(ID);
        let change = Change::AssociateRouteTable {
            endpoint: "vpce-s3".to_owned(),
            route_table: "rtb-task".to_owned(),
            prefix_list: "pl-s3".to_owned(),
        };
        assert_eq!(fixes[0].changes, [change]);
        assert_eq!(unassociated().after(&fixes[0]).says(ID), Said::Sound);
    }
}
