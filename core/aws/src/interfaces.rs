//! What has an address, and what guards it: interfaces, instances and security groups, of the SDK as ours.

use crate::network::keeper;
use aws_sdk_ec2::types as sdk;
use ecs_why_core::model::network::{GroupRule, Instance, NetworkInterface, SecurityGroup};
use std::net::IpAddr;

fn text(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn address(text: Option<&str>) -> Option<IpAddr> {
    text.and_then(|text| text.parse().ok())
}

fn groups(groups: &[sdk::GroupIdentifier]) -> Vec<String> {
    groups.iter().filter_map(|group| text(group.group_id())).collect()
}

pub(crate) fn security_group(group: &sdk::SecurityGroup) -> SecurityGroup {
    SecurityGroup {
        id: group.group_id().unwrap_or_default().to_owned(),
        name: group.group_name().unwrap_or_default().to_owned(),
        vpc: text(group.vpc_id()),
        owner: text(group.owner_id()),
        ingress: group.ip_permissions().iter().map(rule).collect(),
        egress: group.ip_permissions_egress().iter().map(rule).collect(),
        keeper: keeper(group.tags()),
    }
}

fn rule(rule: &sdk::IpPermission) -> GroupRule {
    let four = rule.ip_ranges().iter().filter_map(|range| text(range.cidr_ip()));
    let six = rule.ipv6_ranges().iter().filter_map(|range| text(range.cidr_ipv6()));
    GroupRule {
        protocol: rule.ip_protocol().unwrap_or("-1").to_owned(),
        ports: ports(rule),
        cidrs: four.chain(six).collect(),
        groups: rule.user_id_group_pairs().iter().filter_map(|pair| text(pair.group_id())).collect(),
        prefix_lists: rule.prefix_list_ids().iter().filter_map(|list| text(list.prefix_list_id())).collect(),
    }
}

/// ICMP has types and codes where TCP and UDP have ports.
fn ports(rule: &sdk::IpPermission) -> Option<(i32, i32)> {
    let without = matches!(rule.ip_protocol(), Some("-1" | "icmp" | "icmpv6" | "1" | "58"));
    match (rule.from_port(), rule.to_port()) {
        (Some(first), Some(last)) if !without && first >= 0 => Some((first, last)),
        _ => None,
    }
}

pub(crate) fn network_interface(interface: &sdk::NetworkInterface) -> NetworkInterface {
    NetworkInterface {
        id: interface.network_interface_id().unwrap_or_default().to_owned(),
        subnet: text(interface.subnet_id()),
        security_groups: groups(interface.groups()),
        private_ip: address(interface.private_ip_address()),
        public_ip: address(interface.association().and_then(|association| association.public_ip())),
    }
}

pub(crate) fn instance(instance: &sdk::Instance) -> Instance {
    let is_primary = |interface: &&sdk::InstanceNetworkInterface| {
        interface.attachment().and_then(|attachment| attachment.device_index()) == Some(0)
    };
    // The instance's own groups are those of its primary interface, too, but an instance that ended has none of both.
    let primary = instance.network_interfaces().iter().find(is_primary);
    Instance {
        id: instance.instance_id().unwrap_or_default().to_owned(),
        state: instance.state().and_then(|state| state.name()).map(|name| name.as_str().to_owned()).unwrap_or_default(),
        subnet: text(primary.and_then(|interface| interface.subnet_id()).or(instance.subnet_id())),
        security_groups: groups(primary.map_or(instance.security_groups(), |interface| interface.groups())),
        private_ip: address(instance.private_ip_address()),
        public_ip: address(instance.public_ip_address()),
        instance_profile: instance.iam_instance_profile().and_then(|profile| text(profile.arn())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_for_everything_has_no_ports() {
        let rule = |protocol: &str, first, last| {
            ports(&sdk::IpPermission::builder().ip_protocol(protocol).set_from_port(first).set_to_port(last).build())
        };
        assert_eq!(rule("tcp", Some(443), Some(443)), Some((443, 443)));
        assert_eq!(rule("tcp", Some(0), Some(65535)), Some((0, 65535)));
        assert_eq!(rule("-1", None, None), None);
        assert_eq!(rule("-1", Some(-1), Some(-1)), None);
        assert_eq!(rule("icmp", Some(8), Some(-1)), None);
    }
}
