//! The image is in the archive.

use super::image_tag_not_found::use_newest;
use crate::causes::prelude::*;

documented! {
/// The image is in the archive storage class, and has to be restored before it can be pulled.
///
/// # Why a task stops here
/// A lifecycle rule or a person moves images that were not pulled for long to a cheaper storage class. There a pull answers
/// as if the image was not there. Restoring takes up to 20 minutes, in which the image is `ACTIVATING` and cannot be pulled.
/// # How it is told
/// ECR lists the image as `ARCHIVED` or `ACTIVATING`, with the time at which it was archived. One that was archived after the
/// stop was there at the stop; one that was restored after it was not.
/// # Prevention
/// A rule that archives by the last pull (`sinceImagePulled`) also takes what long-running tasks pulled once: spare the
/// tags that are deployed, and those of a roll-back.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html>
pub struct ImageArchived;
}

impl Cause for ImageArchived {
    type Subject = Pull;
    const ID: CauseId = CauseId::ImageArchived;
    const READS: &'static [&'static [Source]] = &[&[Source::Image]];

    fn judge(&self, pull: &Pull, _case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(image) = pull.ecr.found(facts)? else { return Ok(Verdict::NotApplicable) };
        let (name, id) = (&pull.ecr.image.repository, pull.ecr.image.id());
        let finding = Finding::on([pull.ecr.image.text.clone(), image.digest.clone(), name.clone()]);
        let finding = finding.in_container(&pull.container);
        let after = |at| facts.moment().is_some_and(|moment| at > moment);
        match image.status.as_deref() {
            Some("ARCHIVED") if image.archived.is_some_and(after) => Ok(Verdict::Sound),
            Some("ARCHIVED") => {
                let since = image.archived.map_or(String::new(), |at| format!(" since {at:.0}"));
                let why =
                    format!("image {name}:{} is in the archive{since}, and cannot be pulled from there", id.as_str());
                Ok(finding.because(why).into())
            }
            Some("ACTIVATING") => {
                let why = format!(
                    "image {name}:{} is being restored from the archive, which takes up to 20 minutes",
                    id.as_str()
                );
                Ok(finding.because(why).into())
            }
            _ => match image.activated.filter(|at| after(*at)) {
                Some(at) => {
                    let why = format!("image {name}:{} was in the archive, and was restored at {at:.0}", id.as_str());
                    Ok(Verdict::Healed(finding.because(why).healed(at)))
                }
                None => Ok(Verdict::Sound),
            },
        }
    }

    fn fixes(&self, pull: &Pull, _case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(image) = pull.ecr.found(facts)? else { return Ok(vec![]) };
        if image.status.as_deref() != Some("ARCHIVED") {
            return Ok(vec![]);
        }
        let restore = Change::RestoreImage {
            region: pull.ecr.registry.region.clone(),
            registry: pull.ecr.registry.account.clone(),
            repository: pull.ecr.image.repository.clone(),
            digest: image.digest.clone(),
        };
        let mut fixes = vec![
            Fix::new("Restore the image from the archive", Risk::Low)
                .making(restore)
                .documented_at("https://docs.aws.amazon.com/AmazonECR/latest/userguide/restore-image.html")
                .noting("it takes up to 20 minutes, and the rule that archived it may do so again"),
        ];
        for mut fix in use_newest(pull, facts)? {
            fix.note = Some("faster than a restore, if that image is one that you want".to_owned());
            fixes.push(fix);
        }
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, Said, at, ecr_image, image};
    use crate::evidence::Known;
    use crate::model::stores::EcrImage;

    const ID: CauseId = CauseId::ImageArchived;

    fn stored(status: &str, edit: impl FnOnce(&mut EcrImage)) -> Fixture {
        let mut found = ecr_image("v42", "09:00");
        found.status = Some(status.to_owned());
        edit(&mut found);
        Fixture::fargate().with(image("v42"), Known::Image(found))
    }

    #[test]
    fn an_archived_image_cannot_be_pulled_nor_one_that_is_on_its_way_back() {
        let found = stored("ARCHIVED", |image| image.archived = Some(at("09:30"))).finding(ID);
        assert_eq!((found.resources[0].as_str(), found.resources[2].as_str()), (IMAGE, "team/web"));
        let why = "image team/web:v42 is in the archive since 2026-03-01T09:30:00Z, and cannot be pulled from there";
        assert_eq!(found.explanation, why);
        assert_eq!(stored("ARCHIVED", |_| {}).says(CauseId::ImageTagNotFound), Said::Sound, "the tag is there");
        assert_eq!(stored("ACTIVATING", |_| {}).says(ID), Said::Fault);
        assert_eq!(stored("ACTIVE", |_| {}).says(ID), Said::Sound);
        assert_eq!(Fixture::fargate().absent(image("v42")).says(ID), Said::NotApplicable);
    }

    #[test]
    fn then_and_now_differ() {
        let later = stored("ARCHIVED", |image| image.archived = Some(at("10:30")));
        assert_eq!([later.says(ID), later.check().says(ID)], [Said::Sound, Said::Fault], "archived after the stop");
        let back = stored("ACTIVE", |image| image.activated = Some(at("10:30")));
        assert_eq!((back.says(ID), back.finding(ID).healed_at), (Said::Healed, Some(at("10:30"))));
        let before = stored("ACTIVE", |image| image.activated = Some(at("09:30")));
        assert_eq!(before.says(ID), Said::Sound, "restored before the stop");
    }

    #[test]
    fn it_hangs_on_the_image() {
        stored("ARCHIVED", |_| {}).hangs_on(ID, &image("v42"));
        stored("ARCHIVED", |_| {}).never_turns(ID);
    }

    #[test]
    fn restoring_mends_it_and_another_image_is_faster() {
        let archived = stored("ARCHIVED", |_| {});
        let fixes = archived.mended(ID);
        assert!(matches!(&fixes[0].changes[..], [Change::RestoreImage { repository, .. }] if repository == "team/web"));
        assert_eq!(archived.after(&fixes[0]).says(ID), Said::Sound);
        assert_eq!(stored("ACTIVATING", |_| {}).mended(ID), [], "it only takes its time");
    }
}
