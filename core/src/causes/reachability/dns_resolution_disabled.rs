//! No name resolves, or nobody can be asked for one.

use super::blocked;
use super::blocked::blocker;
use crate::causes::prelude::*;
use crate::evidence::GapReason;
use crate::launch::needs::Need;
use crate::launch::ways::{self, WayFrom};
use crate::model::Unknown;
use crate::model::network::GroupRule;
use crate::network::{Path, Resolver, Zone};
use crate::symptom::Symptom;

documented! {
/// DNS resolution is off in the VPC, or its DNS servers cannot be asked.
///
/// # Why a task stops here
/// Everything that a launch fetches is called by name. Amazon's resolver, at the second address of the VPC's range, answers
/// only while the VPC's attribute `enableDnsSupport` is on. A VPC whose DHCP options name servers of one's own depends on the
/// way to those: a route, outbound UDP and TCP 53 in the task's security groups, and what the servers forward. And a private
/// hosted zone that is called like a service, or like what its name ends in, answers for it in the place of the public one.
/// # How it is told
/// The VPC's attribute and its DHCP options are read, and, where the stop says that a name did not resolve, its private
/// hosted zones. Servers of one's own are followed as far as the task's route table and security groups; what they answer
/// cannot be read, nor can resolver rules and the DNS firewall, which may hide a name: a stop that says that a name did not
/// resolve is not contradicted by settings that are right.
/// # Prevention
/// Leave DNS support on and the DHCP options at `AmazonProvidedDNS`, and use Route 53 Resolver rules for names of one's own.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>
pub struct DnsResolutionDisabled;
}

const PAGE: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html";

impl Cause for DnsResolutionDisabled {
    type Subject = Need;
    const ID: CauseId = CauseId::DnsResolutionDisabled;
    const READS: &'static [&'static [Source]] = &[ways::READS];

    fn judge(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let verdict = blocked::judge(Self::ID, need, case, facts)?;
        let ways = ways::ways(case, facts, need)?;
        let open = ways.iter().find(|way| way.path.blockers.is_empty());
        match (verdict, open) {
            (Verdict::Sound, Some(way)) if says_so(case, need) => unresolved(way, need, facts),
            (verdict, _) => Ok(verdict),
        }
    }

    fn fixes(&self, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some((subnet, found)) = blocker(Self::ID, need, case, facts)? else {
            return Ok(out_of_zone(need, case, facts)?.into_iter().collect());
        };
        let Some(vpc) = facts.subnet(&subnet)?.map(|own| own.vpc.clone()) else { return Ok(vec![]) };
        let ways = ways::ways(case, facts, need)?;
        if ways.iter().any(|way| way.subnet == subnet && way.path.resolver == Resolver::Amazon) {
            let fix = Fix::new(format!("Switch on DNS support of {vpc}"), Risk::Medium)
                .making(Change::EnableDnsSupport { vpc })
                .documented_at(PAGE)
                .noting("everything in the VPC can then use Amazon's resolver");
            return Ok(vec![fix]);
        }
        let mut fixes = vec![];
        let options = facts.vpc(&vpc)?.and_then(|vpc| vpc.dhcp_options.clone()).unwrap_or_default();
        let servers = facts.dns_servers(options)?.cloned().unwrap_or_default();
        if let Some(group) = found.resources.iter().find(|one| one.starts_with("sg-")) {
            let mut fix = Fix::new(format!("Let questions for names out to the DNS servers ({group})"), Risk::Low);
            for protocol in ["udp", "tcp"] {
                fix = fix.making(Change::LetOut { group: group.clone(), rule: to_servers(protocol, &servers) });
            }
            fixes.push(fix.documented_at(PAGE));
        }
        fixes.push(
            Fix::new(format!("Have {vpc} use Amazon's DNS servers"), Risk::High)
                .making(Change::UseAmazonDns { vpc })
                .documented_at("https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html")
                .noting("names that only the servers of today know are not resolved then: Route 53 Resolver rules forward those; and options other than DNS servers (domain name, time servers) are given out no more"),
        );
        Ok(fixes)
    }
}

/// The stop itself says that a name did not resolve, and speaks of this service.
fn says_so(case: &Case<'_>, need: &Need) -> bool {
    let about = |symptom: &Symptom| symptom.endpoints.is_empty() || symptom.endpoints.contains(&need.endpoint);
    ways::unresolved(case) && case.symptom.as_ref().is_some_and(about)
}

