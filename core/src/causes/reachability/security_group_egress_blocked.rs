//! The task's groups do not let it out.

use super::blocked;
use super::blocked::blocker;
use super::fixes::{ANYWHERE, ANYWHERE_V6, Neighbourhood, has_ipv6_only, https, s3_prefix_list};
use crate::causes::prelude::*;
use crate::launch::needs::{Need, needs};
use crate::launch::ways;
use crate::model::Unknown;
use crate::model::network::GroupRule;
use crate::network::{Blocker, Way};

documented! {
/// No security group of the task has an outbound rule for the connection.
///
/// # Why a task stops here
/// Groups only allow: what no rule of any group of the interface lets out is dropped. A group made by Terraform has no
/// outbound rule until one is declared; one that allows only the VPC's range blocks layers from S3, whose addresses are public.
/// # How it is told
/// The path from the task's interface (on EC2: the instance's) to the service's name is walked over the route tables, gateways,
/// endpoints, security groups and network ACLs as EC2 lists them. They carry no time: what is read is how they are now.
/// # Prevention
/// Allow TCP 443 outwards, or reference the endpoints' group and S3's prefix list.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
pub struct SecurityGroupEgressBlocked;
}

impl Cause for SecurityGroupEgressBlocked {
    type Subject = Need;
    const ID: CauseId = CauseId::SecurityGroupEgressBlocked;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        blocked::judge(Self::ID, need, case, facts)
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some((subnet, found)) = blocker(Self::ID, need, case, facts)? else { return Ok(vec![]) };
        let Some(group) = found.resources.iter().find(|one| one.starts_with("sg-")) else { return Ok(vec![]) };
        let Some((title, rule)) = narrowest(need, group, &subnet, case, facts)? else { return Ok(vec![]) };
        let change = Change::LetOut { group: group.clone(), rule };
        let mut fixes = vec![Fix::new(format!("{title} ({group})"), Risk::Low).making(change)];
        let to = if has_ipv6_only(facts, &subnet)? { ANYWHERE_V6 } else { ANYWHERE };
        let all = Change::LetOut { group: group.clone(), rule: https(&[to], &[], &[]) };
        if fixes.first().is_some_and(|first| first.changes != [all.clone()]) {
            fixes.push(
                Fix::new(format!("Let the tasks out on port 443 to anywhere ({group})"), Risk::Medium).making(all),
            );
        }
        Ok(fixes)
    }
}

