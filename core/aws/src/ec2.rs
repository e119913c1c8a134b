//! EC2: what is asked for a network. By filters rather than ids, so that one missing thing does not fail the others.

use crate::answer::{Told, told, unanswered};
use crate::network::{acl, endpoint, internet_gateway, nat_gateway, route_table, subnet, vpc as read_vpc};
use crate::refusal::{Asked, Refused};
use crate::{interfaces, network};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{Filter, VpcAttributeName};
use ecs_why_core::evidence::{Known, Question};
use ecs_why_core::model::network::{
    Instance, InternetGateway, NatGateway, NetworkAcl, NetworkInterface, PrefixList, RouteTable, SecurityGroup, Subnet,
    Vpc, VpcEndpoint,
};
use futures_util::future::{join, try_join_all};

/// Answers a question that goes alone.
pub(crate) async fn answer(ec2: &Client, question: &Question) -> Told {
    match question {
        Question::VpcSubnets { vpc } => told(vpc_subnets(ec2, vpc).await, Known::VpcSubnets),
        Question::Vpc { vpc } => told(self::vpc(ec2, vpc).await, Known::Vpc),
        Question::DnsSupport { vpc } => told(dns_support(ec2, vpc).await, Known::DnsSupport),
        Question::DnsHostnames { vpc } => told(dns_hostnames(ec2, vpc).await, Known::DnsHostnames),
        Question::DnsServers { options } => told(dns_servers(ec2, options).await, Known::DnsServers),
        Question::RouteTables { vpc } => told(route_tables(ec2, vpc).await, Known::RouteTables),
        Question::VpcEndpoints { vpc } => told(vpc_endpoints(ec2, vpc).await, Known::VpcEndpoints),
        Question::DefaultSecurityGroup { vpc } => {
            told(default_security_group(ec2, vpc).await, Known::DefaultSecurityGroup)
        }
        Question::NetworkAcls { vpc } => told(network_acls(ec2, vpc).await, Known::NetworkAcls),
        Question::NatGateways { vpc } => told(nat_gateways(ec2, vpc).await, Known::NatGateways),
        Question::InternetGateways { vpc } => told(internet_gateways(ec2, vpc).await, Known::InternetGateways),
        Question::AwsPrefixLists {} => told(aws_prefix_lists(ec2).await, Known::AwsPrefixLists),
        Question::ManagedPrefixList { list } => told(managed_prefix_list(ec2, list).await, Known::ManagedPrefixList),
        _ => Err(unanswered()),
    }
}

fn filter(name: &str, values: &[&str]) -> Filter {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}

/// Of what was found, what each id asked for; what a filter does not find is not there.
fn pick<T: Clone>(ids: &[&str], found: &[T], id: impl Fn(&T) -> &str) -> Vec<Asked<T>> {
    ids.iter().map(|&wanted| Ok(found.iter().find(|item| id(item) == wanted).cloned())).collect()
}

pub(crate) async fn subnets(ec2: &Client, ids: &[&str]) -> Result<Vec<Asked<Subnet>>, Refused> {
    let found = filtered_subnets(ec2, filter("subnet-id", ids)).await?;
    Ok(pick(ids, &found, |subnet| &subnet.id))
}

pub(crate) async fn vpc_subnets(ec2: &Client, vpc: &str) -> Asked<Vec<Subnet>> {
    Ok(Some(filtered_subnets(ec2, filter("vpc-id", &[vpc])).await?))
}

async fn filtered_subnets(ec2: &Client, filter: Filter) -> Result<Vec<Subnet>, Refused> {
    let found = ec2.describe_subnets().filters(filter).into_paginator().items().send().try_collect().await?;
    Ok(found.iter().map(subnet).collect())
}

pub(crate) async fn vpc(ec2: &Client, id: &str) -> Asked<Vpc> {
    let pages = ec2.describe_vpcs().filters(filter("vpc-id", &[id])).into_paginator();
    Ok(pages.items().send().try_collect().await?.first().map(read_vpc))
}

/// One attribute a call is all that the API gives.
pub(crate) async fn dns_support(ec2: &Client, vpc: &str) -> Asked<bool> {
    let asked = ec2.describe_vpc_attribute().vpc_id(vpc).attribute(VpcAttributeName::EnableDnsSupport);
    Ok(asked.send().await?.enable_dns_support().and_then(|support| support.value()))
}

pub(crate) async fn dns_hostnames(ec2: &Client, vpc: &str) -> Asked<bool> {
    let asked = ec2.describe_vpc_attribute().vpc_id(vpc).attribute(VpcAttributeName::EnableDnsHostnames);
    Ok(asked.send().await?.enable_dns_hostnames().and_then(|names| names.value()))
}

/// The servers of DHCP options. `default` stands for having no options, so for no servers, and is no id.
pub(crate) async fn dns_servers(ec2: &Client, options: &str) -> Asked<Vec<String>> {
    if options == "default" {
        return Ok(Some(Vec::new()));
    }
    let found = ec2.describe_dhcp_options().dhcp_options_ids(options).send().await?;
    Ok(found.dhcp_options().first().map(network::dns_servers))
}

pub(crate) async fn route_tables(ec2: &Client, vpc: &str) -> Asked<Vec<RouteTable>> {
    let pages = ec2.describe_route_tables().filters(filter("vpc-id", &[vpc])).into_paginator();
    Ok(Some(pages.items().send().try_collect().await?.iter().map(route_table).collect()))
}