/// A name did not resolve, and none of the VPC's settings keeps all names from it.
fn unresolved(way: &WayFrom, need: &Need, facts: &Facts<'_>) -> Judgement {
    let WayFrom { subnet, path: Path { resolver, zone, .. } } = way;
    let host = &need.host;
    let vpc = facts.subnet(&**subnet)?.map(|own| own.vpc.clone()).unwrap_or_default();
    let found = |resources: Vec<String>, why: String| {
        let mut finding = Finding::on(resources).because(why);
        finding.endpoint = Some(need.endpoint.clone());
        finding.container.clone_from(&need.container);
        finding
    };
    if *resolver == Resolver::Custom {
        let options = facts.vpc(&*vpc)?.and_then(|vpc| vpc.dhcp_options.clone());
        let servers = match &options {
            Some(options) => facts.dns_servers(&**options)?.cloned().unwrap_or_default().join(", "),
            None => String::new(),
        };
        let why = format!(
            "`{host}` did not resolve; {vpc} uses DNS servers of its own ({servers}), which have to answer for it"
        );
        return Ok(Verdict::AsTold(found(options.into_iter().chain([vpc]).collect(), why)));
    }
    let Zone::Answers(zone) = zone else {
        let what = format!("a resolver rule or the DNS firewall may keep `{host}` from resolving");
        return Err(facts.lacks("route53resolver:ListResolverRuleAssociations", GapReason::Unsupported, what));
    };
    let why = format!(
        "`{host}` did not resolve: private hosted zone {zone} of {vpc} answers for it in the place of the public one, and has no such record"
    );
    let mut finding = found(vec![zone.clone(), vpc], why);
    finding.shown_by = vec![Source::HostedZones, Source::DnsSupport];
    Ok(finding.into())
}

fn zone_of(path: &Path) -> Option<String> {
    match &path.zone {
        Zone::Answers(zone) => Some(zone.clone()),
        Zone::None | Zone::Unknown => None,
    }
}