/// The narrowest rule that lets the tasks out to every service that the group bars: by reference where that can be.
fn narrowest(
    need: &Need,
    group: &String,
    subnet: &str,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Option<(String, GroupRule)>, Unknown> {
    let around = Neighbourhood::of(facts, subnet)?;
    let (mut groups, mut lists): (Vec<String>, Vec<String>) = (vec![], vec![]);
    for other in needs(case, facts)?.iter().filter(|other| !other.hidden || other.host == need.host) {
        let ways = ways::ways(case, facts, other)?;
        let barred = |way: &&ways::WayFrom| {
            let its = |one: &Blocker| one.cause == CauseId::SecurityGroupEgressBlocked && one.resources.contains(group);
            way.subnet == *subnet && way.path.blockers.iter().any(its)
        };
        let Some(way) = ways.iter().find(barred) else { continue };
        match &way.path.way {
            Some(Way::GatewayEndpoint(_)) => match s3_prefix_list(case, facts)? {
                Some(list) => lists.push(list),
                None => return Ok(None),
            },
            Some(Way::InterfaceEndpoint(Some(id))) => {
                let found = around.as_ref().and_then(|all| all.endpoints.iter().find(|one| one.id == *id));
                groups.extend(found.into_iter().flat_map(|endpoint| endpoint.security_groups.iter().cloned()));
            }
            _ => {
                let to = if has_ipv6_only(facts, subnet)? { ANYWHERE_V6 } else { ANYWHERE };
                return Ok(Some(("Let the tasks out on port 443".to_owned(), https(&[to], &[], &[]))));
            }
        }
    }
    groups.sort();
    groups.dedup();
    lists.dedup();
    let names: Vec<&str> = [
        (!groups.is_empty()).then_some(if groups.len() == 1 {
            "the endpoint's group"
        } else {
            "the endpoints' groups"
        }),
        (!lists.is_empty()).then_some("S3's prefix list"),
    ]
    .into_iter()
    .flatten()
    .collect();
    Ok(Some((format!("Let the tasks out to {}", names.join(" and ")), https(&[], &groups, &lists))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, service};
    use crate::evidence::Question;
    use crate::network::lab;

    const ID: CauseId = CauseId::SecurityGroupEgressBlocked;

    fn lets_out(fixture: Fixture, rules: Vec<GroupRule>) -> Fixture {
        fixture.network(|lab| lab.groups.get_mut("sg-task").expect("the tasks have it").egress = rules)
    }

    #[test]
    fn some_rule_of_some_group_must_let_https_out() {
        let to = |port, cidr| lab::rule("tcp", Some(port), &[cidr]);
        for (rules, said, why) in [
            (vec![to(443, "0.0.0.0/0")], Said::Sound, "HTTPS to anywhere"),
            (vec![to(443, "10.0.0.0/16")], Said::Fault, "the VPC only"),
            (vec![to(5432, "0.0.0.0/0")], Said::Fault, "another port"),
            (vec![], Said::Fault, "as Terraform makes it"),
        ] {
            assert_eq!(lets_out(Fixture::fargate(), rules).says(ID), said, "{why}");
        }
        let two = lets_out(Fixture::fargate(), vec![])
            .network(|lab| *lab = lab.clone().with_group(lab::group("sg-out", vec![], vec![to(443, "0.0.0.0/0")])))
            .settings(|network| network.security_groups.push("sg-out".to_owned()));
        assert_eq!(two.says(ID), Said::Sound, "one of two groups is enough");
    }

    #[test]
    fn the_vpcs_range_lets_out_to_endpoints_and_not_to_s3() {
        let local = lets_out(Fixture::endpoints(), vec![lab::rule("tcp", Some(443), &["10.0.0.0/16"])]);
        let found = local.finding(ID);
        assert_eq!((found.resources, found.endpoint.as_deref()), (vec!["sg-task".to_owned()], Some("s3")));
        let fixes = local.mended(ID);
        let rule = https(&[], &[], &["pl-s3".to_owned()]);
        assert_eq!(fixes[0].changes, [Change::LetOut { group: "sg-task".to_owned(), rule }]);
        assert_eq!(local.after(&fixes[0]).says(ID), Said::Sound);
    }

    #[test]
    fn the_endpoints_group_and_s3s_prefix_list_are_enough_and_neither_is_alone() {
        let to = |groups: &[&str], lists: &[&str]| {
            let owned = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
            https(&[], &owned(groups), &owned(lists))
        };
        let with = |rules| lets_out(Fixture::endpoints(), rules);
        assert_eq!(with(vec![to(&["sg-vpce"], &["pl-s3"])]).says(ID), Said::Sound);
        assert_eq!(with(vec![to(&["sg-vpce"], &[])]).finding(ID).endpoint.as_deref(), Some("s3"));
        assert_eq!(with(vec![to(&[], &["pl-s3"])]).finding(ID).endpoint.as_deref(), Some("ecr.api"));
    }

    #[test]
    fn no_group_at_all_is_the_vpcs_default_group() {
        let question = Question::DefaultSecurityGroup { vpc: "vpc-1".into() };
        let closed = lab::group("sg-task", vec![], vec![]);
        let default = lets_out(Fixture::fargate(), vec![])
            .settings(|network| network.security_groups.clear())
            .with(question.clone(), crate::evidence::Known::DefaultSecurityGroup(closed));
        assert_eq!(default.says(ID), Said::Fault);
        default.hangs_on(ID, &question);
    }

    #[test]
    fn it_hangs_on_the_group_and_on_which_groups_there_were() {
        let closed = lets_out(Fixture::fargate(), vec![]);
        closed.hangs_on(ID, &Question::SecurityGroup { group: "sg-task".into() });
        assert_eq!(closed.clone().gap(service()).says(ID), Said::Unknown);
        closed.never_turns(ID);
    }

    #[test]
    fn the_narrowest_rule_that_serves_comes_first() {
        let changes = |fixture: &Fixture| fixture.mended(ID).into_iter().map(|fix| fix.changes).collect::<Vec<_>>();
        let out = |rule| vec![Change::LetOut { group: "sg-task".to_owned(), rule }];
        let anywhere = || out(https(&[ANYWHERE], &[], &[]));
        assert_eq!(changes(&lets_out(Fixture::fargate(), vec![])), [anywhere()]);
        let closed = lets_out(Fixture::endpoints(), vec![]);
        assert_eq!(
            closed.mended(ID)[0].title,
            "Let the tasks out to the endpoint's group and S3's prefix list (sg-task)"
        );
        let by_reference = out(https(&[], &["sg-vpce".to_owned()], &["pl-s3".to_owned()]));
        assert_eq!(changes(&closed), [by_reference, anywhere()]);
    }
}
