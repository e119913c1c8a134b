//! What can be read around a client: the questions that a trace asks.

use crate::model::Unknown;
use crate::model::network::{
    HostedZone, InternetGateway, NatGateway, NetworkAcl, PrefixList, RouteTable, SecurityGroup, Subnet, Vpc,
    VpcEndpoint,
};

/// What can be read around the client.
///
/// `Err` is the lack of an answer (not asked yet, or not readable), `Ok(None)` an answer: there is none.
/// For endpoints and gateways `Ok(None)` and an empty list mean the same.
pub trait Surroundings {
    /// One of the VPC's subnets.
    fn subnet(&self, id: &str) -> Result<Option<&Subnet>, Unknown>;
    /// The client's VPC.
    fn vpc(&self) -> Result<Option<&Vpc>, Unknown>;
    /// `enableDnsSupport`
    fn dns_support(&self) -> Result<Option<bool>, Unknown>;
    /// `enableDnsHostnames`
    fn dns_hostnames(&self) -> Result<Option<bool>, Unknown>;
    /// What DHCP gives out: `AmazonProvidedDNS` or addresses.
    fn dhcp_dns_servers(&self) -> Result<Option<&[String]>, Unknown>;
    /// The private hosted zones that the VPC is associated with.
    fn hosted_zones(&self) -> Result<Option<&[HostedZone]>, Unknown>;
    /// The VPC's route tables.
    fn route_tables(&self) -> Result<Option<&[RouteTable]>, Unknown>;
    /// The VPC's endpoints.
    fn endpoints(&self) -> Result<Option<&[VpcEndpoint]>, Unknown>;
    /// The VPC's network ACLs.
    fn acls(&self) -> Result<Option<&[NetworkAcl]>, Unknown>;
    /// The VPC's NAT gateways.
    fn nat_gateways(&self) -> Result<Option<&[NatGateway]>, Unknown>;
    /// The internet gateways that are attached to the VPC.
    fn internet_gateways(&self) -> Result<Option<&[InternetGateway]>, Unknown>;
    /// A security group.
    fn security_group(&self, id: &str) -> Result<Option<&SecurityGroup>, Unknown>;
    /// A prefix list, by its id.
    fn prefix_list(&self, id: &str) -> Result<Option<&PrefixList>, Unknown>;
    /// A prefix list of AWS's own, by its name: `com.amazonaws.us-east-1.s3`.
    fn aws_prefix_list(&self, name: &str) -> Result<Option<&PrefixList>, Unknown>;
}
