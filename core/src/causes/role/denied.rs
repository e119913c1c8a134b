//! What a denial says to people, and which change lifts it.

use super::near_miss::{list, near_miss};
use crate::causes::prelude::*;
use crate::iam::edit::{Place, with_statement, without_denial};
use crate::iam::{Decision, Denial, Missed, PolicyKind, Witness};
use crate::launch::roles::RoleRights;
use crate::launch::since::{self, Changed, Refused};
use crate::model::Arn;
use serde_json::{Value, json};

/// Why the role may not, as the end of a sentence.
pub(crate) fn why(denial: &Denial) -> String {
    match denial {
        Denial::Explicit { by } => format!("{} denies it", statement(by)),
        Denial::Implicit { layer: PolicyKind::Boundary, .. } => "its permissions boundary does not allow it".to_owned(),
        Denial::Implicit { nearest: None, .. } => "no policy of the role allows it".to_owned(),
        Denial::Implicit { nearest: Some(near), .. } => {
            let missed = match &near.missed {
                Missed::Resource { policy_resources } => format!("is for {} only", list(policy_resources)),
                Missed::Action => "allows other actions only".to_owned(),
                Missed::Principal { .. } => "names somebody else".to_owned(),
                Missed::Condition { key } => format!("has a condition on {key} that does not hold"),
            };
            format!("no policy of the role allows it ({} comes nearest and {missed})", statement(&near.witness))
        }
    }
}

/// The same, with what the statement that comes nearest lacks for this very call.
pub(crate) fn why_of(denial: &Denial, rights: &RoleRights, action: &str, resource: &str) -> String {
    match denial {
        Denial::Implicit { layer: PolicyKind::Resource, .. } => {
            "the resource's own policy, whose word is needed here, does not allow it".to_owned()
        }
        Denial::Implicit { layer: PolicyKind::Identity, nearest: Some(near) } => format!(
            "no policy of the role allows it ({} comes nearest and {})",
            statement(&near.witness),
            near_miss(rights, near, action, resource)
        ),
        Denial::Implicit { layer: PolicyKind::Boundary, .. } => {
            let boundary = rights.boundary.as_ref().map_or("", |boundary| boundary.name.as_str());
            format!("its permissions boundary {boundary} does not allow it")
        }
        other => why(other),
    }
}

fn statement(witness: &Witness) -> String {
    match &witness.sid {
        Some(sid) => format!("statement `{sid}` of {}", witness.policy),
        None => format!("statement {} of {}", witness.statement + 1, witness.policy),
    }
}

/// The denial, if it is one that the role's own account can lift or must know of.
pub(crate) fn denial(decision: Decision) -> Option<Denial> {
    match decision {
        Decision::Denied(denial) => Some(denial),
        Decision::Allowed { .. } | Decision::Unknown { .. } => None,
    }
}

/// Sound; or healed, where the stop says that the role was refused then what it may do now.
pub(crate) fn sound_or_healed(
    id: CauseId,
    case: &Case<'_>,
    facts: &Facts<'_>,
    rights: &RoleRights,
    call: (&str, &str),
) -> Judgement {
    healed_since(since::was_refused(id, case, &rights.role.name, call.1), case, facts, rights, call)
}

/// The same, where how surely it was refused is known already.
///
/// Without a change that is known to have mended it, the finding carries no time, and says so. A stop that leaves open who
/// refused the call counts only together with a policy that allows it and was changed since.
pub(crate) fn healed_since(
    refused: Option<Refused>,
    case: &Case<'_>,
    facts: &Facts<'_>,
    rights: &RoleRights,
    (action, resource): (&str, &str),
) -> Judgement {
    let role = &rights.role.name;
    let stopped = case.moment().map_or(String::new(), |moment| format!(" at {moment:.0}"));
    let then = format!("role {role} might not call {action} when the task stopped{stopped}");
    let finding = Finding::on([role.as_str(), resource].into_iter().filter(|name| *name != "*"));
    let since = |Changed { at, what }: &Changed| format!("it may now, since {what} at {at:.0}");
    let found = match refused {
        None => return Ok(Verdict::Sound),
        Some(Refused::Surely) => match since::granted(case, facts, rights, action, resource) {
            Some(change) => {
                finding.because(format!("{then}, as the stop reason says; {}", since(&change))).healed(change.at)
            }
            None => finding.because(format!(
                "{then}, as the stop reason says; it may now, so that it was mended since, or was another's fault"
            )),
        },
        Some(Refused::Perhaps) => match since::allowed_since(case, facts, rights, action, resource)? {
            Some(change) => {
                let doubt = Some("the stop reason does not say who refused it".to_owned());
                let why = format!("{then}, as far as can be told; {}", since(&change));
                Finding { doubt, ..finding.because(why).healed(change.at) }
            }
            None => return Ok(Verdict::Sound),
        },
    };
    Ok(Verdict::Healed(found))
}

