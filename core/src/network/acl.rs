//! Network ACLs: stateless rules at the border of a subnet; the lowest number that matches decides.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>

use super::address::AddressSet;
use super::path::{Blocker, Part};
use crate::model::CauseId;
use crate::model::network::{AclEntry, NetworkAcl};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// Linux's ports of clients; without any of them no reply comes back to Fargate or an ECS image.
const LINUX: RangeInclusive<u16> = 32768..=60999;
/// Linux's and Windows': who lets all of these in stands in nobody's way.
const CLIENTS: RangeInclusive<u16> = 32768..=65535;
/// A NAT gateway's.
const NAT: RangeInclusive<u16> = 1024..=65535;

/// How much of the traffic passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// All of it.
    All,
    /// Nothing.
    Nothing,
    /// It depends on the address or port.
    Some,
}

/// What crosses the border of a subnet, in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// The connection, on its way to a port.
    Request(u16),
    /// The answers to a client's port.
    Reply,
    /// The answers to a port of a NAT gateway, or of somebody not known.
    ReplyToNat,
}

/// A border that is crossed.
#[derive(Debug, Clone)]
pub struct Crossing<'a> {
    /// The subnet.
    pub subnet: &'a str,
    /// The traffic leaves it.
    pub leaves: bool,
    /// What it is.
    pub traffic: Traffic,
    /// The other side.
    pub remote: &'a AddressSet,
    /// The other side, in words.
    pub whom: Cow<'a, str>,
}

/// What a crossing came to.
#[derive(Debug)]
pub enum Crossed {
    /// It passes.
    Open,
    /// Nothing passes.
    Closed(Box<Blocker>),
    /// Not known, or only partly open; in words.
    Doubtful(String),
}

/// The ACL that guards a subnet; every subnet has exactly one.
pub fn acl_of<'a>(acls: &'a [NetworkAcl], subnet: &str) -> Option<&'a NetworkAcl> {
    acls.iter().find(|acl| acl.subnets.iter().any(|id| id == subnet))
}

/// Does the traffic get across?
pub fn cross(acls: Option<&[NetworkAcl]>, crossing: &Crossing<'_>) -> Crossed {
    let &Crossing { subnet, leaves, traffic, remote, ref whom } = crossing;
    let Some(acl) = acls.and_then(|acls| acl_of(acls, subnet)) else {
        return Crossed::Doubtful(format!("the network ACL of subnet `{subnet}` is not known"));
    };
    let side = if leaves { "outbound" } else { "inbound" };
    let toward = if leaves { "to" } else { "from" };
    let (ports, needed, all) = match traffic {
        Traffic::Request(port) => (format!("TCP {port}"), port..=port, port..=port),
        Traffic::Reply => (format!("the replies (TCP {}-{})", LINUX.start(), LINUX.end()), LINUX, CLIENTS),
        Traffic::ReplyToNat => (format!("the replies (TCP {}-{})", NAT.start(), NAT.end()), NAT, NAT),
    };
    let found = share(acl, leaves, needed.clone(), remote);
    if found == Share::Nothing {
        let rule = denying_rule(acl, leaves, *needed.start(), remote);
        let explanation = format!(
            "network ACL `{}` of subnet `{subnet}` denies {ports} {toward} {whom} ({side} rules: {rule})",
            acl.id
        );
        let resources = vec![acl.id.clone(), subnet.to_owned()];
        let cause = CauseId::NetworkAclBlocked;
        return Crossed::Closed(Box::new(Blocker { cause, resources, explanation, parts: vec![Part::Acls] }));
    }
    if found == Share::All && share(acl, leaves, all.clone(), remote) == Share::All {
        return Crossed::Open;
    }
    let part = match traffic {
        Traffic::Request(port) => format!("TCP {port} only {toward} some of the addresses of {whom}"),
        _ => format!("only some of TCP {}-{} {toward} {whom}, so that replies may be lost", all.start(), all.end()),
    };
    Crossed::Doubtful(format!("network ACL `{}` of subnet `{subnet}` lets {part} pass ({side} rules)", acl.id))
}

/// How much of TCP on these destination ports passes, to or from these addresses.
pub fn share(acl: &NetworkAcl, egress: bool, ports: RangeInclusive<u16>, remote: &AddressSet) -> Share {
    let entries = in_order(acl, egress);
    let (first, last) = (i32::from(*ports.start()), i32::from(*ports.end()));
    // What is decided changes only where some entry begins or ends: one port of each stretch stands for it.
    let borders = entries.iter().filter_map(|entry| entry.ports).flat_map(|(from, to)| [from, to.saturating_add(1)]);
    let starts = borders.filter(|port| (first..=last).contains(port)).chain([first]);
    starts
        .map(|port| at_port(&entries, port, remote))
        .reduce(|a, b| if a == b { a } else { Share::Some })
        .unwrap_or(Share::Some)
}

