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
