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
