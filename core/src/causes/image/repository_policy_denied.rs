//! The repository is another account's, and its policy does not let this one pull.

use crate::causes::prelude::*;
use crate::iam::edit::{Place, with_statement};
use crate::iam::{Decision, Policy, PolicyKind, Principal, Request, resource_policy_allows};
use crate::launch::images;
use crate::launch::pullers::{self, pullers};
use crate::launch::roles;
use crate::model::Unknown;
use serde_json::json;

documented! {
/// The repository is in another account, and its policy does not let this account's role pull.
///
/// # Why a task stops here
/// Across accounts both sides must allow a pull: the role's own policies, and the policy of the repository, which must name
/// the role, its account or everybody for `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer`.
/// # How it is told
/// The repository's policy, where its account lets it be read, is evaluated for the role that pulls. Where it cannot be
/// read, that is a gap, and nothing is confirmed by it.
/// # Prevention
/// Let the account that owns the images grant whole accounts of the organization, and test with `ecs-why check`.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html>
pub struct RepositoryPolicyDenied;
}

const PULL: [&str; 2] = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// The actions of a pull that the repository's policy does not allow to the role.
fn refused(
    pull: &Pull,
    rights: &roles::RoleRights,
    case: &Case<'_>,
    facts: &Facts<'_>,
    text: Option<&String>,
) -> Result<Vec<&'static str>, Unknown> {
    let name = "the repository's policy";
    let document = text.map(|text| roles::document(facts, "ecr:GetRepositoryPolicy", name, text)).transpose()?;
    let policy = document.as_ref().map(|document| Policy { name, kind: PolicyKind::Resource, document });
    let arn = pull.ecr.repository_arn(case);
    let context = roles::context(case, rights, Some(&pull.ecr.registry.account));
    let mut refused = vec![];
    for action in PULL {
        let request = Request {
            principal: Principal::Role { arn: &rights.arn, session: None },
            action,
            resource: &arn,
            resource_account: Some(&pull.ecr.registry.account),
            context: &context,
        };
        if let Decision::Denied(_) = roles::known(facts, action, resource_policy_allows(&request, policy.as_ref()))? {
            refused.push(action);
        }
    }
    Ok(refused)
}

impl Cause for RepositoryPolicyDenied {
    type Subject = Pull;
    const ID: CauseId = CauseId::RepositoryPolicyDenied;
    const READS: &'static [&'static [Source]] =
        &[images::READS, roles::READS, pullers::READS, &[Source::RepositoryPolicy]];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if !pull.ecr.is_foreign(case) {
            return Ok(Verdict::NotApplicable);
        }
        let (registry, name) = (&pull.ecr.registry, &pull.ecr.image.repository);
        let text = facts.repository_policy(&registry.region, &registry.account, name);
        let (repository, pullers) = (pull.ecr.repository(facts), pullers(case, facts));
        if repository?.is_none() {
            return Ok(Verdict::NotApplicable);
        }
        let (text, pullers) = (text?, pullers?);
        let mut missing = vec![];
        for puller in &pullers {
            missing = refused(pull, &puller.rights, case, facts, text)?;
            if missing.is_empty() {
                return Ok(Verdict::Sound);
            }
        }
        if pullers.is_empty() {
            return Ok(Verdict::NotApplicable);
        }
        let why = format!(
            "the policy of repository {name} in account {} does not allow {} to account {}",
            registry.account,
            missing.join(" and "),
            case.region.account
        );
        let resources = [pull.ecr.repository_arn(case), pull.ecr.image.text.clone()];
        Ok(Finding::on(resources).in_container(&pull.container).because(why).into())
    }

    fn fixes(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let (registry, name) = (&pull.ecr.registry, &pull.ecr.image.repository);
        let text = facts.repository_policy(&registry.region, &registry.account, name)?;
        let principal = format!("arn:{}:iam::{}:root", case.region.partition, case.region.account);
        let ours = json!({
            "Sid": "PullFromOtherAccount", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": PULL,
        });
        let change = Change::RepositoryPolicy {
            region: registry.region.clone(),
            registry: registry.account.clone(),
            repository: name.clone(),
            document: Some(with_statement(text.map(String::as_str), ours, Place::Last)),
        };
        let fix = Fix::new(format!("Let account {} pull from repository {name}", case.region.account), Risk::Low)
            .making(change)
            .documented_at("https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html")
            .noting(format!("run it with the credentials of account {}, which owns the repository", registry.account));
        Ok(vec![fix])
    }
}
