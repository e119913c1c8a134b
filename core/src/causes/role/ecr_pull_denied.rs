//! The pulling role may not read images of the repository.

use super::denied::{Grant, denial, why};
use crate::causes::prelude::*;
use crate::iam::edit::without_denial;
use crate::iam::{Denial, PolicyKind};
use crate::launch::pullers::{self, Puller};
use crate::launch::roles;
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
    puller: &Puller,
    case: &Case<'_>,
    facts: &Facts<'_>,
) -> Result<Option<(Vec<&'static str>, Denial)>, Unknown> {
    let rights = &puller.rights;
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

impl Cause for EcrPullDenied {
    type Subject = Pull;
    const ID: CauseId = CauseId::EcrPullDenied;
    const READS: &'static [&'static [Source]] = &[roles::READS, pullers::READS, &[Source::RepositoryPolicy]];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let registry = &pull.ecr.registry;
        if !pull.ecr.is_foreign(case) {
            // Asked along with the roles, not after them.
            let _ = facts.repository_policy(&registry.region, &registry.account, &pull.ecr.image.repository);
        }
        let pullers = pullers::pullers(case, facts)?;
        let mut denied = vec![];
        for puller in &pullers {
            match own_denial(pull, puller, case, facts)? {
                Some((actions, denial)) => {
                    denied.push(format!(
                        "role {} may not call {}: {}",
                        puller.name,
                        actions.join(" and "),
                        why(&denial)
                    ));
                }
                None => return Ok(Verdict::Sound),
            }
        }
        if denied.is_empty() {
            return Ok(Verdict::NotApplicable);
        }
        let resources =
            pullers.first().map(|puller| puller.name.clone()).into_iter().chain([pull.ecr.repository_arn(case)]);
        let why = format!("{} (repository {})", denied.join("; "), pull.ecr.image.repository);
        Ok(Finding::on(resources).in_container(&pull.container).because(why).into())
    }

    fn fixes(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        for puller in &pullers::pullers(case, facts)? {
            let Some((actions, denial)) = own_denial(pull, puller, case, facts)? else { continue };
            let rights = &puller.rights;
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
