//! The image is built for another platform.

use crate::causes::prelude::*;
use crate::change::command;
use crate::launch::images;
use crate::launch::platform::{self, Platform};
use crate::model::registry::ImageManifest;

documented! {
/// The image has no build for the operating system and processor that the task runs on.
///
/// # Why a task stops here
/// An index lists one image for each platform, and the runtime takes its own. Built on a laptop with an ARM processor, or
/// by a pipeline that was moved, an image lacks the one that the definition's `runtimePlatform` asks for (by default X86_64
/// on Fargate). An image that is no index is pulled whatever it is for, and then fails with `exec format error`.
/// # How it is told
/// The manifest of the image lists its platforms. Reading it counts as a pull (it moves the time that lifecycle rules read):
/// it is read only where the stop points to it, or for a check of an image that nobody runs yet. For which platform an image
/// without an index is built stands in its layers, which are not read.
/// # Prevention
/// Build with `--platform linux/amd64,linux/arm64`, or state the one platform in the pipeline and in the definition.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html>
pub struct ImagePlatformMismatch;
}

/// What a manifest lists, without the attestations of builds, which run nowhere.
fn listed(manifest: &ImageManifest) -> Vec<String> {
    let real = manifest.images.iter().filter(|image| image.os != "unknown");
    let mut all: Vec<String> = real.map(|image| format!("{}/{}", image.os, image.architecture)).collect();
    all.dedup();
    all
}

/// An exit code may come from a program for another processor: the stop allows it, and is no reason to pull a manifest.
fn allowed(pull: &Pull, case: &Case<'_>) -> Verdict {
    let Some(symptom) = &case.symptom else { return Verdict::NotApplicable };
    let claimed = symptom.claims.iter().any(|claim| claim.cause == ImagePlatformMismatch::ID);
    if !claimed || symptom.container.as_ref().is_some_and(|guilty| *guilty != pull.container) {
        return Verdict::NotApplicable;
    }
    let why =
        "the stop allows that the program is for another processor: then the container's log says `exec format error`";
    let resources = [pull.ecr.image.text.clone()].into_iter().chain(case.definition_arn.clone());
    Verdict::AsTold(Finding::on(resources).in_container(&pull.container).because(why))
}

