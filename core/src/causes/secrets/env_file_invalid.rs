//! The environment file is not named as ECS wants it.

use super::env_file_not_found::{meant, take};
use crate::causes::prelude::*;
use crate::launch::env_files::{EnvFile, ObjectName};
use crate::model::Arn;

documented! {
/// The environment file is not the ARN of an object of S3 that ends in `.env`, or its lines cannot be used.
///
/// # Why a task stops here
/// ECS makes bucket and key of the ARN `arn:aws:s3:::bucket/key`; the ARN of a bucket, of an access point or an `s3://`
/// address gives it neither, and S3 is never asked. A file must be UTF-8 text of lines `NAME=value`, and its name must
/// end in `.env`.
/// # How it is told
/// The reference is read as ECS reads it. What stands in the file is not looked at: only the words of the stop tell of
/// that.
/// # Prevention
/// Take the ARN from the upload in the pipeline, and look at the file's lines there.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html>
pub struct EnvFileInvalid;
}

fn fault(file: &EnvFile) -> Option<String> {
    let Some(object) = &file.object else {
        return Some("is not the ARN of an object: `arn:aws:s3:::bucket/key` is what ECS takes".to_owned());
    };
    (!object.key.ends_with(".env"))
        .then(|| "does not end in `.env`, as the name of an environment file must".to_owned())
}

/// The bucket that a reference to no object means, where it can be told.
fn bucket_of(text: &str) -> Option<ObjectName> {
    let plain = |bucket: &str, partition: &str, key: &str| ObjectName {
        bucket_arn: format!("arn:{partition}:s3:::{bucket}"),
        bucket: bucket.to_owned(),
        key: key.to_owned(),
    };
    if let Some(rest) = text.strip_prefix("s3://") {
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        return Some(plain(bucket, "aws", key));
    }
    let Ok(arn) = text.parse::<Arn>() else { return None };
    let bucket = arn.resource().trim_end_matches('/');
    let named = arn.service() == "s3" && arn.region().is_empty() && !bucket.contains([':', '/']);
    named.then(|| plain(bucket, arn.partition(), ""))
}

impl Cause for EnvFileInvalid {
    type Subject = EnvFile;
    const ID: CauseId = CauseId::EnvFileInvalid;
    const READS: &'static [&'static [Source]] = &[&[Source::TaskDefinition]];

    fn judge(&self, file: &EnvFile, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        // What is read of a definition is its evidence.
        if let Some(arn) = &case.definition_arn {
            let _ = facts.task_definition(arn.as_str());
        }
        let Some(why) = fault(file) else { return Ok(Verdict::Sound) };
        let mut resources = vec![file.text.clone()];
        resources.extend(bucket_of(&file.text).map(|object| object.bucket));
        let why = format!("environment file {} of container {} {why}", file.text, file.container);
        Ok(Finding::on(resources).in_container(&file.container).because(why).into())
    }

    fn fixes(&self, file: &EnvFile, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let by_hand =
            Fix::new("Name the environment file by the ARN of its object, whose name ends in `.env`", Risk::Low)
                .making(Change::ByHand { commands: vec![] })
                .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html");
        let Some(place) = file.object.clone().or_else(|| bucket_of(&file.text)) else { return Ok(vec![by_hand]) };
        if place.key.ends_with(".env") {
            return Ok(vec![take(file, &place)]);
        }
        // The name that is there, with the ending that it lacks; or one that is named like the application.
        let family = case.definition?.family.clone();
        let (folder, name) = if place.key.is_empty() {
            ("", format!("{family}.env"))
        } else {
            (place.folder(), format!("{}.env", place.key))
        };
        let of_family = |key: &String| key.contains(&family) || key.contains(&file.container);
        let found = match meant(&place.bucket, folder, &name, facts) {
            found if found.is_empty() => match facts.objects(&place.bucket, folder) {
                Ok(Some(keys)) => keys.iter().filter(|key| key.ends_with(".env")).find(|key| of_family(key)).cloned(),
                _ => None,
            },
            found => found.into_iter().next(),
        };
        let other = found.map(|key| take(file, &ObjectName { key, ..place }));
        Ok(vec![other.unwrap_or(by_hand)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, object, objects};
    use crate::evidence::Known;
    use crate::model::stores::StoredObject;

    const ID: CauseId = CauseId::EnvFileInvalid;

    fn named(text: &str) -> Fixture {
        Fixture::fargate().env_file().app(|app| app.environment_files = vec![text.to_owned()])
    }

    #[test]
    fn only_the_arn_of_an_object_that_ends_in_env_will_do() {
        for (text, said) in [
            ("arn:aws:s3:::config/web/prod.env", Said::Sound),
            ("arn:aws:s3:::config/.env", Said::Sound),
            ("arn:aws:s3:::config", Said::Fault),
            ("arn:aws:s3:::config/web/prod.txt", Said::Fault),
            ("s3://config/web/prod.env", Said::Fault),
            ("arn:aws:s3:us-east-1:111111111111:accesspoint/config/object/prod.env", Said::Fault),
        ] {
            assert_eq!(named(text).says(ID), said, "{text}");
        }
        let found = named("arn:aws:s3:::config").finding(ID);
        assert_eq!(found.resources, ["arn:aws:s3:::config", "config"]);
        assert!(found.explanation.contains("is not the ARN of an object"));
        assert_eq!(Fixture::fargate().says(ID), Said::NotApplicable);
    }

    #[test]
    fn what_is_named_is_taken_from_the_bucket_where_it_can_be_told() {
        let stored = |key: &str| Known::Object(StoredObject { key: key.into(), modified: None });
        let keys = Known::Objects(vec!["other/settings.env".into(), "web/settings.env".into()]);
        let bucket = named("arn:aws:s3:::config")
            .with(objects(""), keys)
            .with(object("web/settings.env"), stored("web/settings.env"));
        let fixes = bucket.mended(ID);
        assert_eq!(bucket.after(&fixes[0]).says(ID), Said::Sound);
        assert!(fixes[0].title.contains("web/settings.env"), "{}", fixes[0].title);
        let address = named("s3://config/web/prod.env");
        assert_eq!(address.after(&address.mended(ID)[0]).says(ID), Said::Sound);
        let unread = named("arn:aws:s3:::config").gap(objects(""));
        assert!(unread.mended(ID)[0].is_by_hand());
    }
}
