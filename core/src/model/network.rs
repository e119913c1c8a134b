//! What EC2 tells of a network: as read, without judgement.

use super::{Keeper, Moment};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A subnet. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// `subnet-...`
    pub id: String,
    /// The VPC that it belongs to.
    pub vpc: String,
    /// The account that owns it; another one than the task's if it is shared.
    pub owner: Option<String>,
    /// The zone's name in this account.
    pub zone: String,
    /// The zone's id, which is the same in every account.
    pub zone_id: Option<String>,
    /// Its IPv4 range.
    pub cidr: Option<String>,
    /// Its IPv6 ranges.
    pub ipv6_cidrs: Vec<String>,
    /// It has no IPv4 at all.
    pub ipv6_native: bool,
    /// The VPC's resolver gives its clients IPv4 addresses in the form of IPv6 ones; none where that is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns64: Option<bool>,
    /// IPv4 addresses that are free.
    pub free_addresses: Option<i64>,
    /// Instances get a public address at launch; it does not decide for Fargate.
    pub maps_public_ip: bool,
    /// Block public access, where EC2 says something of it (`block-bidirectional` ...).
    pub block_public_access: Option<String>,
}

/// A VPC: its ranges and DHCP options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// `vpc-...`
    pub id: String,
    /// The account that owns it.
    pub owner: Option<String>,
    /// Its IPv4 ranges, associated ones only.
    pub cidrs: Vec<String>,
    /// Its IPv6 ranges.
    pub ipv6_cidrs: Vec<String>,
    /// `dopt-...` or `default`.
    pub dhcp_options: Option<String>,
}

/// A route table of a VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// `rtb-...`
    pub id: String,
    /// Subnets that are associated explicitly (state `associated`).
    pub subnets: Vec<String>,
    /// It is the VPC's main table, for every subnet without an association.
    pub main: bool,
    /// Its routes, as EC2 lists them.
    pub routes: Vec<Route>,
    /// Who keeps it, as its tags tell.
    #[serde(default, skip_serializing_if = "Keeper::is_untold")]
    pub keeper: Keeper,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// An IPv4 range, an IPv6 range or a prefix list.
    pub destination: String,
    /// Where to.
    pub target: RouteTarget,
    /// EC2's state: the target is gone.
    pub blackhole: bool,
    /// It came from a virtual private gateway.
    pub propagated: bool,
}

