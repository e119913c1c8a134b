//! What the causes of this stage share: the way to a service, and whether one kind of blocker stands on it.

use crate::causes::prelude::*;
use crate::evidence::GapReason;
use crate::launch::needs::Need;
use crate::launch::ways::{OpenedSince, WayFrom, open_beside, opened_since, ways};
use crate::model::Unknown;
use crate::network::{Blocker, Part, Way};
use std::net::IpAddr;

/// Whether a blocker of a kind stands on the way to a service.
pub(super) fn judge(id: CauseId, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
    let ways = ways(case, facts, need)?;
    let mut undecided = vec![];
    for WayFrom { subnet, path } in ways.iter() {
        let found = path.blockers.iter().position(|blocker| blocker.cause == id);
        if let Some(behind) = found {
            let blocker = &path.blockers[behind];
            let explanation = &blocker.explanation;
            let why = match open_beside(case, facts, need, subnet).as_slice() {
                [] => explanation.clone(),
                [other] => format!("{explanation} (tasks in {subnet}; those in {other} have a way)"),
                others => format!("{explanation} (tasks in {subnet}; those in {} have a way)", others.join(" and ")),
            };
            return Ok(finding(need, blocker, behind).because(why).into());
        }
        undecided.extend(path.unknown.iter().cloned());
    }
    if let Some(finding) = opened(id, need, case, facts)? {
        return Ok(Verdict::Healed(finding));
    }
    match undecided.first() {
        Some(what) => Err(undecidable(facts, what)),
        None => Ok(Verdict::Sound),
    }
}

/// The way is open now: whether this kind of blocker stood on it until something was made after the stop.
fn opened(id: CauseId, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Finding>, Unknown> {
    let opened = opened_since(case, facts, need)?;
    let address = need.destination.address;
    for OpenedSince { then, by, over, made } in opened.iter() {
        let Some(behind) = then.path.blockers.iter().position(|blocker| blocker.cause == id) else { continue };
        let interface = matches!(by, Way::InterfaceEndpoint(_));
        // An address of the VPC was dialled: an endpoint stood there then, and what was wrong with it went with it.
        if interface && address.is_some_and(is_private) {
            continue;
        }
        let blocker = &then.path.blockers[behind];
        let mut finding = finding(need, blocker, behind)
            .because(format!("{}; {over} was made at {made:.0}, after the task had stopped", blocker.explanation))
            .healed(*made);
        // A public address was dialled where today an endpoint answers: there was none then.
        if !interface || address.is_none() {
            finding.doubt = Some(format!(
                "{over} is younger than the stop; what stood in its place before, if anything did, cannot be read any more"
            ));
        }
        return Ok(Some(finding));
    }
    Ok(None)
}

const fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private(),
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

fn finding(need: &Need, blocker: &Blocker, behind: usize) -> Finding {
    let mut finding = Finding::on(blocker.resources.iter().take(6).cloned());
    finding.endpoint = Some(need.endpoint.clone());
    finding.container.clone_from(&need.container);
    finding.behind = behind;
    finding.shown_by = blocker.parts.iter().flat_map(|part| sources(*part)).copied().collect();
    finding
}

/// The way cannot be decided, and it is not for want of an answer alone.
fn undecidable(facts: &Facts<'_>, what: &str) -> Unknown {
    facts.lacks("ec2:DescribeNetworkInterfaces", GapReason::Unsupported, what)
}

/// The first subnet whose way a kind of blocker stands on, with the blocker.
pub(super) fn blocker(
    id: CauseId,
    need: &Need,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Option<(String, Blocker)>, Unknown> {
    let found = ways(case, facts, need)?.iter().find_map(|WayFrom { subnet, path }| {
        let blocker = path.blockers.iter().find(|blocker| blocker.cause == id);
        blocker.map(|blocker| (subnet.clone(), blocker.clone()))
    });
    Ok(found)
}

/// The questions behind a part of a path.
const fn sources(part: Part) -> &'static [Source] {
    match part {
        Part::Subnet => &[Source::Subnet],
        Part::Vpc => &[Source::Vpc],
        Part::Dns => &[Source::DnsSupport, Source::DnsHostnames, Source::DnsServers],
        Part::RouteTables => &[Source::RouteTables],
        Part::Endpoints => &[Source::VpcEndpoints],
        Part::SecurityGroups => &[Source::SecurityGroup, Source::DefaultSecurityGroup],
        Part::Acls => &[Source::NetworkAcls],
        Part::NatGateways => &[Source::NatGateways],
        Part::InternetGateways => &[Source::InternetGateways],
        Part::PrefixLists => &[Source::AwsPrefixLists, Source::ManagedPrefixList],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, at};
    use crate::model::network::RouteTarget;

    const MISSING: CauseId = CauseId::VpcEndpointMissing;

    fn stopped(fixture: Fixture, address: &str) -> Fixture {
        fixture.stopped(
            "TaskFailedToStart",
            &format!(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval \
                 failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: \
                 send request failed caused by: Post \"https://api.ecr.us-east-1.amazonaws.com/\": dial tcp {address}:443: \
                 i/o timeout"
            ),
        )
    }

    fn made_at(time: &str) -> Fixture {
        Fixture::endpoints().network(|lab| {
            for endpoint in lab.endpoints.iter_mut().filter(|one| one.id == "vpce-ecr.api") {
                endpoint.created = Some(at(time));
            }
        })
    }

    #[test]
    fn an_endpoint_that_was_made_after_the_stop_was_missing_then() {
        for (made, said) in [("09:00", Said::Unknown), ("10:30", Said::Healed)] {
            let late = stopped(made_at(made), "44.213.79.10");
            assert_eq!(late.says(MISSING), said, "made at {made}, stopped at 10:05");
            assert_eq!(late.check().says(MISSING), Said::Sound, "today it is there");
        }
        let found = stopped(made_at("10:30"), "44.213.79.10").finding(MISSING);
        assert_eq!((found.endpoint.as_deref(), found.healed_at), (Some("ecr.api"), Some(at("10:30"))));
        assert_eq!(found.doubt, None, "a public address was dialled: there was no endpoint");
        assert!(found.explanation.ends_with("after the task had stopped"), "{}", found.explanation);
    }

    #[test]
    fn without_an_address_it_stays_in_doubt_and_with_one_of_the_vpc_there_was_an_endpoint() {
        assert!(made_at("10:30").finding(MISSING).doubt.is_some());
        assert_eq!(stopped(made_at("10:30"), "10.0.1.9").says(MISSING), Said::Sound);
    }

    #[test]
    fn a_nat_gateway_that_was_made_after_the_stop_opened_the_way_and_what_was_before_stays_in_doubt() {
        let made_at = |time: &str| {
            Fixture::fargate().network(|lab| lab.nats.iter_mut().for_each(|one| one.created = Some(at(time))))
        };
        let late = stopped(made_at("10:30"), "44.213.79.10");
        assert_eq!(late.says(CauseId::NoEgressRoute), Said::Healed);
        assert!(late.finding(CauseId::NoEgressRoute).doubt.is_some());
        assert_eq!(stopped(made_at("09:00"), "44.213.79.10").says(CauseId::NoEgressRoute), Said::Sound);
        let used = |lab: &mut crate::network::lab::Lab| {
            lab.tables[1].routes[1].target = RouteTarget::InternetGateway("igw-1".to_owned());
        };
        assert_ne!(late.network(used).says(CauseId::NoEgressRoute), Said::Healed, "the way does not lead over it");
    }

    #[test]
    fn it_hangs_on_the_endpoints() {
        stopped(made_at("10:30"), "44.213.79.10").never_turns(MISSING);
    }
}