impl Cause for ImagePlatformMismatch {
    type Subject = Pull;
    const ID: CauseId = CauseId::ImagePlatformMismatch;
    const READS: &'static [&'static [Source]] = &[images::READS, &[Source::Manifest]];

    fn judge(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        if !case.platform_in_question {
            return Ok(allowed(pull, case));
        }
        let Some(image) = pull.ecr.found(facts)? else { return Ok(Verdict::NotApplicable) };
        if !platform::is_in_question(case, &pull.container, &pull.ecr, Some(&image.digest)) {
            return Ok(Verdict::NotApplicable);
        }
        // An image's own manifest does not say what it is for: it is not pulled in vain.
        if image.media_type.as_deref().is_some_and(|kind| !kind.contains("index") && !kind.contains("list")) {
            return Ok(Verdict::NotApplicable);
        }
        let (wanted, manifest) = (platform::wanted(case), pull.ecr.manifest(facts));
        let (Some(wanted), Some(manifest)) = (wanted?, manifest?) else { return Ok(Verdict::NotApplicable) };
        if !manifest.is_index {
            return Ok(Verdict::NotApplicable);
        }
        let name = &pull.ecr.image.repository;
        let id = pull.ecr.image.id();
        let finding = Finding::on(
            [pull.ecr.image.text.clone()].into_iter().chain(case.definition_arn.clone()).chain([name.clone()]),
        );
        let finding = finding.in_container(&pull.container);
        let since = image.pushed.filter(|pushed| facts.moment().is_some_and(|moment| *pushed > moment));
        if wanted.pick(manifest).is_none() {
            let why = format!(
                "image {name}:{} is built for {} and not for {wanted}, which the task runs on",
                id.as_str(),
                listed(manifest).join(", ")
            );
            return Ok(finding.because(why).into());
        }
        match since {
            Some(pushed) if case.symptom.is_some() => {
                let why = format!(
                    "image {name}:{} was pushed again at {pushed:.0}, and is built for {wanted} now",
                    id.as_str()
                );
                Ok(Verdict::Healed(finding.because(why).healed(pushed)))
            }
            _ => Ok(Verdict::Sound),
        }
    }

    fn fixes(&self, pull: &Pull, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let (wanted, manifest) = (platform::wanted(case)?, pull.ecr.manifest(facts)?);
        let (Some(wanted), Some(manifest)) = (wanted, manifest) else { return Ok(vec![]) };
        let mut fixes = vec![];
        let system = case.definition?.operating_system.clone().unwrap_or_else(|| "LINUX".to_owned());
        for (architecture, name) in [("amd64", "X86_64"), ("arm64", "ARM64")] {
            let other = Platform { os: wanted.os.clone(), architecture: architecture.to_owned() };
            if other.pick(manifest).is_none() {
                continue;
            }
            let change = Change::UseArchitecture { architecture: name.to_owned(), system: system.clone() };
            let fix = Fix::new(
                format!("Run the task on {name}, which the image is built for, in a new revision"),
                Risk::Medium,
            )
            .making(change)
            .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html")
            .noting("all containers of the task must have a build for it; on EC2 there must be such instances");
            fixes.push(fix);
        }
        let platforms: Vec<String> = listed(manifest).into_iter().chain([wanted.to_string()]).collect();
        let text = &pull.ecr.image.text;
        let build =
            command(["docker", "buildx", "build", "--platform", &platforms.join(","), "-t", text, "--push", "."]);
        // No command: it runs where the image is built, and not with the AWS CLI alone.
        let fix = Fix::new(format!("Or build the image for {wanted}, too, and push it again"), Risk::Low)
            .making(Change::ByHand { commands: vec![] })
            .noting(format!("where the image is built: {build}"));
        fixes.push(fix);
        Ok(fixes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, REVISION, Said, at, ecr_image, image, manifest, platforms};
    use crate::evidence::Known;

    const ID: CauseId = CauseId::ImagePlatformMismatch;
    const INDEX: &str = "application/vnd.oci.image.index.v1+json";

    fn built_for(all: &[&str], pushed: &str) -> Fixture {
        let mut found = ecr_image("v42", pushed);
        found.media_type = Some(INDEX.to_owned());
        Fixture::fargate()
            .with(image("v42"), Known::Image(found))
            .with(manifest("v42"), Known::Manifest(platforms(all)))
    }

    fn stopped(fixture: Fixture, wanted: &str) -> Fixture {
        let why = format!(
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain \
             descriptor matching platform '{wanted}'"
        );
        fixture.stopped("TaskFailedToStart", &why)
    }

    #[test]
    fn an_index_that_lacks_the_tasks_platform_is_at_fault() {
        let found = stopped(built_for(&["linux/amd64", "unknown/unknown"], "09:00"), "linux/arm64").finding(ID);
        assert_eq!(found.resources, [IMAGE, REVISION, "team/web"]);
        assert_eq!(
            found.explanation,
            "image team/web:v42 is built for linux/amd64 and not for linux/arm64, which the task runs on"
        );
        let both = built_for(&["linux/amd64", "linux/arm64"], "09:00");
        assert_eq!(stopped(both, "linux/arm64").says(ID), Said::Sound);
    }

    #[test]
    fn a_check_looks_at_what_nobody_has_tried() {
        let arm = built_for(&["linux/arm64"], "09:00").check();
        assert_eq!(arm.says(ID), Said::Fault, "Fargate's default is X86_64");
        let asked = arm.revision(|one| one.cpu_architecture = Some("ARM64".to_owned()));
        assert_eq!(asked.says(ID), Said::Sound);
        let elsewhere = built_for(&["linux/arm64"], "09:00");
        assert_eq!(elsewhere.says(ID), Said::NotApplicable, "another stop is no reason to pull a manifest");
        assert!(!elsewhere.without(&manifest("v42")).judged(ID).1.contains(&manifest("v42")));
    }

    #[test]
    fn an_exit_code_only_allows_it() {
        let ended = |code| {
            Fixture::fargate().ended("EssentialContainerExited", "Essential container in task exited", Some(code), None)
        };
        assert_eq!([1, 255, 3].map(|code| ended(code).says(ID)), [Said::AsTold, Said::AsTold, Said::NotApplicable]);
        assert!(ended(1).finding(ID).explanation.contains("exec format error"));
        assert!(ended(1).judged(ID).1.is_empty(), "and no manifest is asked for");
    }

    #[test]
    fn an_image_without_an_index_does_not_say_what_it_is_for() {
        let mut found = ecr_image("v42", "09:00");
        found.media_type = Some("application/vnd.oci.image.manifest.v1+json".to_owned());
        let one = Fixture::fargate().with(image("v42"), Known::Image(found)).check();
        assert_eq!(one.says(ID), Said::NotApplicable);
        assert_eq!(one.judged(ID).1, [], "and is not pulled for it");
        assert_eq!(one.absent(image("v42")).says(ID), Said::NotApplicable);
    }

    #[test]
    fn one_that_was_pushed_again_since_is_mended() {
        let again = stopped(built_for(&["linux/amd64", "linux/arm64"], "10:30"), "linux/arm64");
        assert_eq!((again.says(ID), again.finding(ID).healed_at), (Said::Healed, Some(at("10:30"))));
    }

    #[test]
    fn it_hangs_on_the_image_and_its_manifest() {
        let stopped = stopped(built_for(&["linux/amd64"], "09:00"), "linux/arm64");
        for question in [image("v42"), manifest("v42")] {
            stopped.hangs_on(ID, &question);
        }
        stopped.never_turns(ID);
        built_for(&["linux/arm64"], "09:00").check().never_turns(ID);
    }

    #[test]
    fn the_platform_that_the_image_has_mends_it_or_a_build_for_both() {
        let arm = built_for(&["linux/arm64"], "09:00").check();
        let fixes = arm.mended(ID);
        assert!(
            matches!(&fixes[0].changes[..], [Change::UseArchitecture { architecture, .. }] if architecture == "ARM64")
        );
        assert_eq!(arm.after(&fixes[0]).says(ID), Said::Sound);
        let note = fixes[1].note.clone().expect("it says how");
        assert!(note.contains("linux/arm64,linux/amd64"), "{note}");
    }
}
