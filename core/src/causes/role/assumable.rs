//! Whether a service may assume a role: what the causes about roles that ECS cannot use have in common.

use super::denied::why;
use crate::case::RoleName;
use crate::causes::prelude::*;
use crate::iam::edit::{Place, with_statement};
use crate::iam::{Context, Decision, Denial, trusts};
use crate::launch::roles;
use crate::model::Unknown;
use serde_json::json;

/// What a role is for, and who has to be able to assume it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Duty {
    /// As in `the task role`.
    pub what: &'static str,
    /// The principal of the service.
    pub service: &'static str,
}

/// ECS assumes it for a task, and hands its credentials to the agent or the containers.
pub(super) const EXECUTION: Duty = Duty { what: "the execution role", service: "ecs-tasks.amazonaws.com" };
/// As above, for the application.
pub(super) const TASK: Duty = Duty { what: "the task role", service: "ecs-tasks.amazonaws.com" };
/// ECS itself acts with it, for volumes and the like.
pub(super) const INFRASTRUCTURE: Duty = Duty { what: "the infrastructure role", service: "ecs.amazonaws.com" };
/// ECS itself acts with it, for a service's load balancer.
pub(super) const SERVICE: Duty = Duty { what: "the service's role", service: "ecs.amazonaws.com" };

impl Duty {
    /// Fault if the role is not there or does not trust its service; healed if it was made after the task had stopped.
    pub(super) fn judge(self, name: &RoleName, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(role) = roles::read_role(case, facts, name)? else {
            let why = format!("{} {} does not exist", self.what, name.name);
            return Ok(Finding::on([name.name.clone(), name.text.clone()]).because(why).into());
        };
        let finding = Finding::on([role.name.clone(), role.arn.clone()]);
        let document = roles::document(facts, "iam:GetRole", "the trust policy", &role.trust)?;
        if let Some(denial) = self.refusal(&document, case, facts)? {
            let reason = match &denial {
                Denial::Explicit { .. } => why(&denial),
                Denial::Implicit { nearest: Some(near), .. } => match &near.missed {
                    crate::iam::Missed::Condition { key } => {
                        format!("its trust policy has a condition on {key} that does not hold")
                    }
                    _ => "no statement of its trust policy names it".to_owned(),
                },
                Denial::Implicit { nearest: None, .. } => "no statement of its trust policy names it".to_owned(),
            };
            let why = format!("{} {} does not let {} assume it: {reason}", self.what, role.name, self.service);
            return Ok(finding.because(why).into());
        }
        match (role.created, facts.moment()) {
            (Some(made), Some(stop)) if made > stop => {
                let why = format!("{} {} was made at {made:.0}, after the task had stopped", self.what, role.name);
                Ok(Verdict::Healed(finding.because(why).healed(made)))
            }
            _ => Ok(Verdict::Sound),
        }
    }

    /// Why the service may not assume the role, if it may not.
    fn refusal(
        self,
        document: &crate::iam::Document,
        case: &Case<'_>,
        facts: &Facts<'_>,
    ) -> Result<Option<Denial>, Unknown> {
        let mut said = vec![];
        for context in self.contexts(case) {
            let decision = roles::known(facts, "sts:AssumeRole", trusts(document, self.service, &context))?;
            said.push(match decision {
                Decision::Denied(denial) => Some(denial),
                Decision::Allowed { .. } | Decision::Unknown { .. } => None,
            });
        }
        let denied = said.iter().filter(|one| one.is_some()).count();
        if denied > 0 && denied < said.len() {
            let which = format!("whether {} may assume it depends on the aws:SourceArn that it names", self.service);
            return Err(facts.lacks("iam:GetRole", crate::evidence::GapReason::Unsupported, which));
        }
        Ok(said.into_iter().flatten().next())
    }

    /// What the service tells when it assumes the role. For tasks that is the task; which of its own things ECS names for
    /// itself AWS does not say, so that a decision must be the same for all of them.
    fn contexts(self, case: &Case<'_>) -> Vec<Context> {
        let none = "0".repeat(32);
        let made = || case.arn("ecs", &format!("task/{}/{none}", case.cluster));
        let mut sources = vec![case.task.map_or_else(made, |task| task.arn.clone())];
        if self.service == "ecs.amazonaws.com" {
            sources.extend(case.service.map(|service| service.arn.clone()));
            sources.push(case.arn("ecs", &format!("cluster/{}", case.cluster)));
        }
        let context = |source: String| {
            let mut context = Context::new();
            context.set("aws:SourceAccount", &case.region.account).set("aws:SourceArn", source);
            context
        };
        sources.into_iter().map(context).collect()
    }

