//! Environment files that a definition names: objects of S3.

use crate::case::Case;
use crate::evidence::{Facts, GapReason};
use crate::model::{Arn, Unknown};

/// An environment file of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFile {
    /// The container.
    pub container: String,
    /// As written.
    pub text: String,
    /// The object that it names, if it names one.
    pub object: Option<ObjectName>,
}

/// A bucket and a key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName {
    /// The bucket's ARN.
    pub bucket_arn: String,
    /// The bucket.
    pub bucket: String,
    /// The object's key.
    pub key: String,
}

impl ObjectName {
    /// `arn:{partition}:s3:::{bucket}/{key}`, the only form that ECS takes.
    ///
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EnvironmentFile.html>
    pub fn of(text: &str) -> Option<ObjectName> {
        let arn: Arn = text.parse().ok()?;
        let (bucket, key) = arn.resource().split_once('/')?;
        let whole = arn.service() == "s3" && arn.region().is_empty() && arn.account().is_empty();
        (whole && !bucket.is_empty() && !key.is_empty()).then(|| ObjectName {
            bucket_arn: format!("arn:{}:s3:::{bucket}", arn.partition()),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("{}/{}", self.bucket_arn, self.key)
    }

    /// What its key begins with, up to the last slash.
    pub fn folder(&self) -> &str {
        self.key.rfind('/').map_or("", |end| &self.key[..=end])
    }
}

/// Every environment file that the definition names, in its order.
///
/// # Errors
/// When the definition is not known, or the task was started with other files, which are not kept.
pub fn env_files(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<EnvFile>, Unknown> {
    let overridden = |container: &str| {
        let changes = case.task.and_then(|task| task.overrides.containers.get(container));
        changes.is_some_and(|changes| changes.contains_key("environmentFiles"))
    };
    let mut files = vec![];
    for container in &case.definition?.containers {
        if overridden(&container.name) {
            let detail = format!("the task gave container {} other environment files", container.name);
            return Err(facts.lacks("ecs:DescribeTasks", GapReason::Unsupported, detail));
        }
        files.extend(container.environment_files.iter().map(|text| EnvFile {
            container: container.name.clone(),
            text: text.clone(),
            object: ObjectName::of(text),
        }));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, definition};

    #[test]
    fn only_the_arn_of_an_object_names_one() {
        let named = |text| ObjectName::of(text).map(|one| (one.bucket, one.key));
        let pair = |bucket: &str, key: &str| Some((bucket.to_owned(), key.to_owned()));
        for (text, expected) in [
            ("arn:aws:s3:::config/app.env", pair("config", "app.env")),
            ("arn:aws-cn:s3:::config/a/b.env", pair("config", "a/b.env")),
            ("arn:aws:s3:::config", None),
            ("arn:aws:s3:::config/", None),
            ("arn:aws:s3:us-east-1:111111111111:accesspoint/config/object/app.env", None),
            ("s3://config/app.env", None),
            ("arn:aws:ssm:::config/app.env", None),
        ] {
            assert_eq!(named(text), expected, "{text}");
        }
        let file = ObjectName::of("arn:aws-cn:s3:::config/a/b.env").expect("it is one");
        assert_eq!((file.arn().as_str(), file.folder()), ("arn:aws-cn:s3:::config/a/b.env", "a/"));
        assert_eq!(ObjectName::of("arn:aws:s3:::config/app.env").expect("it is one").folder(), "");
    }

    #[test]
    fn files_that_the_task_was_started_with_are_not_those_of_the_definition() {
        let fixture =
            Fixture::fargate().app(|app| app.environment_files.push("arn:aws:s3:::config/app.env".to_owned()));
        let files = |fixture: &Fixture| env_files(&fixture.case(), &Facts::new(&fixture.evidence));
        assert_eq!(files(&fixture).expect("the definition is known").len(), 1);
        let other = fixture.clone().task(|task| {
            let digest = crate::model::Salt::new([0; 32]).digest("x");
            let changes = [("environmentFiles".to_owned(), digest)].into_iter().collect();
            task.overrides.containers.insert("app".to_owned(), changes);
        });
        assert!(files(&other).is_err());
        assert!(files(&fixture.gap(definition(REVISION))).is_err());
    }
}