/// Where a route leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteTarget {
    /// Inside the VPC.
    Local,
    /// `igw-...`
    InternetGateway(String),
    /// `eigw-...`
    EgressOnlyGateway(String),
    /// `nat-...`
    NatGateway(String),
    /// `vpce-...`: a gateway endpoint when the destination is a prefix list, an appliance's endpoint otherwise.
    Endpoint(String),
    /// A network interface or instance that forwards (`eni-...`, `i-...`).
    Interface(String),
    /// Transit gateway, peering, virtual private gateway, core network ...: the far side cannot be read.
    Elsewhere(String),
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    /// `vpce-...`
    pub id: String,
    /// `com.amazonaws.us-east-1.ecr.api`
    pub service: String,
    /// `Interface`, `Gateway` ...
    pub kind: String,
    /// As EC2 spells it (compare without case): `available`, `pending`, `failed` ...
    pub state: String,
    /// The names of the service resolve to it inside the VPC.
    pub private_dns: bool,
    /// S3 only: private DNS serves only inbound resolver endpoints.
    pub private_dns_only_for_inbound_resolver: bool,
    /// Subnets of its interfaces.
    pub subnets: Vec<String>,
    /// Groups of its interfaces.
    pub security_groups: Vec<String>,
    /// Its interfaces.
    pub interfaces: Vec<String>,
    /// Gateway endpoints: the tables that it is associated with.
    pub route_tables: Vec<String>,
    /// Its policy document; none is full access.
    pub policy: Option<String>,
    /// When it was made.
    #[serde(default)]
    pub created: Option<Moment>,
    /// Who keeps it, as its tags tell.
    #[serde(default, skip_serializing_if = "Keeper::is_untold")]
    pub keeper: Keeper,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-...`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its VPC.
    pub vpc: Option<String>,
    /// The account that owns it.
    pub owner: Option<String>,
    /// What may come in.
    pub ingress: Vec<GroupRule>,
    /// What may go out.
    pub egress: Vec<GroupRule>,
    /// Who keeps it, as its tags tell.
    #[serde(default, skip_serializing_if = "Keeper::is_untold")]
    pub keeper: Keeper,
}

/// A rule of a security group: it only ever allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRule {
    /// `tcp`, `udp`, `-1` for all, or a number.
    pub protocol: String,
    /// First and last port; none for all.
    pub ports: Option<(i32, i32)>,
    /// IPv4 and IPv6 ranges.
    pub cidrs: Vec<String>,
    /// Groups whose interfaces are meant.
    pub groups: Vec<String>,
    /// Prefix lists.
    pub prefix_lists: Vec<String>,
}

/// A network ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// `acl-...`
    pub id: String,
    /// The subnets that it guards.
    pub subnets: Vec<String>,
    /// Its entries, in any order.
    pub entries: Vec<AclEntry>,
    /// Who keeps it, as its tags tell.
    #[serde(default, skip_serializing_if = "Keeper::is_untold")]
    pub keeper: Keeper,
}

/// An entry of a network ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclEntry {
    /// The lowest number that matches decides.
    pub number: i32,
    /// It is about what goes out.
    pub egress: bool,
    /// `-1`, `6` (TCP), `17` (UDP) ...
    pub protocol: String,
    /// Destination ports; none for all.
    pub ports: Option<(i32, i32)>,
    /// The other side's range.
    pub cidr: String,
    /// It lets through.
    pub allow: bool,
}

/// A NAT gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// `nat-...`
    pub id: String,
    /// `available`, `failed`, `deleted` ...
    pub state: String,
    /// The subnet it stands in; none for a regional one.
    pub subnet: Option<String>,
    /// A regional one has a table of its own.
    pub route_table: Option<String>,
    /// It has a public address (connectivity type `public`).
    pub public: bool,
    /// Why it failed, in EC2's words.
    pub failure: Option<String>,
    /// When it was made.
    #[serde(default)]
    pub created: Option<Moment>,
    /// Who keeps it, as its tags tell.
    #[serde(default, skip_serializing_if = "Keeper::is_untold")]
    pub keeper: Keeper,
}

/// An internet gateway that is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// `igw-...`
    pub id: String,
    /// The state of the attachment: `available` ...
    pub state: String,
}

/// A private hosted zone that a VPC is associated with: it answers for its name and for every name below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZone {
    /// `Z...`
    pub id: String,
    /// `ecr.us-east-1.amazonaws.com`, without the dot at its end.
    pub name: String,
    /// The account that made it.
    pub account: Option<String>,
    /// The AWS service that made it, with an account of its own: private DNS of endpoints is such a zone.
    pub service: Option<String>,
}

/// A prefix list with its ranges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixList {
    /// `pl-...`
    pub id: String,
    /// `com.amazonaws.us-east-1.s3`
    pub name: String,
    /// Its ranges.
    pub cidrs: Vec<String>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// `eni-...`
    pub id: String,
    /// Its subnet.
    pub subnet: Option<String>,
    /// Its groups.
    pub security_groups: Vec<String>,
    /// Its first private IPv4 address.
    pub private_ip: Option<IpAddr>,
    /// Its public IPv4 address.
    pub public_ip: Option<IpAddr>,
}

/// An EC2 instance, as far as its network and role go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// `i-...`
    pub id: String,
    /// `running`, `stopped` ...
    pub state: String,
    /// The subnet of its primary interface.
    pub subnet: Option<String>,
    /// The groups of its primary interface.
    pub security_groups: Vec<String>,
    /// Its private address.
    pub private_ip: Option<IpAddr>,
    /// Its public address.
    pub public_ip: Option<IpAddr>,
    /// The ARN of its instance profile.
    pub instance_profile: Option<String>,
}