    /// The trust policy with a statement for the service before the others.
    fn trusting(self, text: Option<&str>) -> String {
        let ours = json!({"Effect": "Allow", "Principal": {"Service": self.service}, "Action": "sts:AssumeRole"});
        with_statement(text, ours, Place::First)
    }

    /// Lets the service assume the role; one that is not there is made anew under its name and path, with a policy of AWS's
    /// where there is one for its purpose.
    pub(super) fn fix(
        self,
        name: &RoleName,
        policy: Option<String>,
        case: &Case<'_>,
        facts: &Facts<'_>,
    ) -> Result<Fix, Unknown> {
        if let Some(role) = roles::read_role(case, facts, name)? {
            let change = Change::Trust { role: role.name.clone(), document: self.trusting(Some(&role.trust)) };
            return Ok(Fix::new(format!("Let {} assume role {}", self.service, role.name), Risk::Low).making(change));
        }
        let resource = name.text.split_once(":role").map_or("/", |(_, path)| path);
        let path = resource.rsplit_once('/').map_or("/".to_owned(), |(path, _)| format!("{path}/"));
        let arn = format!("arn:{}:iam::{}:role{path}{}", case.region.partition, case.region.account, name.name);
        let title = match &policy {
            Some(policy) => format!("Make role {}, with {}", name.name, short(policy)),
            None => format!("Make role {}, without any rights yet", name.name),
        };
        let change = Change::CreateRole { role: name.name.clone(), path, trust: self.trusting(None), policy, arn };
        Ok(Fix::new(title, Risk::Low).making(change))
    }
}

/// The name of a managed policy, without its path.
fn short(policy: &str) -> &str {
    policy.rsplit('/').next().unwrap_or(policy)
}

/// A managed policy of AWS's for a service.
pub(super) fn service_policy(case: &Case<'_>, name: &str) -> String {
    format!("arn:{}:iam::aws:policy/service-role/{name}", case.region.partition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, at, trust};

    fn judged(fixture: &Fixture, duty: Duty) -> Judgement {
        let case = fixture.case();
        let name = case.task_role().expect("the definition is known").expect("it names one");
        duty.judge(&name, &case, &Facts::new(&fixture.evidence).at(case.moment()))
    }

    fn trusted(service: &str, condition: Option<(&str, &str, &str)>) -> Fixture {
        let mut policy: serde_json::Value = serde_json::from_str(&trust(service)).expect("it is a policy");
        if let Some((operator, key, value)) = condition {
            policy["Statement"][0]["Condition"] = json!({operator: {key: value}});
        }
        Fixture::fargate().role("web-task", |role| role.trust = policy.to_string())
    }

    #[test]
    fn which_of_its_things_ecs_names_for_itself_must_not_matter() {
        let source = |pattern| trusted(INFRASTRUCTURE.service, Some(("ArnLike", "aws:SourceArn", pattern)));
        let says = |fixture: &Fixture| Said::of(&judged(fixture, INFRASTRUCTURE));
        assert_eq!(says(&trusted(INFRASTRUCTURE.service, None)), Said::Sound);
        assert_eq!(says(&source("arn:aws:ecs:us-east-1:111111111111:*")), Said::Sound, "whatever it is");
        assert_eq!(says(&source("arn:aws:ecs:eu-west-1:111111111111:*")), Said::Fault, "another region");
        assert_eq!(says(&source("arn:aws:ecs:us-east-1:111111111111:service/*")), Said::Unknown, "AWS does not say");
        assert_eq!(says(&trusted(TASK.service, None)), Said::Fault, "tasks are not ECS itself");
    }

    #[test]
    fn a_condition_that_does_not_hold_is_named() {
        let other = trusted(TASK.service, Some(("StringEquals", "aws:SourceAccount", "222222222222")));
        let Ok(Verdict::Fault(found)) = judged(&other, TASK) else { unreachable!("the account is another") };
        assert!(found.explanation.ends_with("has a condition on aws:SourceAccount that does not hold"), "{found:?}");
    }

    #[test]
    fn a_role_that_was_made_after_the_stop_was_not_there() {
        let made = |time: &str| Fixture::fargate().role("web-task", |role| role.created = Some(at(time)));
        assert_eq!(Said::of(&judged(&made("09:00"), TASK)), Said::Sound);
        let Ok(Verdict::Healed(found)) = judged(&made("10:30"), TASK) else { unreachable!("it stopped at 10:05") };
        assert_eq!(found.healed_at, Some(at("10:30")));
    }
}
