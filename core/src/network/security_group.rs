//! Security groups: does the union of an interface's groups let a connection through?
//!
//! Groups only allow, and are stateful: replies need no rule.
//! <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html>

use super::address::AddressSet;
use super::surroundings::Surroundings;
use crate::model::network::GroupRule;

/// Does it get through?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// Whatever the unknown may be.
    Open,
    /// Whatever the unknown may be.
    Closed,
    /// It depends on what is not known; in words.
    Doubtful(String),
}

/// Which way the connection is opened, as the interface sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The interface opens it.
    Out,
    /// The interface is called.
    In,
}

/// The groups of the interface at the other end: rules may name groups in place of ranges.
#[derive(Debug, Clone, Copy)]
pub enum Members<'a> {
    /// It is on the internet. A rule that names a group covers private addresses only.
    Nobody,
    /// It carries these.
    Of(&'a [String]),
    /// Not known.
    Unknown,
}

/// May interfaces with these groups exchange TCP on the port with the other end?
pub fn passes(
    groups: &[String],
    direction: Direction,
    port: u16,
    other: (&AddressSet, Members<'_>),
    around: &dyn Surroundings,
) -> Passage {
    judge(groups, direction, &|rule| is_about(rule, "tcp", "6", port), other, around)
}

/// May interfaces with these groups send UDP to the port of the other end?
pub fn lets_out(groups: &[String], port: u16, other: (&AddressSet, Members<'_>), around: &dyn Surroundings) -> Passage {
    judge(groups, Direction::Out, &|rule| is_about(rule, "udp", "17", port), other, around)
}

fn judge(
    groups: &[String],
    direction: Direction,
    about: &dyn Fn(&GroupRule) -> bool,
    other: (&AddressSet, Members<'_>),
    around: &dyn Surroundings,
) -> Passage {
    let (addresses, members) = other;
    // An interface always has a group: none told means not told.
    let mut doubts = if groups.is_empty() { vec!["which security groups it has".to_owned()] } else { vec![] };
    let mut covered = AddressSet::default();
    for id in groups {
        let Ok(Some(group)) = around.security_group(id) else {
            doubts.push(format!("the rules of security group `{id}`"));
            continue;
        };
        let rules = if direction == Direction::Out { &group.egress } else { &group.ingress };
        for rule in rules.iter().filter(|rule| about(rule)) {
            match members {
                Members::Nobody => {}
                Members::Of(theirs) if rule.groups.iter().any(|id| theirs.contains(id)) => return Passage::Open,
                Members::Of(_) => {}
                Members::Unknown if rule.groups.is_empty() => {}
                Members::Unknown => doubts.push(format!("whether the other end has a group that `{id}` names")),
            }
            match AddressSet::parse(&rule.cidrs) {
                Some(ranges) => covered = covered.with(&ranges),
                None => doubts.push(format!("the ranges of security group `{id}`")),
            }
            for list in &rule.prefix_lists {
                let ranges = around.prefix_list(list).ok().flatten().and_then(|list| AddressSet::parse(&list.cidrs));
                match ranges {
                    Some(ranges) => covered = covered.with(&ranges),
                    None => doubts.push(format!("the ranges of prefix list `{list}`")),
                }
            }
        }
    }
    if !groups.is_empty() && covered.covers(addresses) {
        Passage::Open
    } else if !doubts.is_empty() {
        doubts.dedup();
        Passage::Doubtful(format!("not known is {}", doubts.join(", ")))
    } else if covered.meets(addresses) {
        Passage::Doubtful("the rules cover only some of the addresses that it may be".to_owned())
    } else {
        Passage::Closed
    }
}

/// A protocol is named by its name or by its number.
fn is_about(rule: &GroupRule, name: &str, number: &str, port: u16) -> bool {
    let all = rule.protocol == "-1" || rule.protocol.eq_ignore_ascii_case("all");
    let this = rule.protocol.eq_ignore_ascii_case(name) || rule.protocol == number;
    all || this
        && match rule.ports {
            None | Some((-1, _)) => true,
            Some((first, last)) => (first..=last).contains(&i32::from(port)),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::lab::{Lab, group, list, rule};

    const HTTPS: u16 = 443;

    fn out(lab: &Lab, to: &str, members: Members<'_>) -> Passage {
        let to = AddressSet::parse(&[to.to_owned()]).expect("a range");
        passes(&["sg-task".to_owned()], Direction::Out, HTTPS, (&to, members), lab)
    }

    #[test]
    fn a_rule_is_about_a_port_by_protocol_and_range() {
        let rows = [
            ("-1", None, true),
            ("tcp", Some((443, 443)), true),
            ("6", Some((0, 65535)), true),
            ("tcp", None, true),
            ("udp", Some((443, 443)), false),
            ("tcp", Some((80, 80)), false),
            ("icmp", Some((-1, -1)), false),
        ];
        for (protocol, ports, expected) in rows {
            let rule = GroupRule { ports, ..rule(protocol, None, &[]) };
            assert_eq!(is_about(&rule, "tcp", "6", HTTPS), expected, "{protocol} {ports:?}");
        }
    }

    #[test]
    fn questions_for_names_leave_by_rules_for_udp_alone() {
        let to = AddressSet::parse(&["10.9.9.9/32".to_owned()]).expect("a range");
        for (protocol, port, passage) in [
            ("udp", Some(53), Passage::Open),
            ("17", None, Passage::Open),
            ("-1", None, Passage::Open),
            ("tcp", Some(53), Passage::Closed),
            ("udp", Some(123), Passage::Closed),
        ] {
            let lab = Lab::default().with_group(group("sg-task", vec![], vec![rule(protocol, port, &["10.0.0.0/8"])]));
            let found = lets_out(&["sg-task".to_owned()], 53, (&to, Members::Unknown), &lab);
            assert_eq!(found, passage, "{protocol} {port:?}");
        }
    }

    #[test]
    fn a_group_without_rules_lets_nothing_out() {
        let lab = Lab::default().with_group(group("sg-task", vec![], vec![]));
        assert_eq!(out(&lab, "52.1.2.3/32", Members::Nobody), Passage::Closed);
    }

    #[test]
    fn a_rule_that_names_a_group_covers_interfaces_and_not_the_internet() {
        let mut only = rule("tcp", Some(443), &[]);
        only.groups = vec!["sg-vpce".to_owned()];
        let lab = Lab::default().with_group(group("sg-task", vec![], vec![only]));
        assert_eq!(out(&lab, "52.1.2.3/32", Members::Nobody), Passage::Closed);
        assert_eq!(out(&lab, "10.0.1.5/32", Members::Of(&["sg-vpce".to_owned()])), Passage::Open);
        assert_eq!(out(&lab, "10.0.1.5/32", Members::Of(&["sg-else".to_owned()])), Passage::Closed);
        assert!(matches!(out(&lab, "10.0.1.5/32", Members::Unknown), Passage::Doubtful(_)));
    }

    #[test]
    fn a_rule_that_names_a_prefix_list_covers_its_ranges_and_no_others() {
        let mut only = rule("tcp", Some(443), &[]);
        only.prefix_lists = vec!["pl-s3".to_owned()];
        let ranges = list("pl-s3", "com.amazonaws.us-east-1.s3", &["52.216.0.0/15", "3.5.0.0/19"]);
        let lab = Lab::default().with_group(group("sg-task", vec![], vec![only])).with_list(ranges);
        assert_eq!(out(&lab, "52.217.1.0/24", Members::Nobody), Passage::Open);
        assert_eq!(out(&lab, "52.94.0.0/16", Members::Nobody), Passage::Closed, "another service");
        assert!(matches!(out(&lab.without("pl-s3"), "52.94.0.0/16", Members::Nobody), Passage::Doubtful(_)));
    }

    #[test]
    fn a_group_that_cannot_be_read_may_be_the_one_that_lets_through() {
        let lab = Lab::default().with_group(group("sg-task", vec![], vec![]));
        let groups = ["sg-task".to_owned(), "sg-secret".to_owned()];
        let to = AddressSet::public_v4();
        let passage = passes(&groups, Direction::Out, HTTPS, (&to, Members::Nobody), &lab);
        assert!(matches!(passage, Passage::Doubtful(why) if why.contains("sg-secret")));
    }

    #[test]
    fn part_of_the_addresses_is_not_all_and_not_none() {
        let lab = Lab::default().with_group(group("sg-task", vec![], vec![rule("tcp", Some(443), &["52.0.0.0/8"])]));
        assert!(matches!(out(&lab, "0.0.0.0/0", Members::Nobody), Passage::Doubtful(_)));
        assert_eq!(out(&lab, "52.1.0.0/16", Members::Nobody), Passage::Open);
    }

    #[test]
    fn ipv4_rules_do_not_cover_ipv6() {
        let lab = Lab::default().with_group(group("sg-task", vec![], vec![rule("-1", None, &["0.0.0.0/0"])]));
        assert_eq!(out(&lab, "2600::1/128", Members::Nobody), Passage::Closed);
    }
}
