//! The image is in another account than its name says.

use crate::causes::prelude::*;
use crate::launch::elsewhere::{self, Elsewhere, elsewhere};

documented! {
/// The image's name has another account than the one that holds the image.
///
/// # Why a task stops here
/// Every account has its own registry in each region. The name of one account's registry, staging's in most stories, with
/// the tag of another one's is not found, though the image is at hand.
/// # How it is told
/// The registry that is named can be read, and has no such image; the task's own registry, or one that another container of
/// the task names, has the same repository with the same tag or digest, and had it at the stop. A registry that cannot be
/// read says nothing: then it is a gap.
/// # Prevention
/// Take the account from where the stack is deployed, or have one registry for all accounts with a repository policy.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>
pub struct ImageWrongAccount;
}

/// Where the image is, if the account of its name is wrong.
fn place(pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<Elsewhere>, crate::model::Unknown> {
    let found = elsewhere(&pull.ecr, case, facts)?;
    Ok(found.filter(|found| found.account != pull.ecr.registry.account))
}

impl Cause for ImageWrongAccount {
    type Subject = Pull;
    const ID: CauseId = CauseId::ImageWrongAccount;
    const READS: &'static [&'static [Source]] = &[elsewhere::READS];
    const REFINES: &'static [CauseId] =
        &[CauseId::RepositoryNotFound, CauseId::ImageTagNotFound, CauseId::ImageDigestNotFound];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(found) = place(pull, case, facts)? else { return Ok(Verdict::Sound) };
        let (name, named) = (&pull.ecr.image.repository, &pull.ecr.registry);
        let region = if found.region == named.region { String::new() } else { format!(", {}", found.region) };
        let why = format!(
            "image {name}:{} is in the registry of account {}{region} and not in that of {}, which its name says",
            pull.ecr.image.id().as_str(),
            found.account,
            named.account
        );
        let resources = [pull.ecr.image.text.clone(), name.clone(), pull.ecr.repository_arn(case)];
        Ok(Finding::on(resources).in_container(&pull.container).because(why).into())
    }

    fn fixes(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(found) = place(pull, case, facts)? else { return Ok(vec![]) };
        let change =
            Change::UseImage { container: pull.container.clone(), old: pull.ecr.image.text.clone(), new: found.text };
        let title = format!("Name the registry of account {} in a new revision", found.account);
        Ok(vec![Fix::new(title, Risk::Medium).making(change)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, HOST, IMAGE, Said, image};
    use crate::evidence::Question;
    use crate::model::ecs::ContainerDefinition;
    use crate::model::stores::ImageId;

    const ID: CauseId = CauseId::ImageWrongAccount;
    const STAGING: &str = "333344445555";

    fn there() -> Question {
        Question::Repository { region: "us-east-1".into(), registry: STAGING.into(), repository: "team/web".into() }
    }

    fn image_in(registry: &str, tag: &str) -> Question {
        let image = ImageId::Tag(tag.to_owned());
        Question::Image { region: "us-east-1".into(), registry: registry.into(), repository: "team/web".into(), image }
    }

    /// The name says staging's registry; the image is in the task's own.
    fn of_staging() -> Fixture {
        Fixture::fargate()
            .app(|app| app.image = IMAGE.replace("111111111111", STAGING))
            .absent(there())
            .absent(image_in(STAGING, "v42"))
    }

    #[test]
    fn an_image_that_is_in_the_tasks_own_account_shows_that_the_name_is_wrong() {
        let found = of_staging().finding(ID);
        assert_eq!(found.resources[1], "team/web");
        assert_eq!(
            found.explanation,
            "image team/web:v42 is in the registry of account 111111111111 and not in that of 333344445555, which its name says"
        );
        assert_eq!(of_staging().says(CauseId::ImageWrongRegion), Said::Sound);
        assert_eq!(of_staging().absent(image("v42")).says(ID), Said::Sound, "it is in neither");
        assert_eq!(Fixture::fargate().says(ID), Said::Sound);
    }

    #[test]
    fn a_registry_that_another_container_names_is_looked_at() {
        let tag = "v40";
        let sidecar = |image: String| {
            Fixture::fargate()
                .app(|app| app.image = format!("{HOST}/team/web:{tag}"))
                .absent(image_in("111111111111", tag))
                .revision(|revision| {
                    let other =
                        ContainerDefinition { name: "proxy".to_owned(), image, ..ContainerDefinition::default() };
                    revision.containers.push(other);
                })
        };
        let shared = sidecar(format!("{STAGING}.dkr.ecr.us-east-1.amazonaws.com/proxy:1"));
        let shared = shared.with(
            image_in(STAGING, tag),
            crate::evidence::Known::Image(crate::causes::fixture::ecr_image(tag, "09:00")),
        );
        let judged = shared.judged(ID).0;
        assert!(
            matches!(&judged[0].verdict, Ok(Verdict::Fault(found)) if found.explanation.contains(STAGING)),
            "{judged:?}"
        );
        let public = sidecar("public.ecr.aws/proxy/proxy:1".to_owned());
        assert_eq!(public.says(ID), Said::Sound);
    }

    #[test]
    fn a_registry_that_cannot_be_read_says_nothing() {
        for question in [there(), image("v42")] {
            of_staging().hangs_on(ID, &question);
        }
        of_staging().never_turns(ID);
    }

    #[test]
    fn the_right_account_mends_it() {
        let fixes = of_staging().mended(ID);
        assert!(matches!(&fixes[0].changes[..], [Change::UseImage { new, .. }] if new == IMAGE), "{fixes:?}");
        assert_eq!(of_staging().after(&fixes[0]).says(ID), Said::Sound);
    }
}
