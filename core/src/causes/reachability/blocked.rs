//! What the causes of this stage share: the way to a service, and whether one kind of blocker stands on it.

use crate::causes::prelude::*;
use crate::evidence::GapReason;
use crate::launch::needs::Need;
use crate::launch::ways::{WayFrom, ways};
use crate::model::Unknown;
use crate::network::{Blocker, Part};

/// Whether a blocker of a kind stands on the way to a service.
pub(super) fn judge(id: CauseId, need: &Need, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
    let ways = ways(case, facts, need)?;
    let mut undecided = vec![];
    for WayFrom { subnet, path } in ways.iter() {
        let found = path.blockers.iter().position(|blocker| blocker.cause == id);
        if let Some(behind) = found {
            let Blocker { resources, explanation, .. } = &path.blockers[behind];
            let some = ways.len() > 1 && ways.iter().any(|way| way.path.is_open());
            let why = match some {
                true => format!("{explanation} (tasks in {subnet}; the other subnets have a way)"),
                false => explanation.clone(),
            };
            let mut finding = Finding::on(resources.iter().take(6).cloned()).because(why);
            finding.endpoint = Some(need.endpoint.clone());
            finding.container.clone_from(&need.container);
            finding.behind = behind;
            finding.shown_by = path.blockers[behind].parts.iter().flat_map(|part| sources(*part)).copied().collect();
            return Ok(finding.into());
        }
        undecided.extend(path.unknown.iter().cloned());
    }
    match undecided.first() {
        Some(what) => Err(undecidable(facts, what)),
        None => Ok(Verdict::Sound),
    }
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