fn in_order(acl: &NetworkAcl, egress: bool) -> Vec<&AclEntry> {
    let mut entries: Vec<&AclEntry> =
        acl.entries.iter().filter(|entry| entry.egress == egress && is_about_tcp(entry)).collect();
    entries.sort_by_key(|entry| entry.number);
    entries
}

fn is_about_tcp(entry: &AclEntry) -> bool {
    entry.protocol == "6" || is_about_all(entry) || entry.protocol.eq_ignore_ascii_case("tcp")
}

fn is_about_all(entry: &AclEntry) -> bool {
    entry.protocol == "-1" || entry.protocol.eq_ignore_ascii_case("all")
}

fn takes(entry: &AclEntry, port: i32) -> bool {
    is_about_all(entry) || entry.ports.is_none_or(|(from, to)| (from..=to).contains(&port))
}

fn at_port(entries: &[&AclEntry], port: i32, remote: &AddressSet) -> Share {
    let mut left = remote.clone();
    let mut passed = AddressSet::default();
    for entry in entries.iter().filter(|entry| takes(entry, port)) {
        let Ok(range) = entry.cidr.parse() else { return Share::Some };
        let range = AddressSet::of(range);
        if entry.allow {
            passed = passed.with(&left.within(&range));
        }
        left = left.without(&range);
    }
    // What no entry takes is denied.
    match (passed.is_empty(), passed.covers(remote)) {
        (true, _) => Share::Nothing,
        (false, true) => Share::All,
        (false, false) => Share::Some,
    }
}

