//! The environment file is not there.

use crate::causes::prelude::*;
use crate::change::{Reference, StoreChange, command};
use crate::image::nearest;
use crate::launch::env_files::{EnvFile, ObjectName};
use crate::symptom::Strength;

documented! {
/// The object of S3 that a container takes its environment from does not exist.
///
/// # Why a task stops here
/// Environment files are fetched before the first container starts. S3 says 404 of an object that is not there only to
/// those who may list the bucket; a role without `s3:ListBucket` is told 403, as if it were forbidden.
/// # How it is told
/// The bucket is listed with exactly the key, and its neighbours are looked at for one of a similar name; no file is
/// read.
/// # Prevention
/// Let the pipeline write the file before it registers the definition, under a key that is never used again.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html>
pub struct EnvFileNotFound;
}

/// Keys of environment files that somebody may have meant, the nearest first; none where they could not be read.
pub(super) fn meant(bucket: &str, folder: &str, name: &str, facts: &Facts<'_>) -> Vec<String> {
    let Ok(Some(keys)) = facts.objects(bucket, folder) else { return vec![] };
    let files = keys.iter().map(String::as_str).filter(|key| key.ends_with(".env"));
    let alike = nearest(name, files.clone(), 3);
    // Where nothing is alike, the only file that there is may be meant.
    let only: Vec<&str> = files.collect();
    let found = if alike.is_empty() && only.len() == 1 { only } else { alike };
    found.into_iter().map(str::to_owned).collect()
}

/// A new revision that takes another file.
pub(super) fn take(file: &EnvFile, object: &ObjectName) -> Fix {
    let change = StoreChange::UseReference { kind: Reference::File, old: file.text.clone(), new: object.arn() };
    Fix::new(format!("Take the environment file {} instead, in a new revision", object.key), Risk::Medium)
        .making(Change::Store(change))
        .noting("its name is like the one that is named now: make sure that it is the one that was meant")
}

impl Cause for EnvFileNotFound {
    type Subject = EnvFile;
    const ID: CauseId = CauseId::EnvFileNotFound;
    const READS: &'static [&'static [Source]] = &[&[Source::Bucket, Source::Object, Source::Objects]];

    fn judge(&self, file: &EnvFile, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let Some(object) = &file.object else { return Ok(Verdict::NotApplicable) };
        let (bucket, found) = (facts.bucket(&object.bucket), facts.object(&object.bucket, &object.key));
        let finding = Finding::on([object.arn(), object.bucket.clone()]).in_container(&file.container);
        if bucket?.is_none() {
            let why = format!(
                "the bucket {} of container {}'s environment file does not exist",
                object.bucket, file.container
            );
            return Ok(finding.because(why).into());
        }
        let Some(found) = found? else {
            let instead = match meant(&object.bucket, object.folder(), &object.key, facts).first() {
                Some(key) => format!("; there is `{key}`"),
                None => String::new(),
            };
            let why = format!(
                "environment file {} of container {} does not exist in bucket {}{instead}",
                object.key, file.container, object.bucket
            );
            return Ok(finding.because(why).into());
        };
        // When it was last written is not when it was first there, unless the stop says that it was not.
        let told = case.symptom.as_ref().and_then(|symptom| symptom.strength(Self::ID)) == Some(Strength::Settles);
        match (facts.moment(), found.modified) {
            (Some(moment), Some(written)) if told && written > moment => {
                let why =
                    format!("environment file {} was written at {written:.0}, after the task had stopped", object.key);
                Ok(Verdict::Healed(finding.because(why).healed(written)))
            }
            _ => Ok(Verdict::Sound),
        }
    }

    fn fixes(&self, file: &EnvFile, _case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(object) = &file.object else { return Ok(vec![]) };
        let other = meant(&object.bucket, object.folder(), &object.key, facts).into_iter().next();
        let other = other.map(|key| take(file, &ObjectName { key, ..object.clone() }));
        let place = format!("s3://{}/{}", object.bucket, object.key);
        let name = object.key.rsplit('/').next().unwrap_or(&object.key);
        let upload = Fix::new(format!("Upload the environment file {}", object.key), Risk::Low)
            .making(Change::ByHand { commands: vec![command(["aws", "s3", "cp", &format!("./{name}"), &place])] })
            .noting("the file has to be in the folder in which the command is run");
        Ok(other.into_iter().chain([upload]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{ENV_FILE, Fixture, Said, at, bucket, object, objects};
    use crate::evidence::Known;
    use crate::model::stores::StoredObject;

    const ID: CauseId = CauseId::EnvFileNotFound;

    fn renamed() -> Fixture {
        Fixture::fargate()
            .env_file()
            .absent(object("web/prod.env"))
            .with(objects("web/"), Known::Objects(vec!["web/production.env".into(), "web/readme.md".into()]))
    }

    #[test]
    fn an_object_that_is_not_there_is_at_fault_and_its_neighbour_is_named() {
        let found = renamed().finding(ID);
        assert_eq!(found.resources, [ENV_FILE, "config"]);
        let why = "environment file web/prod.env of container app does not exist in bucket config; there is `web/production.env`";
        assert_eq!(found.explanation, why);
        assert_eq!(Fixture::fargate().env_file().says(ID), Said::Sound);
        assert_eq!(Fixture::fargate().says(ID), Said::NotApplicable);
        assert!(renamed().absent(bucket()).finding(ID).explanation.starts_with("the bucket config of container app"));
    }

    #[test]
    fn one_that_was_written_after_a_stop_for_want_of_it_was_missing_then() {
        let why = "ResourceInitializationError: failed to download env files: service call has been retried 1 time(s): operation error S3: HeadObject, https response error StatusCode: 404, api error NotFound: Not Found";
        let late = StoredObject { key: "web/prod.env".into(), modified: Some(at("11:00")) };
        let late = Fixture::fargate().env_file().with(object("web/prod.env"), Known::Object(late));
        assert_eq!(late.says(ID), Said::Sound, "files are written again and again");
        assert_eq!(late.stopped("TaskFailedToStart", why).finding(ID).healed_at, Some(at("11:00")));
    }

    #[test]
    fn a_bucket_that_may_not_be_listed_hides_nothing_but_itself() {
        renamed().hangs_on(ID, &object("web/prod.env"));
        renamed().hangs_on(ID, &bucket());
        renamed().never_turns(ID);
        assert_eq!(renamed().gap(objects("web/")).says(ID), Said::Fault, "its neighbours only help");
    }

    #[test]
    fn the_neighbour_mends_it_or_somebody_uploads_it() {
        let fixture = renamed().with(
            object("web/production.env"),
            Known::Object(StoredObject { key: "web/production.env".into(), modified: None }),
        );
        let fixes = fixture.mended(ID);
        assert_eq!(fixture.after(&fixes[0]).says(ID), Said::Sound);
        let [Change::ByHand { commands }] = &fixes[1].changes[..] else { unreachable!() };
        assert_eq!(commands, &["aws s3 cp ./prod.env s3://config/web/prod.env"]);
    }
}
