//! What somebody made by hand, somebody else cannot make again.

use super::prelude::*;
use crate::launch::ways;
use crate::model::Keeper;

documented! {
/// Nothing tells that a role, an endpoint or a repository of the launch is managed as code.
///
/// # Why
/// What was made by hand is changed by hand: nobody reviews it, nobody can say what it was like before, and another account or
/// region gets it slightly different. The stack or module that makes the service is the place for what it needs to start.
/// # When it is said
/// Where none of a resource's tags names CloudFormation, the CDK, Terraform or another tool. A tool that sets no tag cannot be
/// seen: then a tag such as `ManagedBy` tells it to people, too.
/// # AWS
/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
pub struct NotManagedAsCode;
}

impl Advice for NotManagedAsCode {
    const ID: &'static str = "not-managed-as-code";
    const TITLE: &'static str = "Keep roles, endpoints and repositories as code";
    const READS: &'static [&'static [Source]] =
        &[&[Source::Role, Source::RepositoryKeeper, Source::VpcEndpoints], ways::READS];

    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> Advised {
        let mut found: Vec<String> = vec![];
        if let Some(role) = case.execution_role()?.filter(|role| role.account == case.region.account)
            && let Ok(Some(known)) = facts.role(&role.name)
            && Keeper::of_tags(known.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))) == Keeper::Nobody
        {
            found.push(format!("role {}", role.name));
        }
        for used in ecr_uses(case)?.iter().filter(|used| !used.is_foreign(case)) {
            let keeper = facts.repository_keeper(&used.registry.region, used.repository_arn(case));
            let name = format!("repository {}", used.image.repository);
            if matches!(keeper, Ok(Some(Keeper::Nobody))) && !found.contains(&name) {
                found.push(name);
            }
        }
        let mut vpcs: Vec<&str> = vec![];
        for subnet in case.subnets.iter().flatten() {
            if let Ok(Some(subnet)) = facts.subnet(subnet)
                && !vpcs.contains(&subnet.vpc.as_str())
            {
                vpcs.push(&subnet.vpc);
            }
        }
        for vpc in vpcs {
            let Ok(Some(endpoints)) = facts.vpc_endpoints(vpc) else { continue };
            let nobody = endpoints.iter().filter(|one| one.keeper == Keeper::Nobody);
            found.extend(nobody.map(|one| format!("endpoint {}", one.id)));
        }
        if found.is_empty() {
            return Ok(None);
        }
        let why = format!("no tag of {} names who manages it", some_of(&found));
        let names = found.iter().map(|one| one.rsplit(' ').next().unwrap_or(one).to_owned());
        Ok(Some(Tip::on(names).because(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::tip;
    use crate::causes::fixture::{Fixture, REGION, REPOSITORY};
    use crate::evidence::{Known, Question};

    const ID: &str = NotManagedAsCode::ID;

    fn keepers(repository: Keeper, endpoint: Keeper, role_tag: &str) -> Fixture {
        let question = Question::RepositoryKeeper { region: REGION.into(), arn: REPOSITORY.into() };
        Fixture::endpoints()
            .with(question, Known::RepositoryKeeper(repository))
            .network(|lab| lab.endpoints.iter_mut().for_each(|one| one.keeper = endpoint.clone()))
            .role("web-execution", |role| drop(role.tags.insert(role_tag.to_owned(), "true".to_owned())))
    }

    #[test]
    fn what_nobody_keeps_is_told() {
        let nobody = keepers(Keeper::Nobody, Keeper::Nobody, "team");
        let found = tip(ID, &nobody).expect("nobody keeps them");
        assert_eq!(found.resources[..3], ["web-execution", "team/web", "vpce-ecr.api"]);
    }

    #[test]
    fn what_a_tag_names_or_nobody_looked_at_is_not() {
        let terraform = || Keeper::Terraform { place: None };
        assert_eq!(tip(ID, &keepers(terraform(), terraform(), "terraform")), None);
        assert_eq!(tip(ID, &keepers(Keeper::Untold, Keeper::Untold, "terraform")), None, "evidence of old");
    }
}