fn denying_rule(acl: &NetworkAcl, egress: bool, port: u16, remote: &AddressSet) -> String {
    let entries = in_order(acl, egress);
    let met = entries.iter().find(|entry| {
        takes(entry, i32::from(port)) && entry.cidr.parse().is_ok_and(|range| AddressSet::of(range).meets(remote))
    });
    match met {
        // 32767 is the `*` that EC2 puts at the end, which people do not see as a rule of theirs.
        Some(entry) if entry.number < 32767 => format!("number {} decides", entry.number),
        _ => "none allows it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::lab::{acl, entry};

    fn to(range: &str) -> AddressSet {
        AddressSet::parse(&[range.to_owned()]).expect("a range")
    }

    #[test]
    fn the_lowest_number_that_matches_decides() {
        let all = entry(100, true, "-1", None, "0.0.0.0/0", true);
        let deny = |number| entry(number, true, "6", Some((443, 443)), "0.0.0.0/0", false);
        let anywhere = AddressSet::public_v4();
        assert_eq!(share(&acl("acl-1", &[], vec![all.clone(), deny(90)]), true, 443..=443, &anywhere), Share::Nothing);
        assert_eq!(share(&acl("acl-1", &[], vec![all.clone(), deny(110)]), true, 443..=443, &anywhere), Share::All);
        assert_eq!(share(&acl("acl-1", &[], vec![all]), false, 443..=443, &anywhere), Share::Nothing);
    }

    #[test]
    fn a_rule_for_some_addresses_lets_some_pass() {
        let some = acl("acl-1", &[], vec![entry(1, true, "6", Some((443, 443)), "52.0.0.0/8", true)]);
        assert_eq!(share(&some, true, 443..=443, &AddressSet::public_v4()), Share::Some);
        assert_eq!(share(&some, true, 443..=443, &to("52.1.0.0/16")), Share::All);
        assert_eq!(share(&some, true, 443..=443, &to("3.0.0.0/8")), Share::Nothing);
    }

    #[test]
    fn replies_pass_by_all_client_ports_or_only_partly() {
        let rows = [
            (1024, 65535, "open"),
            (32768, 65535, "open"),
            (32768, 60999, "doubtful"),
            (49152, 65535, "doubtful"),
            (1024, 32767, "closed"),
            (443, 443, "closed"),
        ];
        for (first, last, expected) in rows {
            let acls =
                [acl("acl-1", &["subnet-1"], vec![entry(1, false, "6", Some((first, last)), "0.0.0.0/0", true)])];
            let remote = AddressSet::public_v4();
            let crossing = Crossing {
                subnet: "subnet-1",
                leaves: false,
                traffic: Traffic::Reply,
                remote: &remote,
                whom: "it".into(),
            };
            let found = match cross(Some(&acls), &crossing) {
                Crossed::Open => "open",
                Crossed::Closed(_) => "closed",
                Crossed::Doubtful(_) => "doubtful",
            };
            assert_eq!(found, expected, "{first}-{last}");
        }
    }

    #[test]
    fn a_blocker_names_the_acl_and_the_rule() {
        let rules = vec![
            entry(90, true, "6", Some((443, 443)), "0.0.0.0/0", false),
            entry(100, true, "-1", None, "0.0.0.0/0", true),
        ];
        let acls = [acl("acl-1", &["subnet-1"], rules)];
        let remote = AddressSet::public_v4();
        let crossing = Crossing {
            subnet: "subnet-1",
            leaves: true,
            traffic: Traffic::Request(443),
            remote: &remote,
            whom: "`x`".into(),
        };
        let Crossed::Closed(blocker) = cross(Some(&acls), &crossing) else { unreachable!("it is closed") };
        assert_eq!(blocker.resources, ["acl-1", "subnet-1"]);
        assert_eq!(
            blocker.explanation,
            "network ACL `acl-1` of subnet `subnet-1` denies TCP 443 to `x` (outbound rules: number 90 decides)"
        );
    }

    #[test]
    fn tcp_is_named_by_number_or_name_and_is_part_of_all() {
        for (protocol, share_of_443) in [
            ("6", Share::All),
            ("tcp", Share::All),
            ("TCP", Share::All),
            ("-1", Share::All),
            ("all", Share::All),
            ("17", Share::Nothing),
            ("udp", Share::Nothing),
            ("1", Share::Nothing),
        ] {
            let acl = acl("acl-1", &[], vec![entry(1, true, protocol, None, "0.0.0.0/0", true)]);
            assert_eq!(share(&acl, true, 443..=443, &AddressSet::public_v4()), share_of_443, "{protocol}");
        }
    }

    #[test]
    fn ports_count_for_tcp_and_not_for_all_protocols() {
        for (protocol, share_of_443) in [("-1", Share::All), ("all", Share::All), ("6", Share::Nothing)] {
            let acl = acl("acl-1", &[], vec![entry(1, true, protocol, Some((80, 80)), "0.0.0.0/0", true)]);
            assert_eq!(share(&acl, true, 443..=443, &AddressSet::public_v4()), share_of_443, "{protocol}");
        }
    }

    #[test]
    fn the_rule_that_decides_is_about_the_port_and_the_address_and_the_last_one_is_nobodys() {
        let deny = |number, ports, range| entry(number, true, "6", ports, range, false);
        for (rules, decides) in [
            (vec![deny(10, Some((80, 80)), "0.0.0.0/0"), deny(20, Some((443, 443)), "0.0.0.0/0")], "number 20 decides"),
            (vec![deny(10, None, "10.0.0.0/8"), deny(20, None, "52.0.0.0/8")], "number 20 decides"),
            (vec![deny(10, None, "10.0.0.0/8")], "none allows it"),
            (vec![deny(32766, None, "0.0.0.0/0")], "number 32766 decides"),
            (vec![deny(32767, None, "0.0.0.0/0")], "none allows it"),
        ] {
            assert_eq!(denying_rule(&acl("acl-1", &[], rules), true, 443, &to("52.1.0.0/16")), decides);
        }
    }

    #[test]
    fn what_passes_only_in_part_is_said_with_what_it_is() {
        let acls = [acl("acl-1", &["subnet-1"], vec![entry(1, true, "6", None, "52.0.0.0/8", true)])];
        let remote = AddressSet::public_v4();
        let part = |acls, traffic| {
            let crossing = Crossing { subnet: "subnet-1", leaves: true, traffic, remote: &remote, whom: "`x`".into() };
            let Crossed::Doubtful(why) = cross(acls, &crossing) else { unreachable!("some addresses pass") };
            why
        };
        assert_eq!(
            part(Some(&acls), Traffic::Request(443)),
            "network ACL `acl-1` of subnet `subnet-1` lets TCP 443 only to some of the addresses of `x` pass (outbound rules)"
        );
        assert_eq!(
            part(Some(&acls), Traffic::ReplyToNat),
            "network ACL `acl-1` of subnet `subnet-1` lets only some of TCP 1024-65535 to `x`, so that replies may be lost pass (outbound rules)"
        );
        assert!(part(None, Traffic::Reply).contains("subnet `subnet-1` is not known"));
    }
}
