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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, Said, ecr_image, repository_policy, role};
    use crate::evidence::{Known, Question};
    use crate::model::stores::{ImageId, Repository};

    const ID: CauseId = CauseId::RepositoryPolicyDenied;
    const OWNER: &str = "222222222222";

    fn policy_question() -> Question {
        Question::RepositoryPolicy { region: "us-east-1".into(), registry: OWNER.into(), repository: "team/web".into() }
    }

    fn repository() -> Question {
        Question::Repository { region: "us-east-1".into(), registry: OWNER.into(), repository: "team/web".into() }
    }

    fn foreign(principal: &str, actions: &[&str]) -> Fixture {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let found = Repository {
            name: "team/web".to_owned(),
            arn: format!("arn:aws:ecr:us-east-1:{OWNER}:repository/team/web"),
            immutable: false,
            kms_key: None,
            created: None,
        };
        let image = Question::Image {
            region: "us-east-1".into(),
            registry: OWNER.into(),
            repository: "team/web".into(),
            image: ImageId::Tag("v42".into()),
        };
        Fixture::fargate()
            .app(|app| app.image = IMAGE.replace("111111111111", OWNER))
            .with(repository(), Known::Repository(found))
            .with(image, Known::Image(ecr_image("v42", "09:00")))
            .with(policy_question(), Known::RepositoryPolicy(policy))
    }

    #[test]
    fn a_policy_that_names_the_account_or_the_role_or_everybody_lets_it_pull_and_others_do_not() {
        let rows: [(&str, &[&str], Said); 7] = [
            ("arn:aws:iam::111111111111:root", &PULL, Said::Sound),
            ("111111111111", &PULL, Said::Sound),
            ("arn:aws:iam::111111111111:role/web-execution", &PULL, Said::Sound),
            ("*", &["ecr:*"], Said::Sound),
            ("arn:aws:iam::333333333333:root", &PULL, Said::Fault),
            ("arn:aws:iam::111111111111:role/other", &PULL, Said::Fault),
            ("111111111111", &["ecr:BatchGetImage"], Said::Fault),
        ];
        for (principal, actions, said) in rows {
            assert_eq!(foreign(principal, actions).says(ID), said, "{principal} {actions:?}");
        }
    }

    #[test]
    fn the_finding_names_the_repository_and_what_its_policy_lacks() {
        let found = foreign("111111111111", &["ecr:BatchGetImage"]).finding(ID);
        assert_eq!(
            found.explanation,
            "the policy of repository team/web in account 222222222222 does not allow ecr:GetDownloadUrlForLayer to account 111111111111"
        );
        assert_eq!(found.resources[0], "arn:aws:ecr:us-east-1:222222222222:repository/team/web");
        assert_eq!(
            foreign("*", &["ecr:*"]).absent(policy_question()).says(ID),
            Said::Fault,
            "no policy lets nobody in"
        );
    }

    #[test]
    fn in_the_own_account_it_is_no_question() {
        let closed = Fixture::fargate().absent(repository_policy());
        assert_eq!(closed.says(ID), Said::NotApplicable);
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_a_gap_and_no_verdict() {
        let denied = foreign("333333333333", &PULL);
        for question in [policy_question(), repository(), role("web-execution")] {
            denied.hangs_on(ID, &question);
        }
        denied.never_turns(ID);
        let garbled = denied.with(policy_question(), Known::RepositoryPolicy("{".to_owned()));
        assert_eq!(garbled.says(ID), Said::Unknown);
    }

    #[test]
    fn a_statement_for_the_account_mends_it_and_leaves_the_others_in_their_place() {
        let denied = foreign("333333333333", &PULL);
        let fixes = denied.mended(ID);
        let [Change::RepositoryPolicy { registry, document: Some(document), .. }] = fixes[0].changes.as_slice() else {
            unreachable!()
        };
        assert_eq!(registry, OWNER);
        assert!(document.contains("333333333333") && document.contains("arn:aws:iam::111111111111:root"), "{document}");
        assert_eq!(denied.after(&fixes[0]).says(ID), Said::Sound);
    }
}
