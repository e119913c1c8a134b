//! Of the statements that do not allow a request, the one that comes nearest: what a reader would want to change.

use super::document::{Effect, Listed};
use super::judged::Judged;
use super::truth::Truth;
use super::{Missed, Nearest, Policy, Request};

/// The nearest of the policies' `Allow` statements, none if no statement is about the action or the resource at all.
pub(super) fn nearest(policies: &[&Policy<'_>], request: &Request<'_>, bounded: &Truth) -> Option<Nearest> {
    let mut best: Option<((u8, usize), Nearest)> = None;
    for policy in policies {
        for (index, statement) in policy.document.statements().iter().enumerate() {
            if statement.effect != Effect::Allow {
                continue;
            }
            let judged = Judged::of(statement, policy, request, bounded);
            let Some((nearness, missed)) = missed(&judged, request) else { continue };
            if best.as_ref().is_none_or(|(other, _)| nearness > *other) {
                best = Some((nearness, Nearest { witness: policy.witness(index), missed }));
            }
        }
    }
    best.map(|(_, nearest)| nearest)
}

/// What a statement misses, and how near it comes: first by how many elements match, then by how alike the resources are.
fn missed(judged: &Judged<'_>, request: &Request<'_>) -> Option<((u8, usize), Missed)> {
    let resources = judged.statement.resource.as_ref().map(Listed::entries).unwrap_or_default();
    let alike = resources.iter().map(|pattern| alike(pattern, request.resource)).max().unwrap_or_default();
    if !judged.action {
        // Another action of the same service on the same resource: `ssm:GetParameter` for `ssm:GetParameters`.
        let related = judged.statement.action.entries().iter().map(|action| same_service(action, request.action)).max();
        return match related.unwrap_or_default() {
            0 => None,
            shared if judged.resource != Truth::No => Some(((1, shared), Missed::Action)),
            _ => None,
        };
    }
    if judged.resource == Truth::No {
        return Some(((2, alike), Missed::Resource { policy_resources: resources.to_vec() }));
    }
    if judged.who.clone().at_all() == Truth::No {
        let named = judged.statement.principal.as_ref().map(Listed::entries).unwrap_or_default();
        let named = named.iter().map(|entry| entry.name.clone()).collect();
        return Some(((3, alike), Missed::Principal { named }));
    }
    let (key, _) = judged.conditions.iter().find(|(_, truth)| *truth == Truth::No)?;
    Some(((4, alike), Missed::Condition { key: (*key).to_owned() }))
}

/// How many characters two actions of one service share at their start; 0 for actions of two services.
fn same_service(listed: &str, asked: &str) -> usize {
    let same = |(a, b): &(char, char)| a.eq_ignore_ascii_case(b);
    let shared = listed.chars().zip(asked.chars()).take_while(same).count();
    let service = asked.find(':').unwrap_or(asked.len());
    if shared > service { shared } else { 0 }
}

fn alike(pattern: &str, resource: &str) -> usize {
    pattern.chars().zip(resource.chars()).take_while(|(a, b)| a == b).count()
}
