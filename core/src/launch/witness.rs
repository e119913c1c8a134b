//! AWS's own simulation of a role's policies: a second witness beside our reading of them.
//!
//! It is heard, never relied upon: it sees neither policies of resources and endpoints nor all of the organization's, and
//! takes every context key that it is not given for absent. So it is given the keys that the role's policies name, as far as
//! they are known, and an answer for which others would have been needed says nothing.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use super::roles::{self, RoleRights};
use crate::case::Case;
use crate::evidence::{Facts, Question};
use crate::iam::{Decision, Denial, PolicyKind};
use crate::model::stores::{Simulated, Simulation};

/// What the simulation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Nothing: it was not asked yet, may not be asked, or lacks what it would have to know.
    Nothing,
    /// The role may.
    Allowed,
    /// The role may not.
    Denied {
        /// Because of the organization's policies.
        by_organization: bool,
    },
}

/// Asks the simulation about one call of a role.
pub fn of(case: &Case<'_>, facts: &Facts<'_>, rights: &RoleRights, action: &str, resource: &str) -> Said {
    said(facts, &question(case, rights, action, resource))
}

/// What the simulation says to a question that [`question`] made.
pub fn said(facts: &Facts<'_>, question: &Question) -> Said {
    let Question::Simulation { role, action, resource, context } = question else { return Said::Nothing };
    match facts.simulation(role, action, resource, context.clone()) {
        Ok(Some(Simulation { missing, .. })) if !missing.is_empty() => Said::Nothing,
        Ok(Some(Simulation { decision: Simulated::Allowed, .. })) => Said::Allowed,
        Ok(Some(one)) => Said::Denied { by_organization: one.organization == Some(false) },
        Ok(None) | Err(_) => Said::Nothing,
    }
}

/// The question about one call, with what is known of the context keys that the role's policies name.
pub fn question(case: &Case<'_>, rights: &RoleRights, action: &str, resource: &str) -> Question {
    let known = roles::context(case, rights, None);
    let policies = rights.identity.iter().chain(&rights.boundary);
    let conditions = policies.flat_map(|policy| policy.document.statements()).flat_map(|one| &one.conditions);
    let mut context: Vec<(String, Vec<String>)> = conditions
        .filter_map(|condition| Some((condition.key.to_ascii_lowercase(), known.values(&condition.key)?.to_vec())))
        .collect();
    context.sort();
    context.dedup();
    Question::Simulation {
        role: rights.role.arn.clone(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        context,
    }
}

/// Whether the simulation could see the policy that denies, so that it can contradict.
pub fn sees(decision: &Decision) -> bool {
    let layer = match decision {
        Decision::Denied(Denial::Explicit { by }) => by.kind,
        Decision::Denied(Denial::Implicit { layer, .. }) => *layer,
        Decision::Allowed { .. } | Decision::Unknown { .. } => return false,
    };
    matches!(layer, PolicyKind::Identity | PolicyKind::Boundary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, role_arn};
    use crate::evidence::Known;
    use serde_json::json;

    const TOKEN: &str = "ecr:GetAuthorizationToken";

    fn asked(condition: &serde_json::Value) -> (Fixture, Question) {
        let statement = json!({"Effect": "Allow", "Action": TOKEN, "Resource": "*", "Condition": condition});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let fixture = Fixture::fargate().policies("web-execution", &[], &[("own", policy)]);
        let question = {
            let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
            let name = case.role_name(&role_arn("web-execution"));
            let rights = roles::rights(&case, &facts, &name).expect("it is known").expect("it is there");
            question(&case, &rights, TOKEN, "*")
        };
        (fixture, question)
    }

    #[test]
    fn it_is_given_the_keys_that_the_policies_name_and_that_are_known() {
        let (_, question) = asked(
            &json!({"StringEquals": {"aws:RequestedRegion": "us-east-1", "aws:SourceVpce": "vpce-1", "aws:username": "x"}}),
        );
        let Question::Simulation { role, context, .. } = question else { unreachable!() };
        assert_eq!(role, role_arn("web-execution"));
        let region = ("aws:requestedregion".to_owned(), vec!["us-east-1".to_owned()]);
        assert_eq!(context, [region], "one is not known, one is absent");
    }

    #[test]
    fn an_answer_that_lacks_a_key_says_nothing_and_neither_does_silence() {
        let (fixture, question) = asked(&json!({}));
        let answer = |decision, organization, missing: &[&str]| {
            let missing = missing.iter().map(|key| (*key).to_owned()).collect();
            let known = Known::Simulation(Simulation { decision, organization, missing });
            let answered = fixture.clone().with(question.clone(), known);
            said(&Facts::new(&answered.evidence), &question)
        };
        assert_eq!(answer(Simulated::Allowed, None, &[]), Said::Allowed);
        assert_eq!(answer(Simulated::Allowed, None, &["aws:SourceVpce"]), Said::Nothing);
        assert_eq!(answer(Simulated::ImplicitDeny, Some(true), &[]), Said::Denied { by_organization: false });
        assert_eq!(answer(Simulated::ExplicitDeny, Some(false), &[]), Said::Denied { by_organization: true });
        assert_eq!(said(&Facts::new(&fixture.clone().gap(question.clone()).evidence), &question), Said::Nothing);
        let unasked = Facts::new(&fixture.evidence);
        assert_eq!(said(&unasked, &question), Said::Nothing);
        assert_eq!(unasked.missing(), [question]);
    }
}
