//! The VPC has some endpoints, and not this one.

use super::blocked;
use super::fixes::{failed_subnet, missing_endpoints, way_out};
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;

documented! {
/// The VPC has endpoints for some of the services that a launch needs, but not for this one, and no other way out.
///
/// # Why a task stops here
/// A pull from ECR needs three: `ecr.api` for the token, `ecr.dkr` for the manifest and `s3` for the layers. Secrets
/// need `secretsmanager` or `ssm`, and the log driver needs `logs`. One that is missing is noticed when it is needed first.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Make all endpoints of a path together, and let one stack own them.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html>
pub struct VpcEndpointMissing;
}

impl Cause for VpcEndpointMissing {
    type Subject = Need;
    const ID: CauseId = CauseId::VpcEndpointMissing;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(subnet) = failed_subnet(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let (endpoints, out) = (missing_endpoints(need, case, facts, &subnet), way_out(case, facts, &subnet));
        let mut fixes: Vec<Fix> = endpoints?.into_iter().collect();
        fixes.extend(out?);
        Ok(fixes)
    }
}
