//! The trace against the slow one, over thousands of networks that nobody thought of.

use super::random::{clients, labs};
use super::slow::{Slow, World};
use super::*;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

fn key(blocker: &Blocker) -> (CauseId, String) {
    (blocker.cause, blocker.resources[0].clone())
}

/// Names what differs; nothing, if the two agree.
pub(super) fn difference(path: &Path, worlds: &[World]) -> Option<String> {
    for blocker in &path.blockers {
        // What waits behind a way that is missing depends on what will be made in its place.
        let waits = matches!(blocker.cause, CauseId::SecurityGroupEgressBlocked | CauseId::NetworkAclBlocked);
        // The ways to the interfaces of an endpoint may be closed by an ACL each.
        let closed = |world: &World| world.blockers.iter().any(|(cause, _)| *cause == CauseId::NetworkAclBlocked);
        let together = blocker.cause == CauseId::NetworkAclBlocked && worlds.iter().all(closed);
        let so =
            |world: &World| world.dark || world.missing && waits || together || world.blockers.contains(&key(blocker));
        if !worlds.iter().all(so) {
            return Some(format!("{blocker:?} blocks not every address"));
        }
    }
    let dark = worlds.iter().any(|world| world.dark);
    if path.is_open() && (dark || worlds.iter().any(|world| !world.blockers.is_empty())) {
        return Some("it is not open for every address".to_owned());
    }
    if !path.unknown.is_empty() || path.opaque.is_some() {
        return None;
    }
    if dark {
        return Some("it is dark for some address, and nothing is said of it".to_owned());
    }
    let first = worlds.first()?.blockers.clone();
    let all = worlds.iter().fold(first, |all, world| all.intersection(&world.blockers).cloned().collect());
    let found: BTreeSet<(CauseId, String)> = path.blockers.iter().map(key).collect();
    let lost: Vec<_> = all.difference(&found).collect();
    (!lost.is_empty()).then(|| format!("{lost:?} block every address, and are not found"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn the_trace_agrees_with_the_slow_and_obvious_one(
        mut lab in labs(),
        mut client in clients(),
        host in select(&[ECR, SECRETS, LAYERS, HUB, "api.ecr.eu-west-1.amazonaws.com"][..]),
        address in select(&[None, None, None, Some("44.1.2.3"), Some("52.216.9.9"), Some("203.0.113.9")][..]),
        public in any::<bool>(),
    ) {
        // Names are followed by Amazon's resolver and in public zones alone here, by the owner of the VPC.
        lab.dns_servers = Some(vec!["AmazonProvidedDNS".to_owned()]);
        lab.zones.clear();
        client.account = task().account;
        if public {
            client.subnet = PUBLIC.to_owned();
        }
        client.private_ip = if public { "10.0.9.7" } else { "10.0.1.20" }.parse().ok();
        // Its gateway takes all of S3, since lists grow: an address that no list has is no packet of these tests.
        let address = address.filter(|address| host != LAYERS || address.starts_with("52."));
        let destination = to(host).at(address.and_then(|address| address.parse().ok()));
        let slow = Slow { lab: &lab, client: &client, to: &destination };
        let answers = match address {
            Some(address) => vec![(address.parse().expect("an address"), None)],
            None => slow.answers(),
        };
        let worlds: Vec<World> = answers.iter().map(|&(ip, endpoint)| slow.packet(ip, endpoint)).collect();
        let path = trace(&client, &destination, &lab);
        if let Some(what) = difference(&path, &worlds) {
            prop_assert!(false, "{what}: {path:#?} but {:#?} of {lab:#?}", answers.iter().zip(&worlds).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_order_in_which_things_are_listed_is_irrelevant(
        lab in labs(), client in clients(), host in select(&[ECR, SECRETS, LAYERS, HUB][..]),
    ) {
        let mut turned = lab.clone();
        turned.tables.reverse();
        turned.tables.iter_mut().for_each(|table| table.routes.reverse());
        turned.acls.reverse();
        turned.acls.iter_mut().for_each(|acl| {
            // Numbers are unique in an ACL of EC2: of two entries with one number the tests' first counts.
            let mut seen = BTreeSet::new();
            acl.entries.retain(|entry| seen.insert((entry.egress, entry.number)));
        });
        let mut lab = lab;
        lab.acls.iter_mut().for_each(|acl| {
            let mut seen = BTreeSet::new();
            acl.entries.retain(|entry| seen.insert((entry.egress, entry.number)));
        });
        turned.acls.iter_mut().for_each(|acl| acl.entries.reverse());
        turned.endpoints.reverse();
        turned.subnets.reverse();
        for group in turned.groups.values_mut() {
            group.ingress.reverse();
            group.egress.reverse();
        }
        let of = |lab: &Lab| {
            let path = trace(&client, &to(host), lab);
            let found: BTreeSet<(CauseId, String)> = path.blockers.iter().map(key).collect();
            (found, path.unknown.is_empty(), path.opaque.is_some(), path.way)
        };
        prop_assert_eq!(of(&lab), of(&turned));
    }
}