pub(crate) async fn vpc_endpoints(ec2: &Client, vpc: &str) -> Asked<Vec<VpcEndpoint>> {
    let pages = ec2.describe_vpc_endpoints().filters(filter("vpc-id", &[vpc])).into_paginator();
    Ok(Some(pages.items().send().try_collect().await?.iter().map(endpoint).collect()))
}

pub(crate) async fn network_acls(ec2: &Client, vpc: &str) -> Asked<Vec<NetworkAcl>> {
    let pages = ec2.describe_network_acls().filters(filter("vpc-id", &[vpc])).into_paginator();
    Ok(Some(pages.items().send().try_collect().await?.iter().map(acl).collect()))
}

pub(crate) async fn nat_gateways(ec2: &Client, vpc: &str) -> Asked<Vec<NatGateway>> {
    // This one API calls its filters `filter`.
    let pages = ec2.describe_nat_gateways().filter(filter("vpc-id", &[vpc])).into_paginator();
    Ok(Some(pages.items().send().try_collect().await?.iter().map(nat_gateway).collect()))
}

pub(crate) async fn internet_gateways(ec2: &Client, vpc: &str) -> Asked<Vec<InternetGateway>> {
    let pages = ec2.describe_internet_gateways().filters(filter("attachment.vpc-id", &[vpc])).into_paginator();
    let found = pages.items().send().try_collect().await?;
    Ok(Some(found.iter().filter_map(|gateway| internet_gateway(gateway, vpc)).collect()))
}

pub(crate) async fn security_groups(ec2: &Client, ids: &[&str]) -> Result<Vec<Asked<SecurityGroup>>, Refused> {
    let pages = ec2.describe_security_groups().filters(filter("group-id", ids)).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?.iter().map(interfaces::security_group).collect();
    Ok(pick(ids, &found, |group| &group.id))
}

pub(crate) async fn default_security_group(ec2: &Client, vpc: &str) -> Asked<SecurityGroup> {
    let asked = ec2.describe_security_groups().filters(filter("vpc-id", &[vpc]));
    let pages = asked.filters(filter("group-name", &["default"])).into_paginator();
    Ok(pages.items().send().try_collect().await?.first().map(interfaces::security_group))
}

pub(crate) async fn network_interfaces(ec2: &Client, ids: &[&str]) -> Result<Vec<Asked<NetworkInterface>>, Refused> {
    let pages = ec2.describe_network_interfaces().filters(filter("network-interface-id", ids)).into_paginator();
    let found: Vec<_> = pages.items().send().try_collect().await?.iter().map(interfaces::network_interface).collect();
    Ok(pick(ids, &found, |interface| &interface.id))
}

pub(crate) async fn instances(ec2: &Client, ids: &[&str]) -> Result<Vec<Asked<Instance>>, Refused> {
    let pages = ec2.describe_instances().filters(filter("instance-id", ids)).into_paginator();
    let reservations = pages.items().send().try_collect().await?;
    let found: Vec<_> = reservations.iter().flat_map(|one| one.instances()).map(interfaces::instance).collect();
    Ok(pick(ids, &found, |instance| &instance.id))
}

/// The lists of the gateway services with their ranges. A list that comes without (emulators do that, and a list
/// without ranges would let nothing through) is read like any other.
pub(crate) async fn aws_prefix_lists(ec2: &Client) -> Asked<Vec<PrefixList>> {
    let found = ec2.describe_prefix_lists().into_paginator().items().send().try_collect().await?;
    let mut lists: Vec<_> = found.iter().map(network::prefix_list).collect();
    let is_gateway = |list: &PrefixList| list.name.ends_with(".s3") || list.name.ends_with(".dynamodb");
    let completed = lists.iter_mut().filter(|list| list.cidrs.is_empty() && is_gateway(list)).map(|list| async {
        list.cidrs = ranges(ec2, &list.id).await?;
        Ok::<_, Refused>(())
    });
    try_join_all(completed).await?;
    Ok(Some(lists))
}

async fn ranges(ec2: &Client, list: &str) -> Result<Vec<String>, Refused> {
    let entries = ec2.get_managed_prefix_list_entries().prefix_list_id(list).into_paginator().items().send();
    Ok(entries.try_collect().await?.into_iter().filter_map(|entry| entry.cidr).collect())
}

/// The ranges of a prefix list; its name is told by another action, and its id stands in where that is refused.
pub(crate) async fn managed_prefix_list(ec2: &Client, list: &str) -> Asked<PrefixList> {
    let described = ec2.describe_managed_prefix_lists().filters(filter("prefix-list-id", &[list])).send();
    let (cidrs, described) = join(ranges(ec2, list), described).await;
    let cidrs = cidrs?;
    let lists = described.map(|told| told.prefix_lists.unwrap_or_default());
    if cidrs.is_empty() && lists.as_ref().is_ok_and(Vec::is_empty) {
        return Ok(None);
    }
    let name = lists.ok().and_then(|lists| lists.into_iter().next()?.prefix_list_name);
    Ok(Some(PrefixList { id: list.to_owned(), name: name.unwrap_or_else(|| list.to_owned()), cidrs }))
}
