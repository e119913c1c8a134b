//! What can bar the way to a service: by the service, and by the address that its name resolved to.

use std::net::IpAddr;

use crate::model::CauseId;

/// The services with interface endpoints.
const INTERFACE: [&str; 5] = ["ecr.api", "ecr.dkr", "secretsmanager", "ssm", "logs"];

/// Everything that can bar the way to these endpoints; `address` is the one that did not answer.
pub fn causes(endpoints: &[String], address: Option<IpAddr>) -> Vec<CauseId> {
    use CauseId::*;
    let is = |names: &[&str]| endpoints.iter().any(|one| names.contains(&one.as_str()));
    let (interface, s3) = (is(&INTERFACE), is(&["s3"]));
    if address.is_some_and(is_private) {
        // The name resolved to an interface endpoint, or to a registry of one's own: no gateway to the internet is on that
        // way, but another VPC's endpoint may be, over a peering or a transit gateway.
        return vec![
            VpcEndpointSecurityGroupBlocked,
            NetworkAclBlocked,
            SecurityGroupEgressBlocked,
            VpcEndpointNotAvailable,
            NoEgressRoute,
            RouteBlackhole,
        ];
    }
    let mut out = vec![NoEgressRoute, PublicIpMissing, NatGatewayBroken, RouteBlackhole];
    if s3 {
        out.push(S3GatewayRouteMissing);
    }
    out.extend([SecurityGroupEgressBlocked, NetworkAclBlocked]);
    if interface || s3 {
        out.extend([VpcEndpointMissing, VpcEndpointPrivateDnsDisabled, VpcEndpointNotAvailable]);
        // With a public address the name did not resolve to an endpoint, so that its security group is innocent; without
        // an address the time-out may be the resolver's.
        if address.is_none() {
            out.push(VpcEndpointSecurityGroupBlocked);
        }
    }
    if address.is_none() {
        out.push(DnsResolutionDisabled);
    }
    out
}

/// An address within a VPC: RFC 1918, or the carriers' range, which a VPC may use as well.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64,
        IpAddr::V6(v6) => v6.segments()[0] & 0xfe00 == 0xfc00,
    }
}
