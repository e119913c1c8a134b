//! The second witness: where AWS's own simulation contradicts what we read out of a role's policies, the report says so.

use super::rank::Ranked;
use super::walk::Step;
use crate::evidence::{Facts, Question};
use crate::launch::witness::{Said, said};
use crate::report::Status;

/// More calls than this are not put to the witness: one that contradicts is enough.
const MOST: usize = 4;

/// What was put to the witness for each ranked cause, and got an answer.
pub type Heard = Vec<Vec<Question>>;

/// Asks the simulation about the denials behind what is confirmed, and lowers what it contradicts.
///
/// Only where a role's policies are said to deny something that matters: a fault that is behind the stop, or that a check
/// found. Where the simulation may not be asked, or does not say, everything stays as it was.
pub fn hear(ranked: &mut [Ranked], steps: &[Step], facts: &Facts<'_>) -> Heard {
    let mut left = MOST;
    let mut heard = vec![];
    for one in ranked {
        let mut answered = vec![];
        for question in doubts(one, steps).into_iter().take(left) {
            left -= 1;
            let said = said(facts, &question);
            if said == Said::Allowed
                && let Question::Simulation { role, action, resource, .. } = &question
            {
                one.status = Status::Likely;
                one.note = Some(format!(
                    "two witnesses disagree: AWS's own simulation says that {role} may call {action} on {resource}, \
                     and its policies, as they were read, say that it may not"
                ));
            }
            if said != Said::Nothing {
                answered.push(question);
            }
        }
        heard.push(answered);
    }
    heard
}

/// The denials that a confirmed cause rests on: those of the roles that it names, not of others that it compared them with.
fn doubts(one: &Ranked, steps: &[Step]) -> Vec<Question> {
    if one.status != Status::Confirmed || one.latent || one.told {
        return vec![];
    }
    let is_named = |question: &&Question| match question {
        Question::Simulation { role, .. } => {
            one.finding.resources.iter().any(|name| role == name || role.ends_with(&format!("/{name}")))
        }
        _ => false,
    };
    let all = one.steps.iter().flat_map(|step| &steps[*step].judged.reading.doubts);
    all.filter(is_named).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, role_arn};
    use crate::diagnosis::explains::Explains;
    use crate::diagnosis::rank::rank;
    use crate::diagnosis::walk::walk;
    use crate::evidence::Known;
    use crate::model::CauseId;
    use crate::model::stores::{Simulated, Simulation};

    /// The first cause of a check of a role without rights, and what is still to be asked.
    fn first(fixture: &Fixture) -> (Ranked, Vec<Question>) {
        let case = fixture.case();
        let facts = Facts::new(&fixture.evidence);
        let steps = walk(&case, &facts);
        let mut ranked = rank(&case, &steps, &Explains::of(&case, &facts));
        let before: Vec<Question> = facts.missing();
        hear(&mut ranked, &steps, &facts);
        let asked = facts.missing().into_iter().filter(|question| !before.contains(question)).collect();
        let first = ranked.into_iter().find(|one| one.id == CauseId::EcrAuthDenied);
        (first.expect("the role has no rights"), asked)
    }

    fn bare() -> Fixture {
        Fixture::fargate().check().policies("web-execution", &[], &[])
    }

    #[test]
    fn a_denial_is_put_to_the_simulation_and_stays_where_it_agrees_or_is_silent() {
        let (found, asked) = first(&bare());
        assert_eq!(found.status, Status::Confirmed);
        let token = |question: &&Question| matches!(question, Question::Simulation { action, .. } if action == "ecr:GetAuthorizationToken");
        let question = asked.iter().find(token).expect("it is asked").clone();
        let Question::Simulation { role, .. } = &question else { unreachable!() };
        assert_eq!(role, &role_arn("web-execution"));
        assert!(asked.len() <= MOST, "{asked:?}");
        assert_eq!(first(&bare().gap(question.clone())).0.status, Status::Confirmed, "it may not be asked");
        let says = |decision| {
            let answer = Simulation { decision, organization: None, missing: vec![] };
            first(&bare().with(question.clone(), Known::Simulation(answer))).0
        };
        let agreed = says(Simulated::ImplicitDeny);
        assert_eq!((agreed.status, agreed.note), (Status::Confirmed, None));
        let contradicted = says(Simulated::Allowed);
        assert_eq!(contradicted.status, Status::Likely);
        assert!(contradicted.note.is_some_and(|note| note.contains("disagree") && note.contains("web-execution")));
    }

    #[test]
    fn where_nothing_is_denied_nothing_is_asked() {
        let fixture = Fixture::fargate().check();
        let (case, facts) = (fixture.case(), Facts::new(&fixture.evidence));
        let steps = walk(&case, &facts);
        let mut ranked = rank(&case, &steps, &Explains::of(&case, &facts));
        assert!(hear(&mut ranked, &steps, &facts).iter().all(Vec::is_empty));
        assert!(!facts.missing().iter().any(|question| matches!(question, Question::Simulation { .. })));
    }
}
