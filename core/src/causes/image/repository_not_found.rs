//! There is no such repository in that account and region.

use crate::causes::prelude::*;
use crate::image::nearest;
use crate::launch::images;
use crate::model::stores::ImageId;

documented! {
/// The repository that the image names does not exist in that account and region.
///
/// # Why a task stops here
/// ECR answers the same for a repository that is not there as for a tag that is not: "not found". Names are exact, with
/// all their namespaces, and a repository lives in one region of one account.
/// # How it is told
/// The registry is asked for the repository, in the region and account that the image names. Repositories whose names are
/// like it are named, and one of the same name in the task's own region is looked for.
/// # Prevention
/// Let the pipeline that pushes make the repository, and take the image's name from its output.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Repositories.html>
pub struct RepositoryNotFound;
}

impl Cause for RepositoryNotFound {
    type Subject = Pull;
    const ID: CauseId = CauseId::RepositoryNotFound;
    const READS: &'static [&'static [Source]] = &[images::READS, &[Source::Repositories]];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if pull.ecr.repository(facts)?.is_some() {
            return Ok(Verdict::Sound);
        }
        if pull.ecr.is_cached(case, facts)? {
            return Ok(Verdict::NotApplicable);
        }
        let (registry, name) = (&pull.ecr.registry, &pull.ecr.image.repository);
        let (there, here) = (&registry.region, &case.region);
        let names = facts.repositories(there, &registry.account);
        let own = match registry.region != here.region || registry.account != here.account {
            true => facts.repository(&here.region, &here.account, name),
            false => Ok(None),
        };
        let hint = match (own, names) {
            (Ok(Some(_)), _) => format!("; there is one of that name in account {}, {}", here.account, here.region),
            (_, Ok(Some(names))) => match nearest(name, names.iter().map(String::as_str), 3).as_slice() {
                [] => String::new(),
                near => format!("; there is `{}`", near.join("`, `")),
            },
            _ => String::new(),
        };
        let why = format!("there is no repository `{name}` in account {}, {there}{hint}", registry.account);
        let finding = Finding::on([name.clone(), pull.ecr.image.text.clone(), pull.ecr.repository_arn(case)]);
        Ok(finding.in_container(&pull.container).because(why).into())
    }

    fn fixes(&self, pull: &Pull, _case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let (registry, image) = (&pull.ecr.registry, &pull.ecr.image);
        let names = facts.repositories(&registry.region, &registry.account)?.map_or(&[][..], Vec::as_slice);
        let ImageId::Tag(tag) = image.id() else { return Ok(vec![]) };
        for near in nearest(&image.repository, names.iter().map(String::as_str), 1) {
            // Only one that holds the tag is worth a revision.
            if facts.image(&registry.region, &registry.account, near, ImageId::Tag(tag.clone()))?.is_none() {
                continue;
            }
            let new = format!("{}/{near}:{tag}", registry.host);
            let change = Change::UseImage { container: pull.container.clone(), old: image.text.clone(), new };
            let title = format!("Name repository `{near}`, which has the tag `{tag}`, in a new revision");
            return Ok(vec![Fix::new(title, Risk::Medium).making(change)]);
        }
        Ok(vec![])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{
        Fixture, HOST, IMAGE, REPOSITORY, Said, cache_rule, cache_rules, ecr_image, image, repositories, repository,
    };
    use crate::evidence::{Known, Question};

    const ID: CauseId = CauseId::RepositoryNotFound;

    fn of_name(name: &str) -> Question {
        Question::Image {
            region: "us-east-1".into(),
            registry: "111111111111".into(),
            repository: name.into(),
            image: ImageId::Tag("v42".into()),
        }
    }

    fn misspelled() -> Fixture {
        let names = ["team/webs", "other/thing"].map(str::to_owned);
        Fixture::fargate()
            .absent(repository("team/web"))
            .absent(image("v42"))
            .with(repositories(), Known::Repositories(names.to_vec()))
            .with(of_name("team/webs"), Known::Image(ecr_image("v42", "09:00")))
    }

    #[test]
    fn a_repository_that_is_not_there_is_named_with_the_one_that_is_like_it() {
        let found = misspelled().finding(ID);
        assert_eq!(found.resources, ["team/web", IMAGE, REPOSITORY]);
        assert_eq!(
            found.explanation,
            "there is no repository `team/web` in account 111111111111, us-east-1; there is `team/webs`"
        );
        assert_eq!(Fixture::fargate().absent(image("v42")).says(ID), Said::Sound, "a missing tag is another matter");
    }

    #[test]
    fn one_of_the_same_name_in_the_tasks_own_region_is_named() {
        let there = |name: &str| Question::Repository {
            region: "eu-west-1".into(),
            registry: "111111111111".into(),
            repository: name.into(),
        };
        let elsewhere = Fixture::fargate()
            .app(|app| app.image = IMAGE.replace("us-east-1", "eu-west-1"))
            .absent(there("team/web"))
            .with(
                Question::PullThroughPrefixes { region: "eu-west-1".into(), registry: "111111111111".into() },
                Known::PullThroughPrefixes(vec![]),
            );
        let found = elsewhere.finding(ID);
        assert!(
            found.explanation.ends_with("; there is one of that name in account 111111111111, us-east-1"),
            "{found:?}"
        );
    }

    #[test]
    fn what_a_cache_rule_brings_need_not_be_there() {
        let cached = misspelled().with(cache_rules(), Known::PullThroughPrefixes(vec![cache_rule("team")]));
        assert_eq!(cached.says(ID), Said::NotApplicable);
        assert_eq!(Fixture::fargate().app(|app| app.image = "nginx".to_owned()).says(ID), Said::NotApplicable);
    }

    #[test]
    fn it_hangs_on_the_repository_and_the_cache_rules_and_not_on_the_other_names() {
        misspelled().hangs_on(ID, &repository("team/web"));
        misspelled().hangs_on(ID, &cache_rules());
        misspelled().never_turns(ID);
        assert_eq!(misspelled().gap(repositories()).says(ID), Said::Fault);
    }

    #[test]
    fn the_one_that_is_like_it_is_a_fix_only_if_it_has_the_tag() {
        let new = format!("{HOST}/team/webs:v42");
        let change = Change::UseImage { container: "app".to_owned(), old: IMAGE.to_owned(), new };
        assert_eq!(misspelled().mended(ID)[0].changes, [change]);
        assert_eq!(misspelled().absent(of_name("team/webs")).mended(ID), []);
    }
}
