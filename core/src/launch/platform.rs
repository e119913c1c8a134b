//! For which operating system and processor an image must be built, and when that is in question.

use super::images::EcrUse;
use crate::case::{Case, LaunchType};
use crate::model::Unknown;
use crate::model::registry::{ImageManifest, PlatformImage};

/// An operating system and a processor architecture, as manifests spell them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// `linux`, `windows`.
    pub os: String,
    /// `amd64`, `arm64`.
    pub architecture: String,
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}

impl Platform {
    /// The image of an index that runs there.
    pub fn pick<'m>(&self, index: &'m ImageManifest) -> Option<&'m PlatformImage> {
        index.images.iter().find(|image| image.os == self.os && image.architecture == self.architecture)
    }
}

/// What the tasks run on; none where only the instance would tell.
///
/// # Errors
/// When the definition is not known.
pub fn wanted(case: &Case<'_>) -> Result<Option<Platform>, Unknown> {
    let told = case.symptom.as_ref().and_then(|symptom| symptom.facts.get("platform")?.as_str());
    if let Some((os, rest)) = told.and_then(|text| text.split_once('/')) {
        let architecture = rest.split('/').next().unwrap_or(rest);
        return Ok(Some(Platform { os: os.to_owned(), architecture: architecture.to_owned() }));
    }
    let definition = case.definition?;
    let windows = definition.operating_system.as_deref().is_some_and(|family| family.starts_with("WINDOWS"));
    let architecture = match (definition.cpu_architecture.as_deref(), case.launch) {
        (Some("ARM64"), _) => "arm64",
        (Some("X86_64"), _) => "amd64",
        // <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html>
        (None, LaunchType::Fargate | LaunchType::FargateOld) => "amd64",
        _ => return Ok(None),
    };
    let os = if windows { "windows" } else { "linux" };
    Ok(Some(Platform { os: os.to_owned(), architecture: architecture.to_owned() }))
}

/// Whether the manifest of a container's image may be asked for: a stop points to it, or a check cannot know otherwise.
pub fn is_in_question(case: &Case<'_>, container: &str, ecr: &EcrUse, digest: Option<&str>) -> bool {
    if !case.platform_in_question {
        return false;
    }
    let guilty = case.symptom.as_ref().and_then(|symptom| symptom.container.as_deref());
    let about = guilty.is_none_or(|name| name == container);
    // A task that runs with this revision and this very image shows that it is built for the place.
    let runs = case.siblings.iter().any(|task| {
        Some(task.definition.as_str()) == case.definition_arn.as_deref()
            && task.containers.iter().any(|one| {
                one.name == container
                    && one.image.as_deref() == Some(ecr.image.text.as_str())
                    && one.digest.is_some()
                    && one.digest.as_deref() == digest
            })
    });
    about && !runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, a_task};
    use crate::image::ImageReference;
    use crate::model::ecs::TaskContainer;

    fn of(fixture: &Fixture) -> Option<String> {
        wanted(&fixture.case()).expect("the definition is known").map(|platform| platform.to_string())
    }

    #[test]
    fn the_definition_says_what_it_runs_on_and_fargate_has_a_default() {
        assert_eq!(of(&Fixture::fargate()).as_deref(), Some("linux/amd64"));
        assert_eq!(of(&Fixture::ec2()), None, "the instance decides");
        let arm = Fixture::ec2().revision(|one| one.cpu_architecture = Some("ARM64".to_owned()));
        assert_eq!(of(&arm).as_deref(), Some("linux/arm64"));
        let windows =
            Fixture::fargate().revision(|one| one.operating_system = Some("WINDOWS_SERVER_2022_CORE".to_owned()));
        assert_eq!(of(&windows).as_deref(), Some("windows/amd64"));
    }

    #[test]
    fn the_stop_knows_better_what_was_wanted() {
        let why =
            "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/arm64/v8'";
        assert_eq!(of(&Fixture::fargate().stopped("TaskFailedToStart", why)).as_deref(), Some("linux/arm64"));
    }

    #[test]
    fn a_manifest_is_asked_for_only_where_nothing_else_can_tell() {
        let image = ImageReference::parse(IMAGE).expect("it is one");
        let ecr = EcrUse { registry: image.ecr().expect("it is in ECR"), image };
        let asked = |fixture: &Fixture, digest| is_in_question(&fixture.case(), "app", &ecr, digest);
        assert!(!asked(&Fixture::fargate(), Some("sha256:a")), "another stop");
        let check = Fixture::fargate().check();
        assert!(asked(&check, Some("sha256:a")), "nothing has been tried yet");
        let mut sibling = a_task();
        sibling.containers = vec![TaskContainer {
            name: "app".to_owned(),
            image: Some(IMAGE.to_owned()),
            digest: Some("sha256:a".to_owned()),
            ..TaskContainer::default()
        }];
        let mut case = check.case();
        case.siblings = vec![&sibling];
        assert!(!is_in_question(&case, "app", &ecr, Some("sha256:a")), "it runs, with that very image");
        assert!(is_in_question(&case, "app", &ecr, Some("sha256:b")), "the tag has moved since");
    }
}