/// The VPC leaves the zone that answers for the name.
fn out_of_zone(need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Fix>, Unknown> {
    let ways = ways::ways(case, facts, need)?;
    let zoned = ways.iter().find_map(|way| Some((&way.subnet, zone_of(&way.path)?)));
    let Some((subnet, zone)) = zoned else { return Ok(None) };
    let Some(vpc) = facts.subnet(&**subnet)?.map(|own| own.vpc.clone()) else { return Ok(None) };
    let title = format!("Take {vpc} out of private hosted zone {zone}");
    let fix = Fix::new(title, Risk::High)
        .making(Change::LeaveHostedZone { zone, vpc })
        .documented_at("https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html")
        .noting("its other names resolve no more in that VPC: a record for the missing name, in the zone, is the narrower way; the last VPC of a zone cannot be taken out");
    Ok(Some(fix))
}

fn to_servers(protocol: &str, servers: &[String]) -> GroupRule {
    GroupRule {
        protocol: protocol.to_owned(),
        ports: Some((53, 53)),
        cidrs: servers.iter().map(|server| format!("{server}/32")).collect(),
        groups: vec![],
        prefix_lists: vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, HOST, IMAGE, Said};
    use crate::evidence::{Known, Question};
    use crate::model::network::Vpc;
    use crate::network::lab;

    const ID: CauseId = CauseId::DnsResolutionDisabled;

    fn off() -> Fixture {
        Fixture::fargate().network(|lab| lab.dns_support = Some(false))
    }

    /// A VPC that gives out DNS servers of its own.
    fn served_by(fixture: Fixture, servers: &[&str]) -> Fixture {
        let vpc = Vpc {
            id: "vpc-1".to_owned(),
            owner: Some("111111111111".to_owned()),
            cidrs: vec!["10.0.0.0/16".to_owned()],
            ipv6_cidrs: vec![],
            dhcp_options: Some("dopt-1".to_owned()),
        };
        let servers = servers.iter().map(|server| (*server).to_owned()).collect();
        fixture
            .with(Question::Vpc { vpc: "vpc-1".to_owned() }, Known::Vpc(vpc))
            .with(Question::DnsServers { options: "dopt-1".to_owned() }, Known::DnsServers(servers))
    }

    fn without_route() -> Fixture {
        served_by(Fixture::endpoints(), &["192.168.7.7", "192.168.7.8"])
    }

    fn only_https() -> Fixture {
        let closed = Fixture::fargate().network(|lab| {
            lab.groups.get_mut("sg-task").expect("the tasks have it").egress =
                vec![lab::rule("tcp", Some(443), &["0.0.0.0/0"])];
        });
        served_by(closed, &["10.0.3.3"])
    }

    #[test]
    fn without_dns_support_no_name_resolves() {
        let found = off().finding(ID);
        assert_eq!((found.resources, found.endpoint.as_deref()), (vec!["vpc-1".to_owned()], Some("ecr.api")));
        let faults = off().judged(ID).0.iter().filter(|one| Said::of(&one.verdict) == Said::Fault).count();
        assert_eq!(faults, 5, "every service is called by name");
        assert_eq!(Fixture::fargate().says(ID), Said::Sound);
        assert_eq!(served_by(off(), &["10.0.3.3"]).says(ID), Said::Sound, "names are somebody else's business");
        assert_eq!(served_by(off(), &["AmazonProvidedDNS"]).says(ID), Said::Fault);
    }

    #[test]
    fn servers_that_no_route_leads_to_cannot_be_asked() {
        let found = without_route().finding(ID);
        assert_eq!(found.resources, ["dopt-1", "vpc-1"]);
        assert!(found.explanation.contains("has no route to `192.168.7.7`"), "{}", found.explanation);
        let one_of_two = served_by(Fixture::endpoints(), &["192.168.7.7", "10.0.3.3"]);
        assert_eq!(one_of_two.says(ID), Said::Sound, "the other may answer");
        assert_eq!(served_by(Fixture::fargate(), &["192.168.7.7"]).says(ID), Said::Sound, "NAT may lead there");
    }

    #[test]
    fn servers_that_no_group_lets_out_to_cannot_be_asked() {
        let found = only_https().finding(ID);
        assert_eq!(found.resources, ["sg-task", "dopt-1", "vpc-1"]);
        assert!(found.explanation.contains("allows UDP 53"), "{}", found.explanation);
        assert_eq!(served_by(Fixture::fargate(), &["10.0.3.3"]).says(ID), Said::Sound);
    }

    fn nowhere(fixture: Fixture) -> Fixture {
        let why = format!(
            "CannotPullContainerError: failed to resolve ref {IMAGE}: failed to do request: Head \"https://{HOST}/v2/team/web/manifests/v42\": dial tcp: lookup {HOST} on 10.0.3.3:53: no such host"
        );
        fixture.stopped("TaskFailedToStart", &why)
    }

    #[test]
    fn a_name_that_did_not_resolve_is_not_ruled_out_by_settings_that_are_right() {
        assert_eq!(nowhere(Fixture::fargate()).says(ID), Said::Unknown, "a resolver rule may hide it");
        let own = nowhere(served_by(Fixture::fargate(), &["10.0.3.3"]));
        assert_eq!(own.says(ID), Said::AsTold);
        assert_eq!(own.finding(ID).resources, ["dopt-1", "vpc-1"]);
        let told = own.judged(ID).0.iter().filter(|one| Said::of(&one.verdict) == Said::AsTold).count();
        assert_eq!(told, 1, "the registry's name alone");
    }

    fn zoned(name: &str) -> Fixture {
        nowhere(Fixture::fargate().network(|lab| lab.zones = vec![lab::zone("corp.example"), lab::zone(name)]))
    }

    #[test]
    fn a_private_zone_that_answers_for_the_name_hides_it() {
        let found = zoned("amazonaws.com").finding(ID);
        assert_eq!(found.resources, ["Z-amazonaws.com", "vpc-1"]);
        assert_eq!(found.endpoint.as_deref(), Some("ecr.dkr"));
        assert_eq!(zoned("dkr.ecr.us-east-1.amazonaws.com").says(ID), Said::Fault);
        assert_eq!(zoned("eu-west-1.amazonaws.com").says(ID), Said::Unknown, "another region's names");
        assert_eq!(zoned("amazonaws.com").check().says(ID), Said::Sound, "what it answers is not known");
        zoned("amazonaws.com").hangs_on(ID, &Question::HostedZones { vpc: "vpc-1".to_owned() });
        zoned("amazonaws.com").never_turns(ID);
        let fixes = zoned("amazonaws.com").mended(ID);
        let change = Change::LeaveHostedZone { zone: "Z-amazonaws.com".to_owned(), vpc: "vpc-1".to_owned() };
        assert_eq!(fixes[0].changes, [change]);
    }

    #[test]
    fn it_hangs_on_the_vpcs_settings() {
        let vpc = || "vpc-1".to_owned();
        off().hangs_on(ID, &Question::DnsSupport { vpc: vpc() });
        off().hangs_on(ID, &Question::Vpc { vpc: vpc() });
        without_route().hangs_on(ID, &Question::RouteTables { vpc: vpc() });
        without_route().hangs_on(ID, &Question::DnsServers { options: "dopt-1".to_owned() });
        only_https().hangs_on(ID, &Question::SecurityGroup { group: "sg-task".to_owned() });
        for fixture in [off(), without_route(), only_https()] {
            fixture.never_turns(ID);
        }
    }

    #[test]
    fn switching_it_on_mends_it() {
        let fixes = off().mended(ID);
        assert_eq!(fixes[0].changes, [Change::EnableDnsSupport { vpc: "vpc-1".to_owned() }]);
        assert_eq!(off().after(&fixes[0]).says(ID), Said::Sound);
    }

    #[test]
    fn a_group_is_opened_to_the_servers_or_amazons_are_used() {
        let fixes = only_https().mended(ID);
        let out = |protocol| Change::LetOut {
            group: "sg-task".to_owned(),
            rule: to_servers(protocol, &["10.0.3.3".to_owned()]),
        };
        assert_eq!(fixes[0].changes, [out("udp"), out("tcp")]);
        assert_eq!(fixes[1].changes, [Change::UseAmazonDns { vpc: "vpc-1".to_owned() }]);
        for fixture in [only_https(), without_route()] {
            for fix in fixture.mended(ID) {
                assert_eq!(fixture.after(&fix).says(ID), Said::Sound, "{}", fix.title);
            }
        }
    }
}
