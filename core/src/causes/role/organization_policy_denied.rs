//! A policy of the organization denies what the role itself may do.

use crate::causes::prelude::*;
use crate::evidence::GapReason;
use crate::iam::Decision;
use crate::launch::roles;
use crate::launch::witness;
use crate::model::Unknown;
use crate::symptom::Symptom;

documented! {
/// A service or resource control policy of the organization denies the call: adding the permission to the role does not help.
///
/// # Why a task stops here
/// A call must be allowed by the organization's policies at every level above the account as well. They are written in the
/// organization's management account, often to close regions or services, and win over everything that the account allows.
/// # How it is told
/// The refusal says so: `with an explicit deny in a service control policy`, or `because no service control policy allows`. The
/// account itself cannot read these policies. That the role's own policies allow the call supports it; so does AWS's simulation,
/// where it may be asked and says that the organization does not allow the call. It does not see policies with conditions nor
/// resource control policies, so that its "allowed" refutes nothing.
/// # Prevention
/// Run the actions of execution roles against the organization's policies before either is rolled out.
/// # AWS
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>
pub struct OrganizationPolicyDenied;
}

fn fact<'s>(symptom: &'s Symptom, name: &str) -> Option<&'s str> {
    symptom.facts.get(name).and_then(|value| value.as_str())
}

/// The policy's ARN, as newer refusals give it.
fn policy(symptom: &Symptom) -> Option<&str> {
    let from = symptom.text.find("control policy: arn:")? + "control policy: ".len();
    let rest = &symptom.text[from..];
    let end = rest.find(|c: char| c.is_whitespace() || c == ',' || c == ')').unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches('.')).filter(|arn| arn.contains(":organizations:"))
}

/// Who was refused what, as far as the stop says: the role, the action and the resource.
fn refused(symptom: &Symptom) -> Option<(&str, &str, &str)> {
    Some((fact(symptom, "role")?, fact(symptom, "action")?, fact(symptom, "resource")?))
}

/// What the role's own policies say of what was refused; nothing where that is not known.
fn by_itself(symptom: &Symptom, case: &Case<'_>, facts: &Facts<'_>) -> Option<Decision> {
    let (role, action, resource) = refused(symptom)?;
    let Ok(Some(rights)) = roles::rights(case, facts, &case.role_name(role)) else { return None };
    let Ok(decision) = roles::may(case, facts, &rights, action, resource, None) else { return None };
    Some(decision)
}

fn allowed_by_itself(symptom: &Symptom, case: &Case<'_>, facts: &Facts<'_>) -> bool {
    matches!(by_itself(symptom, case, facts), Some(Decision::Allowed { .. }))
}

fn refused_by_itself(symptom: &Symptom, case: &Case<'_>, facts: &Facts<'_>) -> bool {
    matches!(by_itself(symptom, case, facts), Some(Decision::Denied(_)))
}

fn finding(symptom: &Symptom) -> Finding {
    let names = [policy(symptom), fact(symptom, "role"), fact(symptom, "resource")];
    Finding::on(names.into_iter().flatten().filter(|name| *name != "*"))
}

/// Whether AWS's own simulation says that the organization does not allow the call.
fn simulated(symptom: &Symptom, case: &Case<'_>, facts: &Facts<'_>) -> Result<(), Unknown> {
    let unread = || {
        let why = "the policies of the organization cannot be read from this account";
        facts.lacks("organizations:DescribePolicy", GapReason::Unsupported, why)
    };
    let Some((role, action, resource)) = refused(symptom) else { return Err(unread()) };
    let Ok(Some(rights)) = roles::rights(case, facts, &case.role_name(role)) else { return Err(unread()) };
    match witness::of(case, facts, &rights, action, resource) {
        witness::Said::Denied { by_organization: true } => Ok(()),
        _ => Err(unread()),
    }
}