/// What has to change so that the role may do `actions` on `resources`.
pub(crate) struct Grant<'a> {
    /// The role with its policies.
    pub rights: &'a RoleRights,
    /// What the new policy is for, as the end of its name.
    pub purpose: &'a str,
    /// Actions.
    pub actions: &'a [&'a str],
    /// ARNs, or `*`.
    pub resources: &'a [String],
}

impl Grant<'_> {
    /// The fix for one denial.
    pub(crate) fn fix(&self, denial: &Denial, facts: &Facts<'_>) -> Vec<Fix> {
        match denial {
            Denial::Implicit { layer: PolicyKind::Boundary, .. } => vec![self.widen_boundary(facts)],
            Denial::Implicit { .. } => vec![self.allow()],
            Denial::Explicit { by } if matches!(by.kind, PolicyKind::Identity | PolicyKind::Boundary) => {
                self.lift(by, facts)
            }
            Denial::Explicit { by } => vec![self.by_owner(&by.policy)],
        }
    }

    /// A new inline policy with just the rights that are missing.
    pub(crate) fn allow(&self) -> Fix {
        let role = &self.rights.role.name;
        let change = Change::Allow {
            role: role.clone(),
            policy: self.free_name(),
            actions: self.actions.iter().map(|action| (*action).to_owned()).collect(),
            resources: self.resources.to_vec(),
        };
        Fix::new(format!("Allow {} to role {role}", self.actions.join(" and ")), Risk::Low).making(change)
    }

    /// `put-role-policy` replaces a policy of the same name: take one that the role does not have.
    fn free_name(&self) -> String {
        let taken = |name: &str| self.rights.identity.iter().any(|policy| policy.inline.as_deref() == Some(name));
        let plain = format!("ecs-why-{}", self.purpose);
        let numbered = (2..).map(|number| format!("{plain}-{number}"));
        std::iter::once(plain.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(plain)
    }

    fn by_owner(&self, policy: &str) -> Fix {
        Fix::new(format!("Have {} taken out of the denial in {policy}", self.actions.join(" and ")), Risk::Medium)
            .making(Change::ByHand { commands: vec![] })
            .noting("whoever owns that policy has to change it: a permission added to the role does not help")
    }

    /// Takes what is needed out of a denying statement of an inline policy.
    fn lift(&self, by: &Witness, facts: &Facts<'_>) -> Vec<Fix> {
        let role = &self.rights.role.name;
        let inline = self.rights.identity.iter().find(|one| one.name == by.policy).and_then(|one| one.inline.clone());
        let Some(policy) = inline else { return vec![self.lift_managed(by, facts)] };
        let Ok(Some(text)) = facts.inline_policy(role, &policy) else { return vec![] };
        let Some(document) = without_denial(text, by.statement, self.actions, self.resources) else { return vec![] };
        let change = Change::RewriteInlinePolicy { role: role.clone(), policy: policy.clone(), document };
        let fix = Fix::new(format!("Take the denial out of inline policy `{policy}` of role {role}"), Risk::Medium)
            .making(change)
            .noting("somebody wrote this denial on purpose: ask before you lift it");
        vec![fix]
    }

    /// The document of a managed policy that this account may change.
    fn own_document<'e>(&self, arn: &str, facts: &Facts<'e>) -> Option<&'e str> {
        let Ok(parsed) = arn.parse::<Arn>() else { return None };
        if parsed.account() != self.rights.arn.account() {
            return None;
        }
        let Ok(Some(policy)) = facts.managed_policy(arn) else { return None };
        match facts.policy_version(arn, &policy.default_version) {
            Ok(Some(version)) => Some(&version.document),
            _ => None,
        }
    }

    /// Takes what is needed out of a denying statement of a managed policy or a boundary of the account's own.
    fn lift_managed(&self, by: &Witness, facts: &Facts<'_>) -> Fix {
        let document = self.own_document(&by.policy, facts);
        let lifted = document.and_then(|text| without_denial(text, by.statement, self.actions, self.resources));
        match lifted {
            Some(Some(document)) => self.new_version(&by.policy, document, "Take the denial out of"),
            _ => self.by_owner(&by.policy),
        }
    }

    /// Lets the permissions boundary allow what the role's own policies allow already.
    fn widen_boundary(&self, facts: &Facts<'_>) -> Fix {
        let Some(boundary) = &self.rights.boundary else { return self.by_owner("the role's permissions boundary") };
        let Some(text) = self.own_document(&boundary.name, facts) else { return self.by_owner(&boundary.name) };
        let ours = json!({"Effect": "Allow", "Action": self.actions, "Resource": self.resources});
        let mut fix =
            self.new_version(&boundary.name, with_statement(Some(text), ours.clone(), Place::First), "Allow it in");
        // Where there is a list to add to, the command shows what is added and nothing else.
        let is_list = matches!(serde_json::from_str::<Value>(text), Ok(document) if document["Statement"].is_array());
        if let (true, Ok(Some(found))) = (is_list, facts.managed_policy(&boundary.name)) {
            for change in &mut fix.changes {
                if let Change::RewriteManagedPolicy { added, .. } = change {
                    *added = Some((ours.to_string(), found.default_version.clone()));
                }
            }
        }
        fix
    }

    fn new_version(&self, policy: &str, document: String, verb: &str) -> Fix {
        let name = policy.rsplit('/').next().unwrap_or(policy);
        Fix::new(format!("{verb} managed policy `{name}`"), Risk::Medium)
            .making(Change::RewriteManagedPolicy { policy: policy.to_owned(), document, added: None })
            .noting("every role with that policy is changed: ask whoever owns it; IAM keeps five versions of a policy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{EXECUTION_POLICY, Fixture, Said, statement};

    const ID: CauseId = CauseId::EcrAuthDenied;
    const OWN: &str = "arn:aws:iam::111111111111:policy/guard";

    fn bounded_by(arn: &str) -> Fixture {
        Fixture::fargate()
            .role("web-execution", |role| role.boundary = Some(arn.to_owned()))
            .managed(arn, &statement("Allow", &["s3:*"], "*"))
    }

    fn denied_by(arn: &str, document: &str) -> Fixture {
        Fixture::fargate().policies("web-execution", &[EXECUTION_POLICY, arn], &[]).managed(arn, document)
    }

    #[test]
    fn a_boundary_of_the_account_is_widened_and_anothers_is_its_owners() {
        assert!(bounded_by(OWN).finding(ID).explanation.ends_with("its permissions boundary does not allow it"));
        let fixes = bounded_by(OWN).mended(ID);
        let [Change::RewriteManagedPolicy { policy, document, added: Some((added, version)) }] = &fixes[0].changes[..]
        else {
            unreachable!()
        };
        assert!(policy == OWN && document.contains("s3:*") && document.contains("ecr:GetAuthorizationToken"));
        assert!(document.contains(added) && !added.contains("s3:*") && version == "v1", "{added}");
        assert_eq!(bounded_by(OWN).after(&fixes[0]).says(ID), Said::Sound);
        for other in ["arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::222222222222:policy/guard"] {
            assert!(bounded_by(other).mended(ID)[0].is_by_hand(), "{other}");
        }
    }

    #[test]
    fn a_denial_is_lifted_where_the_account_may_change_the_policy() {
        let both = statement("Deny", &["ecr:GetAuthorizationToken", "ecr:DeleteRepository"], "*");
        let fixes = denied_by(OWN, &both).mended(ID);
        let [Change::RewriteManagedPolicy { document, .. }] = &fixes[0].changes[..] else { unreachable!() };
        assert!(document.contains("ecr:DeleteRepository") && !document.contains("GetAuthorizationToken"), "{document}");
        assert_eq!(denied_by(OWN, &both).after(&fixes[0]).says(ID), Said::Sound);
        assert!(denied_by("arn:aws:iam::aws:policy/Deny", &both).mended(ID)[0].is_by_hand());
        let alone = denied_by(OWN, &statement("Deny", &["ecr:*"], "*")).mended(ID);
        assert!(alone[0].is_by_hand(), "a policy without a statement cannot be written");
    }
}
