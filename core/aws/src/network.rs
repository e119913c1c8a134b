//! A VPC and what belongs to it, of the SDK as ours.

use crate::moment::moment;
use aws_sdk_ec2::types as sdk;
use ecs_why_core::model::Keeper;
use ecs_why_core::model::network::{
    AclEntry, InternetGateway, NatGateway, NetworkAcl, PrefixList, Route, RouteTable, RouteTarget, Subnet, Vpc,
    VpcEndpoint,
};

fn text(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// Who keeps a resource: nothing else of its tags leaves this crate.
pub(crate) fn keeper(tags: &[sdk::Tag]) -> Keeper {
    Keeper::of_tags(tags.iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default()))))
}

fn id(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

pub(crate) fn subnet(subnet: &sdk::Subnet) -> Subnet {
    let associated = |range: &&sdk::SubnetIpv6CidrBlockAssociation| {
        let state = range.ipv6_cidr_block_state().and_then(|state| state.state());
        state.is_none_or(|state| *state == sdk::SubnetCidrBlockStateCode::Associated)
    };
    Subnet {
        id: id(subnet.subnet_id()),
        vpc: id(subnet.vpc_id()),
        owner: text(subnet.owner_id()),
        zone: id(subnet.availability_zone()),
        zone_id: text(subnet.availability_zone_id()),
        cidr: text(subnet.cidr_block()),
        ipv6_cidrs: subnet
            .ipv6_cidr_block_association_set()
            .iter()
            .filter(associated)
            .filter_map(|range| text(range.ipv6_cidr_block()))
            .collect(),
        ipv6_native: subnet.ipv6_native().unwrap_or(false),
        dns64: subnet.enable_dns64(),
        free_addresses: subnet.available_ip_address_count().map(i64::from),
        maps_public_ip: subnet.map_public_ip_on_launch().unwrap_or(false),
        block_public_access: subnet
            .block_public_access_states()
            .and_then(|states| states.internet_gateway_block_mode())
            .map(|mode| mode.as_str().to_owned()),
    }
}

pub(crate) fn vpc(vpc: &sdk::Vpc) -> Vpc {
    let associated = |state: Option<&sdk::VpcCidrBlockState>| {
        let state = state.and_then(|state| state.state());
        state.is_none_or(|state| *state == sdk::VpcCidrBlockStateCode::Associated)
    };
    let mut cidrs: Vec<_> = vpc
        .cidr_block_association_set()
        .iter()
        .filter(|range| associated(range.cidr_block_state()))
        .filter_map(|range| text(range.cidr_block()))
        .collect();
    if cidrs.is_empty() {
        cidrs.extend(text(vpc.cidr_block()));
    }
    Vpc {
        id: id(vpc.vpc_id()),
        owner: text(vpc.owner_id()),
        cidrs,
        ipv6_cidrs: vpc
            .ipv6_cidr_block_association_set()
            .iter()
            .filter(|range| associated(range.ipv6_cidr_block_state()))
            .filter_map(|range| text(range.ipv6_cidr_block()))
            .collect(),
        dhcp_options: text(vpc.dhcp_options_id()),
    }
}

pub(crate) fn dns_servers(options: &sdk::DhcpOptions) -> Vec<String> {
    let servers = options.dhcp_configurations().iter().filter(|one| one.key() == Some("domain-name-servers"));
    servers.flat_map(|one| one.values()).filter_map(|value| text(value.value())).collect()
}

pub(crate) fn route_table(table: &sdk::RouteTable) -> RouteTable {
    // An association that says nothing of its state (emulators, old tables) is one.
    let in_force: Vec<_> = table
        .associations()
        .iter()
        .filter(|one| {
            let state = one.association_state().and_then(|state| state.state());
            state.is_none_or(|state| *state == sdk::RouteTableAssociationStateCode::Associated)
        })
        .collect();
    RouteTable {
        id: id(table.route_table_id()),
        subnets: in_force.iter().filter_map(|one| text(one.subnet_id())).collect(),
        main: in_force.iter().any(|one| one.main().unwrap_or(false)),
        routes: table.routes().iter().filter_map(route).collect(),
        keeper: keeper(table.tags()),
    }
}

fn route(route: &sdk::Route) -> Option<Route> {
    let destination =
        route.destination_cidr_block().or(route.destination_ipv6_cidr_block()).or(route.destination_prefix_list_id())?;
    Some(Route {
        destination: destination.to_owned(),
        target: target(route),
        blackhole: route.state() == Some(&sdk::RouteState::Blackhole),
        propagated: route.origin() == Some(&sdk::RouteOrigin::EnableVgwRoutePropagation),
    })
}

fn target(route: &sdk::Route) -> RouteTarget {
    if let Some(gateway) = route.gateway_id() {
        return by_prefix(gateway);
    }
    if let Some(nat) = route.nat_gateway_id() {
        return RouteTarget::NatGateway(nat.to_owned());
    }
    if let Some(gateway) = route.egress_only_internet_gateway_id() {
        return RouteTarget::EgressOnlyGateway(gateway.to_owned());
    }
    // A route to an instance names its interface as well.
    if let Some(interface) = route.network_interface_id().or(route.instance_id()) {
        return RouteTarget::Interface(interface.to_owned());
    }
    let elsewhere = route
        .transit_gateway_id()
        .or(route.vpc_peering_connection_id())
        .or(route.local_gateway_id())
        .or(route.carrier_gateway_id())
        .or(route.core_network_arn())
        .or(route.odb_network_arn());
    RouteTarget::Elsewhere(elsewhere.unwrap_or("unknown").to_owned())
}

/// `gatewayId` holds gateways of several kinds, and gateway endpoints.
fn by_prefix(gateway: &str) -> RouteTarget {
    let id = gateway.to_owned();
    match gateway.split_once('-').map_or(gateway, |(prefix, _)| prefix) {
        "local" => RouteTarget::Local,
        "igw" => RouteTarget::InternetGateway(id),
        "vpce" => RouteTarget::Endpoint(id),
        "eigw" => RouteTarget::EgressOnlyGateway(id),
        "nat" => RouteTarget::NatGateway(id),
        _ => RouteTarget::Elsewhere(id),
    }
}

pub(crate) fn endpoint(endpoint: &sdk::VpcEndpoint) -> VpcEndpoint {
    VpcEndpoint {
        id: id(endpoint.vpc_endpoint_id()),
        service: id(endpoint.service_name()),
        kind: endpoint.vpc_endpoint_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        state: endpoint.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        private_dns: endpoint.private_dns_enabled().unwrap_or(false),
        private_dns_only_for_inbound_resolver: endpoint
            .dns_options()
            .and_then(|options| options.private_dns_only_for_inbound_resolver_endpoint())
            .unwrap_or(false),
        subnets: endpoint.subnet_ids().to_vec(),
        security_groups: endpoint.groups().iter().filter_map(|group| text(group.group_id())).collect(),
        interfaces: endpoint.network_interface_ids().to_vec(),
        route_tables: endpoint.route_table_ids().to_vec(),
        policy: text(endpoint.policy_document()).filter(|policy| !policy.is_empty()),
        created: moment(endpoint.creation_timestamp()),
        keeper: keeper(endpoint.tags()),
    }
}

pub(crate) fn acl(acl: &sdk::NetworkAcl) -> NetworkAcl {
    NetworkAcl {
        id: id(acl.network_acl_id()),
        subnets: acl.associations().iter().filter_map(|one| text(one.subnet_id())).collect(),
        entries: acl.entries().iter().filter_map(entry).collect(),
        keeper: keeper(acl.tags()),
    }
}

fn entry(entry: &sdk::NetworkAclEntry) -> Option<AclEntry> {
    Some(AclEntry {
        number: entry.rule_number()?,
        egress: entry.egress().unwrap_or(false),
        protocol: id(entry.protocol()),
        ports: entry.port_range().and_then(|range| Some((range.from()?, range.to()?))),
        cidr: entry.cidr_block().or(entry.ipv6_cidr_block())?.to_owned(),
        allow: entry.rule_action() == Some(&sdk::RuleAction::Allow),
    })
}

pub(crate) fn nat_gateway(gateway: &sdk::NatGateway) -> NatGateway {
    let of_address = || gateway.nat_gateway_addresses().iter().find_map(|address| address.failure_message());
    NatGateway {
        id: id(gateway.nat_gateway_id()),
        state: gateway.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        subnet: text(gateway.subnet_id()),
        route_table: text(gateway.route_table_id()),
        public: gateway.connectivity_type() != Some(&sdk::ConnectivityType::Private),
        failure: text(gateway.failure_message().or(gateway.failure_code()).or_else(of_address)),
        created: moment(gateway.create_time()),
        keeper: keeper(gateway.tags()),
    }
}

pub(crate) fn internet_gateway(gateway: &sdk::InternetGateway, vpc: &str) -> Option<InternetGateway> {
    let attachment = gateway.attachments().iter().find(|one| one.vpc_id() == Some(vpc))?;
    let state = attachment.state().map(|state| state.as_str().to_owned()).unwrap_or_default();
    Some(InternetGateway { id: id(gateway.internet_gateway_id()), state })
}

pub(crate) fn prefix_list(list: &sdk::PrefixList) -> PrefixList {
    PrefixList { id: id(list.prefix_list_id()), name: id(list.prefix_list_name()), cidrs: list.cidrs().to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RouteTarget::{EgressOnlyGateway, Elsewhere, Endpoint, Interface, InternetGateway, Local, NatGateway};

    fn leads_to(route: aws_sdk_ec2::types::builders::RouteBuilder) -> RouteTarget {
        target(&route.build())
    }

    #[test]
    fn a_route_leads_where_its_field_and_prefix_say() {
        let route = sdk::Route::builder;
        assert_eq!(leads_to(route().gateway_id("local")), Local);
        assert_eq!(leads_to(route().gateway_id("igw-1")), InternetGateway("igw-1".into()));
        assert_eq!(leads_to(route().gateway_id("vgw-1")), Elsewhere("vgw-1".into()));
        assert_eq!(leads_to(route().gateway_id("vpce-1")), Endpoint("vpce-1".into()));
        assert_eq!(leads_to(route().egress_only_internet_gateway_id("eigw-1")), EgressOnlyGateway("eigw-1".into()));
        assert_eq!(leads_to(route().nat_gateway_id("nat-1")), NatGateway("nat-1".into()));
        assert_eq!(leads_to(route().instance_id("i-1").network_interface_id("eni-1")), Interface("eni-1".into()));
        assert_eq!(leads_to(route().instance_id("i-1")), Interface("i-1".into()));
        assert_eq!(leads_to(route().transit_gateway_id("tgw-1")), Elsewhere("tgw-1".into()));
        assert_eq!(leads_to(route().vpc_peering_connection_id("pcx-1")), Elsewhere("pcx-1".into()));
        assert_eq!(leads_to(route()), Elsewhere("unknown".into()));
    }

    #[test]
    fn only_associations_in_force_count_and_silence_is_one() {
        let association = |subnet: &str, state: Option<sdk::RouteTableAssociationStateCode>| {
            let state = state.map(|state| sdk::RouteTableAssociationState::builder().state(state).build());
            sdk::RouteTableAssociation::builder().subnet_id(subnet).set_association_state(state).build()
        };
        use sdk::RouteTableAssociationStateCode::{Associated, Disassociated};
        let table = sdk::RouteTable::builder()
            .associations(association("subnet-1", Some(Associated)))
            .associations(association("subnet-2", Some(Disassociated)))
            .associations(association("subnet-3", None))
            .build();
        assert_eq!(route_table(&table).subnets, ["subnet-1", "subnet-3"]);
        assert!(!route_table(&table).main);
    }

    #[test]
    fn a_black_hole_is_told() {
        let gone = sdk::Route::builder().destination_cidr_block("0.0.0.0/0").nat_gateway_id("nat-1");
        let gone = route(&gone.state(sdk::RouteState::Blackhole).build()).expect("it has a destination");
        assert!(gone.blackhole && !gone.propagated);
        assert_eq!(route(&sdk::Route::builder().gateway_id("local").build()), None);
    }
}
