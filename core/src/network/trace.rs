//! The walk itself: a connection is followed over all the ways that it may take, and what stops it on each stops it.
//!
//! Where an answer is lacking there is more than one way: a name that may lead to an endpoint or past it, an address
//! that one of two routes takes. What blocks each of them blocks whatever the answer is; the rest is not known. So
//! hiding an answer can add ways, and take blockers away, and never make one.

use super::address::AddressSet;
use super::dns::{self, Answer, Behind};
use super::leg;
use super::path::{Blocker, Client, Destination, Path, Way};
use super::route::claims;
use super::scene::Scene;
use super::surroundings::Surroundings;
use crate::model::CauseId;

/// What was found on one of the ways that a connection may take.
#[derive(Debug, Default)]
pub(crate) struct Lead {
    pub blockers: Vec<Blocker>,
    /// Each stops some of the way's addresses, and together they stop all of them.
    pub together: Vec<Blocker>,
    pub way: Option<Way>,
    pub unknown: Vec<String>,
    pub opaque: Option<String>,
}

/// Follows a connection from a client to a destination, and finds everything that stops it.
///
/// Not looked at: endpoint policies (see [`Way::endpoint`]), private hosted zones, IPv6.
pub fn trace(client: &Client, destination: &Destination, around: &dyn Surroundings) -> Path {
    let scene = Scene::gather(client, destination, around);
    let mut path = Path {
        destination: destination.clone(),
        blockers: vec![],
        way: None,
        unknown: vec![],
        opaque: None,
        resolver: dns::resolver(&scene),
        zone: dns::zone_of(&scene),
    };
    let dns_blocker = dns::blocker(&scene).unwrap_or_else(|why| {
        path.unknown.push(why);
        None
    });
    if let Err(why) = dns::ipv4_decides(&scene) {
        path.blockers.extend(dns_blocker);
        path.unknown.push(why);
        return path;
    }
    let resolution = dns::resolve(&scene);
    let mut leads: Vec<Lead> = resolution.answers.iter().flat_map(|answer| follow(&scene, answer)).collect();
    settle_together(&mut leads);
    let one_way = leads.windows(2).all(|pair| pair[0].way == pair[1].way);
    let alike = leads.windows(2).all(|pair| blame_alike(&pair[0], &pair[1]));
    // Which of the ways it is does not matter once each is blocked by the same.
    let agree = alike && (one_way || leads.iter().all(|lead| !lead.blockers.is_empty()));
    let seen = !resolution.answers.iter().any(|one| matches!(one.behind, Behind::Anything | Behind::HiddenEndpoint));
    if !(agree && seen) {
        path.unknown.extend(resolution.doubts);
    }
    path.opaque = resolution.opaque.or_else(|| leads.iter().find_map(|lead| lead.opaque.clone()));
    path.unknown.extend(leads.iter().flat_map(|lead| lead.unknown.clone()));
    if leads.is_empty() || !agree && path.unknown.is_empty() && path.opaque.is_none() {
        path.unknown.push(format!("which route is taken depends on the address of `{}`", destination.host));
    }
    if one_way {
        path.way = leads.first().and_then(|lead| lead.way.clone());
    }
    let first = if leads.is_empty() { vec![] } else { std::mem::take(&mut leads[0].blockers) };
    let on_all = |blocker: &Blocker| leads[1..].iter().all(|lead| lead.blockers.iter().any(|one| one.same_as(blocker)));
    path.blockers.extend(first.into_iter().filter(on_all));
    if let Some(why) = dns::elsewhere(&scene) {
        keep_closed(&scene, &mut path, why.clone());
        path.opaque.get_or_insert(why);
    }
    let nowhere = |one: &Blocker| matches!(one.cause, CauseId::NoEgressRoute | CauseId::VpcEndpointMissing);
    if path.blockers.iter().any(nowhere)
        && let Some(why) = dns::central(&scene)
    {
        keep_closed(&scene, &mut path, why);
    }
    // An address in the symptom shows that the name was resolved then: a resolver that is off now waits its turn.
    let at = if destination.address.is_some() { path.blockers.len() } else { 0 };
    path.blockers.splice(at..at, dns_blocker);
    without_repetition(&mut path.unknown);
    path
}

/// The name may have any address: what is closed to everything stays closed, and the rest is not known.
fn keep_closed(scene: &Scene<'_>, path: &mut Path, why: String) {
    let dark = leg::in_the_dark(scene, &dns::anything());
    let before = path.blockers.len();
    path.blockers.retain(|blocker| dark.blockers.iter().any(|one| one.same_as(blocker)));
    if path.blockers.len() < before {
        path.unknown.push(why);
    }
}

/// What stops a way only together counts if every other way is stopped by each of it as well: else one alone would be
/// blamed for addresses that it lets pass.
fn settle_together(leads: &mut [Lead]) {
    let stops = |lead: &Lead, one: &Blocker| lead.blockers.iter().chain(&lead.together).any(|other| other.same_as(one));
    let on_all = |one: &Blocker| leads.iter().all(|lead| stops(lead, one));
    let whole: Vec<bool> = leads.iter().map(|lead| lead.together.iter().all(on_all)).collect();
    for (lead, whole) in leads.iter_mut().zip(whole) {
        let together = std::mem::take(&mut lead.together);
        if whole {
            lead.blockers.extend(together);
        } else {
            lead.unknown.extend(together.iter().map(|one| format!("for some addresses, {}", one.explanation)));
        }
    }
}

fn blame_alike(one: &Lead, other: &Lead) -> bool {
    let within = |one: &Lead, other: &Lead| {
        one.blockers.iter().all(|blocker| other.blockers.iter().any(|theirs| theirs.same_as(blocker)))
    };
    within(one, other) && within(other, one)
}

fn without_repetition(texts: &mut Vec<String>) {
    let mut seen: Vec<String> = vec![];
    for text in texts.drain(..) {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    *texts = seen;
}

/// All the ways that lead to one answer of the name.
fn follow(scene: &Scene<'_>, answer: &Answer<'_>) -> Vec<Lead> {
    let by_claims = |addresses: &AddressSet| match scene.table() {
        Some(table) => claims(table, addresses, &|route| scene.gateway_of(route), scene.around)
            .iter()
            .map(|claim| leg::by_route(scene, answer, table, claim))
            .collect(),
        None => vec![leg::without_table(scene, answer)],
    };
    match answer.behind {
        Behind::Anything | Behind::HiddenEndpoint => vec![leg::in_the_dark(scene, answer)],
        Behind::Endpoint(_) | Behind::Inside | Behind::Outside => by_claims(&answer.addresses),
    }
}
