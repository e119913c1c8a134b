//! The pulling role may not read images of the repository.

use super::denied::{Grant, denial, sound_or_healed, why};
use crate::causes::prelude::*;
use crate::iam::edit::without_denial;
use crate::iam::{Denial, PolicyKind};
use crate::launch::pullers::{self, Puller};
use crate::launch::roles::{self, RoleRights};
use crate::launch::since;
use crate::launch::wrong_role;
use crate::model::Unknown;

documented! {
/// The role that pulls may not call `ecr:BatchGetImage` or `ecr:GetDownloadUrlForLayer` on the repository.
///
/// # Why a task stops here
/// With a token in hand, the manifest and each layer are asked of the repository, and ECR checks both actions for the role.
/// In the account of the repository either the role's policies or the repository's policy must allow them; across accounts
/// both must, and a repository policy that does not is another cause (`repository-policy-denied`).
/// # How it is told
/// The role's policies, its permissions boundary and, in the same account, the repository's policy are evaluated for both
/// actions on the repository's ARN. `ecr:BatchCheckLayerAvailability` is not needed to pull.
/// # Prevention
/// Grant pulls on a prefix of repositories that new ones fall under, and `ecs-why check` a service before it is released.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_ECS.html>
pub struct EcrPullDenied;
}

const PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// The first denial among both actions, if the role's own side is the reason.
fn own_denial(
    pull: &Pull,
    rights: &RoleRights,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Option<(Vec<&'static str>, Denial)>, Unknown> {
    let registry = &pull.ecr.registry;
    let document = match pull.ecr.is_foreign(case) {
        true => None,
        false => facts
            .repository_policy(&registry.region, &registry.account, &pull.ecr.image.repository)?
            .map(|text| roles::document(facts, "ecr:GetRepositoryPolicy", "the repository's policy", text))
            .transpose()?,
    };
    let arn = pull.ecr.repository_arn(case);
    let mut found: Option<(Vec<&'static str>, Denial)> = None;
    for action in PULL {
        let decision = roles::may(case, facts, rights, action, &arn, document.as_ref())?;
        // Across accounts the repository's side is judged by itself.
        let own = denial(decision).filter(|one| {
            !matches!(one, Denial::Implicit { layer: PolicyKind::Resource, .. }) || !pull.ecr.is_foreign(case)
        });
        if let Some(denial) = own {
            found.get_or_insert_with(|| (vec![], denial)).0.push(action);
        }
    }
    Ok(found)
}

/// The action that the stop says was refused, where it is one of both.
fn told_action(case: &Case<'_>) -> &'static str {
    let told = case.symptom.as_ref().and_then(|symptom| symptom.facts.get("action")?.as_str());
    PULL.into_iter().find(|action| told == Some(*action)).unwrap_or(PULL[0])
}

impl Cause for EcrPullDenied {
    type Subject = Pull;
    const ID: CauseId = CauseId::EcrPullDenied;
    const READS: &'static [&'static [Source]] =
        &[roles::READS, pullers::READS, since::READS, &[Source::RepositoryPolicy]];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let registry = &pull.ecr.registry;
        if !pull.ecr.is_foreign(case) {
            // Asked along with the roles, not after them.
            let _ = facts.repository_policy(&registry.region, &registry.account, &pull.ecr.image.repository);
        }
        let pullers = pullers::pullers(case, facts);
        wrong_role::along(case, facts);
        if let Some(role) = case.execution_role()? {
            since::along(Self::ID, case, facts, &role);
        }
        let pullers = pullers?;
        let lacking: Vec<&str> = pullers.iter().map(|puller| puller.name.as_str()).collect();
        let (mut denied, mut elsewhere) = (vec![], String::new());
        for Puller { name, rights } in &pullers {
            let Some((actions, denial)) = own_denial(pull, rights, case, facts)? else {
                let call = (told_action(case), pull.ecr.repository_arn(case));
                return sound_or_healed(Self::ID, case, facts, rights, (call.0, &call.1));
            };
            elsewhere = wrong_role::told(case, facts, &lacking, &denial, |other| {
                Ok(own_denial(pull, other, case, facts)?.is_none())
            });
            denied.push(format!("role {name} may not call {}: {}", actions.join(" and "), why(&denial)));
        }
        if denied.is_empty() {
            return Ok(Verdict::NotApplicable);
        }
        let resources =
            pullers.first().map(|puller| puller.name.clone()).into_iter().chain([pull.ecr.repository_arn(case)]);
        let why = format!("{} (repository {}){elsewhere}", denied.join("; "), pull.ecr.image.repository);
        Ok(Finding::on(resources).in_container(&pull.container).because(why).into())
    }

    fn fixes(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        for Puller { rights, .. } in &pullers::pullers(case, facts)? {
            let Some((actions, denial)) = own_denial(pull, rights, case, facts)? else { continue };
            let resources = [pull.ecr.repository_arn(case)];
            // A denial names what it denies; a missing right is granted whole.
            let actions = if matches!(denial, Denial::Explicit { .. }) { actions } else { PULL.to_vec() };
            if let Denial::Explicit { by } = &denial
                && by.kind == PolicyKind::Resource
            {
                return Ok(lift_from_repository(pull, by.statement, &actions, &resources, facts)?
                    .into_iter()
                    .collect());
            }
            let grant = Grant { rights, purpose: "ecr-pull", actions: &actions, resources: &resources };
            return Ok(grant.fix(&denial, facts));
        }
        Ok(vec![])
    }
}

/// Takes the denial out of the repository's own policy, in the account of the task.
fn lift_from_repository(
    pull: &Pull,
    statement: usize,
    actions: &[&str],
    resources: &[String],
    facts: &Facts<'_>,
) -> Result<Option<Fix>, Unknown> {
    let (registry, repository) = (&pull.ecr.registry, &pull.ecr.image.repository);
    let text = facts.repository_policy(&registry.region, &registry.account, repository)?;
    let Some(document) = text.and_then(|text| without_denial(text, statement, actions, resources)) else {
        return Ok(None);
    };
    let change = Change::RepositoryPolicy {
        region: registry.region.clone(),
        registry: registry.account.clone(),
        repository: repository.clone(),
        document,
    };
    let fix = Fix::new(format!("Take the denial out of the policy of repository {repository}"), Risk::Medium)
        .making(change)
        .noting("somebody wrote this denial on purpose: ask before you lift it");
    Ok(Some(fix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        EXECUTION_POLICY, Fixture, REPOSITORY, Said, attached, inline, repository_policy, role, statement,
    };
    use crate::evidence::{Known, Question};
    use serde_json::json;

    const ID: CauseId = CauseId::EcrPullDenied;

    fn role_with(actions: &[&str], resource: &str) -> Fixture {
        let policy = statement("Allow", actions, resource);
        Fixture::fargate().policies("web-execution", &[], &[("pull", policy)])
    }

    fn opened(effect: &str) -> Known {
        let principal = json!({"AWS": "arn:aws:iam::111111111111:role/web-execution"});
        let one = json!({"Effect": effect, "Principal": principal, "Action": PULL});
        Known::RepositoryPolicy(json!({"Version": "2012-10-17", "Statement": [one]}).to_string())
    }

    #[test]
    fn both_actions_must_be_allowed_on_the_repository_by_the_role_or_by_the_repository() {
        let rows = [
            (role_with(&PULL, "*"), Said::Sound, "everything"),
            (role_with(&PULL, "arn:aws:ecr:us-east-1:111111111111:repository/team/*"), Said::Sound, "its namespace"),
            (role_with(&PULL, "arn:aws:ecr:us-east-1:111111111111:repository/other"), Said::Fault, "another one"),
            (role_with(&PULL[..1], REPOSITORY), Said::Fault, "no layers"),
            (role_with(&[], "*").with(repository_policy(), opened("Allow")), Said::Sound, "the repository's policy"),
            (role_with(&PULL, "*").with(repository_policy(), opened("Deny")), Said::Fault, "the repository denies it"),
            (Fixture::fargate().app(|app| app.image = "nginx".into()), Said::NotApplicable, "not ECR"),
        ];
        for (fixture, said, why) in rows {
            assert_eq!(fixture.says(ID), said, "{why}");
        }
    }

    #[test]
    fn the_finding_names_the_role_the_repository_and_what_is_lacking() {
        let found = role_with(&PULL[..1], REPOSITORY).finding(ID);
        assert_eq!(found.resources, ["web-execution", REPOSITORY]);
        assert_eq!(found.container.as_deref(), Some("app"));
        assert!(
            found.explanation.starts_with("role web-execution may not call ecr:GetDownloadUrlForLayer: "),
            "{found:?}"
        );
        assert!(found.explanation.ends_with("(repository team/web)"), "{found:?}");
    }

    #[test]
    fn a_right_to_pull_that_the_application_has_is_said_to_be_on_the_wrong_role() {
        let pull = [("pull", statement("Allow", &PULL, REPOSITORY))];
        let found = role_with(&["s3:*"], "*").policies("web-task", &[], &pull).finding(ID);
        let end = "(repository team/web); the right is on the task role web-task, which is the application's";
        assert!(found.explanation.ends_with(end), "{found:?}");
    }

    #[test]
    fn a_repository_of_another_account_is_judged_on_the_roles_side_alone() {
        let foreign = |actions: &[&str]| {
            role_with(actions, "*").app(|app| app.image = app.image.replace("111111111111", "222222222222")).says(ID)
        };
        assert_eq!([foreign(&PULL), foreign(&["s3:*"])], [Said::Sound, Said::Fault]);
    }

    #[test]
    fn whatever_was_not_read_may_decide_otherwise() {
        let denied = role_with(&["s3:*"], "*");
        let own = Question::InlinePolicy { role: "web-execution".into(), policy: "pull".into() };
        for question in
            [role("web-execution"), attached("web-execution"), inline("web-execution"), own, repository_policy()]
        {
            denied.hangs_on(ID, &question);
        }
        denied.never_turns(ID);
    }

    #[test]
    fn a_right_is_granted_whole_and_a_denial_lifted_as_far_as_it_goes() {
        let denied = role_with(&PULL[..1], REPOSITORY);
        let fixes = denied.mended(ID);
        let [Change::Allow { actions, resources, .. }] = fixes[0].changes.as_slice() else { unreachable!() };
        assert_eq!(
            (actions.as_slice(), resources.as_slice()),
            (&PULL.map(str::to_owned)[..], &[REPOSITORY.to_owned()][..])
        );
        assert_eq!(denied.after(&fixes[0]).says(ID), Said::Sound);
        let deny = [("deny", statement("Deny", &["ecr:BatchGetImage", "ecr:PutImage"], "*"))];
        let refused = Fixture::fargate().policies("web-execution", &[EXECUTION_POLICY], &deny);
        let fixes = refused.mended(ID);
        let [Change::RewriteInlinePolicy { document: Some(left), .. }] = fixes[0].changes.as_slice() else {
            unreachable!()
        };
        assert!(left.contains("ecr:PutImage") && !left.contains("BatchGetImage"), "{left}");
        assert_eq!(refused.after(&fixes[0]).says(ID), Said::Sound);
    }
}
