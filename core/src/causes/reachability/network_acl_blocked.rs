//! A network ACL drops the connection, or what comes back.

use super::blocked;
use super::blocked::blocker;
use super::fixes::Neighbourhood;
use crate::causes::prelude::*;
use crate::launch::needs::Need;
use crate::launch::ways;
use crate::model::network::NetworkAcl;

documented! {
/// The network ACL of a subnet on the way blocks the connection or its return traffic.
///
/// # Why a task stops here
/// ACLs are stateless: TCP 443 must be let out, and the answers to the ephemeral ports (1024 to 65535) back in, at every
/// subnet that is crossed. The entry with the lowest number that matches decides.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Leave ACLs open and use security groups, or test them with `ecs-why check`.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>
pub struct NetworkAclBlocked;
}

impl Cause for NetworkAclBlocked {
    type Subject = Need;
    const ID: CauseId = CauseId::NetworkAclBlocked;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some((subnet, found)) = blocker(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let Some(id) = found.resources.iter().find(|one| one.starts_with("acl-")) else { return Ok(vec![]) };
        let Some(around) = Neighbourhood::of(facts, &subnet)? else { return Ok(vec![]) };
        let Some(acl) = facts.network_acls(&around.vpc)?.and_then(|all| all.iter().find(|acl| acl.id == *id)) else {
            return Ok(vec![]);
        };
        let mut fix = Fix::new(format!("Let HTTPS and its answers through network ACL {id}"), Risk::Medium)
            .documented_at("https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html")
            .noting("the ACL holds for everything in its subnets; ask whoever wrote the entry that denies");
        for change in openings(acl, &around.vpc, &subnet) {
            fix = fix.making(change);
        }
        Ok(vec![fix])
    }
}

/// What the client's own subnet needs: the port of the service on the way out, ephemeral ports on the way back.
const CLIENT: [(bool, (i32, i32)); 2] = [(true, (443, 443)), (false, (1024, 65535))];
/// What the subnet of a NAT gateway or an endpoint needs: the same from the other side as well.
const CROSSED: [(bool, (i32, i32)); 4] =
    [(false, (443, 443)), (true, (1024, 65535)), (true, (443, 443)), (false, (1024, 65535))];

/// Allowing entries, put just before the ones that are in the way.
fn openings(acl: &NetworkAcl, vpc: &str, client: &str) -> Vec<Change> {
    let own = acl.subnets.iter().any(|subnet| subnet == client);
    let needed: &[(bool, (i32, i32))] = if own { &CLIENT } else { &CROSSED };
    let mut changes = vec![];
    for &(egress, ports) in needed {
        let mut entries: Vec<_> = acl.entries.iter().filter(|entry| entry.egress == egress).collect();
        entries.sort_by_key(|entry| entry.number);
        let covers = |entry: &crate::model::network::AclEntry| {
            matches!(entry.protocol.as_str(), "-1" | "6")
                && entry.ports.is_none_or(|(from, to)| entry.protocol == "-1" || from <= ports.1 && to >= ports.0)
        };
        let Some(first) = entries.iter().find(|entry| covers(entry)) else { continue };
        if first.allow && first.cidr == "0.0.0.0/0" {
            continue;
        }
        let taken = |number: i32| acl.entries.iter().any(|entry| entry.egress == egress && entry.number == number);
        let made = |change: &Change| matches!(change, Change::CreateAclEntry { number, egress: out, .. } if *out == egress && *number > 0);
        let used: Vec<i32> = changes
            .iter()
            .filter(|change| made(change))
            .filter_map(|change| match change {
                Change::CreateAclEntry { number, .. } => Some(*number),
                _ => None,
            })
            .collect();
        let free = |number: &i32| !taken(*number) && !used.contains(number);
        let Some(number) = (1..first.number).rev().find(free) else {
            // No number is free before it: an entry that denies goes, one that allows too little stays.
            if !first.allow && first.number < 32767 {
                changes.push(Change::DeleteAclEntry {
                    acl: acl.id.clone(),
                    vpc: vpc.to_owned(),
                    number: first.number,
                    egress,
                });
            }
            continue;
        };
        changes.push(Change::CreateAclEntry {
            acl: acl.id.clone(),
            vpc: vpc.to_owned(),
            number,
            egress,
            ports,
            cidr: "0.0.0.0/0".to_owned(),
        });
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said};
    use crate::evidence::Question;
    use crate::model::network::AclEntry;
    use crate::network::lab;

    const ID: CauseId = CauseId::NetworkAclBlocked;

    fn with_entry(acl: usize, entry: AclEntry) -> Fixture {
        Fixture::fargate().network(|lab| lab.acls[acl].entries.push(entry))
    }

    fn tcp(number: i32, egress: bool, ports: (i32, i32), allow: bool) -> AclEntry {
        lab::entry(number, egress, "6", Some(ports), "0.0.0.0/0", allow)
    }

    #[test]
    fn the_lowest_number_that_matches_decides_in_both_directions() {
        for (entry, said, why) in [
            (tcp(90, true, (443, 443), false), Said::Fault, "HTTPS out"),
            (tcp(110, true, (443, 443), false), Said::Sound, "after the one that allows"),
            (tcp(90, false, (1024, 65535), false), Said::Fault, "the answers in"),
            (tcp(90, true, (80, 80), false), Said::Sound, "another port"),
            (lab::entry(90, true, "17", None, "0.0.0.0/0", false), Said::Sound, "UDP"),
        ] {
            assert_eq!(with_entry(0, entry).says(ID), said, "{why}");
        }
    }

    #[test]
    fn the_acl_of_the_subnet_of_the_nat_gateway_counts_too() {
        let found = with_entry(2, tcp(90, true, (443, 443), false)).finding(ID);
        assert_eq!(found.resources, ["acl-public", lab::PUBLIC]);
        assert_eq!(with_entry(1, tcp(90, true, (443, 443), false)).says(ID), Said::Sound, "another subnet's does not");
    }

    #[test]
    fn it_hangs_on_the_acls() {
        let denied = with_entry(0, tcp(90, true, (443, 443), false));
        assert_eq!(denied.finding(ID).resources, ["acl-task", lab::TASK]);
        denied.hangs_on(ID, &Question::NetworkAcls { vpc: "vpc-1".into() });
        denied.never_turns(ID);
    }

    #[test]
    fn an_entry_just_before_the_one_that_denies_mends_it() {
        let denied = with_entry(0, tcp(90, true, (443, 443), false));
        let change = Change::CreateAclEntry {
            acl: "acl-task".to_owned(),
            vpc: "vpc-1".to_owned(),
            number: 89,
            egress: true,
            ports: (443, 443),
            cidr: "0.0.0.0/0".to_owned(),
        };
        let fixes = denied.mended(ID);
        assert_eq!(fixes[0].changes, [change]);
        assert_eq!(denied.after(&fixes[0]).says(ID), Said::Sound);
    }

    #[test]
    fn where_no_entry_matches_both_directions_are_opened() {
        let bare = Fixture::fargate().network(|lab| {
            lab.acls[0].entries = vec![
                lab::entry(32767, true, "-1", None, "0.0.0.0/0", false),
                lab::entry(32767, false, "-1", None, "0.0.0.0/0", false),
            ];
        });
        let fixes = bare.mended(ID);
        assert_eq!(fixes[0].changes.len(), 2);
        assert_eq!(bare.after(&fixes[0]).says(ID), Said::Sound);
    }
}