impl Cause for OrganizationPolicyDenied {
    type Subject = Whole;
    const ID: CauseId = CauseId::OrganizationPolicyDenied;
    const READS: &'static [&'static [Source]] = &[roles::READS, &[Source::Simulation]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(symptom) = &case.symptom else { return Ok(Verdict::NotApplicable) };
        let what = fact(symptom, "action").unwrap_or("the call");
        if symptom.first() == Self::ID {
            let who = policy(symptom).map_or("a policy of the organization".to_owned(), str::to_owned);
            let support = if allowed_by_itself(symptom, case, facts) { " (its own policies allow it)" } else { "" };
            let why = format!("{who} does not allow {what}: adding the permission to the role does not help{support}");
            return Ok(Verdict::AsTold(finding(symptom).because(why)));
        }
        if !symptom.claims.iter().any(|claim| claim.cause == Self::ID) {
            return Ok(Verdict::NotApplicable);
        }
        if refused_by_itself(symptom, case, facts) {
            // Its own policies explain the refusal: nothing points any further.
            return Ok(Verdict::NotApplicable);
        }
        simulated(symptom, case, facts)?;
        let why = format!(
            "AWS's simulation says that the organization does not allow {what}: adding the permission to the role does not help"
        );
        Ok(finding(symptom).because(why).into())
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let Some(symptom) = &case.symptom else { return Ok(vec![]) };
        let or = |name: &str, other: &str| fact(symptom, name).unwrap_or(other).to_owned();
        let policy = policy(symptom).map_or(String::new(), |arn| format!(", and the policy {arn}"));
        let note = format!(
            "nothing in this account helps: hand over the action {}, the resource {}, the role {}, the region {}{policy}; \
             a closed region wants the service or region left out, a condition wants the role's ARN or tag",
            or("action", "that was refused"),
            or("resource", "that it was refused on"),
            or("role", "that was refused"),
            case.region.region,
        );
        let fix = Fix::new("Ask whoever owns the organization's policies for an exemption", Risk::High)
            .making(Change::ByHand { commands: vec![] })
            .noting(note)
            .documented_at("https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html");
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{EXECUTION_POLICY, Fixture, Said, attached, role_arn};
    use crate::evidence::{Known, Question};
    use crate::model::stores::{Simulated, Simulation};

    const ID: CauseId = CauseId::OrganizationPolicyDenied;
    const ARN: &str = "arn:aws:organizations::222222222222:policy/o-1/service_control_policy/p-u4gij31a";

    fn refused_with(why: &str) -> Fixture {
        let text = format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/web-execution/0123 is not authorized to perform: ecr:GetAuthorizationToken on resource: * {why}"
        );
        Fixture::fargate().policies("web-execution", &[EXECUTION_POLICY], &[]).stopped("TaskFailedToStart", &text)
    }

    fn in_so_many_words() -> Fixture {
        refused_with(&format!("with an explicit deny in a service control policy: {ARN}"))
    }

    fn simulation(allowed: bool, organization: Option<bool>) -> (Question, Known) {
        let fixture = refused_with("");
        let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
        let name = case.role_name(&role_arn("web-execution"));
        let rights = roles::rights(&case, &facts, &name).expect("it is known").expect("it is there");
        let question = witness::question(&case, &rights, "ecr:GetAuthorizationToken", "*");
        let decision = if allowed { Simulated::Allowed } else { Simulated::ImplicitDeny };
        (question, Known::Simulation(Simulation { decision, organization, missing: vec![] }))
    }

    #[test]
    fn the_refusal_itself_tells_and_the_roles_own_policies_support_it() {
        let told = in_so_many_words();
        assert_eq!(told.says(ID), Said::AsTold);
        let found = told.finding(ID);
        assert_eq!(found.resources, [ARN, "web-execution"]);
        assert!(found.explanation.ends_with("does not help (its own policies allow it)"), "{found:?}");
        let unread = told.gap(attached("web-execution"));
        assert_eq!(unread.says(ID), Said::AsTold, "the words are enough");
        assert!(unread.finding(ID).explanation.ends_with("does not help"));
    }

    #[test]
    fn a_refusal_without_a_reason_leaves_it_open_unless_the_simulation_speaks() {
        let plain = refused_with("");
        assert_eq!(plain.says(ID), Said::Unknown);
        let (question, denied) = simulation(false, Some(false));
        assert_eq!(plain.clone().with(question.clone(), denied).says(ID), Said::Fault);
        for (allowed, organization) in [(true, Some(true)), (false, Some(true)), (false, None)] {
            let (_, answer) = simulation(allowed, organization);
            assert_eq!(
                plain.clone().with(question.clone(), answer).says(ID),
                Said::Unknown,
                "{allowed} {organization:?}"
            );
        }
        assert_eq!(Fixture::fargate().says(ID), Said::NotApplicable);
        let bare = plain.policies("web-execution", &[], &[]);
        assert_eq!(bare.says(ID), Said::NotApplicable, "the role itself may not");
    }

    #[test]
    fn only_the_organization_can_mend_it() {
        let fixes = in_so_many_words().mended(ID);
        assert!(fixes[0].is_by_hand());
        let note = fixes[0].note.clone().unwrap_or_default();
        for part in ["ecr:GetAuthorizationToken", "web-execution", "us-east-1", ARN] {
            assert!(note.contains(part), "{note}");
        }
    }
}
