//! There is no room for the image.

use super::told;
use crate::case::LaunchType;
use crate::causes::prelude::*;
use crate::change::command;
use crate::launch::image_size::{self, gigabytes, largest_pushed_with};
use crate::launch::images::{self, EcrUse};
use crate::model::Unknown;
use crate::model::stores::EcrImage;

documented! {
/// The disk of the host, or the storage that Fargate gives to the task, has no room left.
///
/// # Why a task stops here
/// Fargate gives a task 20 GiB by itself, and up to 200 if it asks. The image's compressed layers and what they unpack to
/// both count. On an instance all images and containers share its disks, and old ones stay for a while.
/// # How it is told
/// By the runtime's own words. Beside them stand the sizes that can be read: what the task asks for, and the compressed size
/// of the image. Where twice the compressed size is more than a Fargate task's storage, it cannot fit, and a check says so.
/// # Prevention
/// Keep images small (several build stages, no data in them), ask for storage with some room, watch the hosts' disks.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html>
pub struct DiskFull;
}

/// What a task of Fargate gets where it asks for nothing, GiB.
const FARGATE_DEFAULT: i64 = 20;
const FARGATE_MOST: i64 = 200;
const GIB: i64 = 1 << 30;

/// GiB that a Fargate task has for images and files; on an instance nothing tells.
fn storage(case: &Case<'_>) -> Result<Option<i64>, Unknown> {
    match case.launch {
        LaunchType::Fargate => {
            let given = case.task.and_then(|task| task.ephemeral_storage);
            Ok(Some(given.or(case.definition?.ephemeral_storage).unwrap_or(FARGATE_DEFAULT)))
        }
        _ => Ok(None),
    }
}

/// The images of a task, each once, with the compressed size of those that tell it.
fn sizes(case: &Case<'_>, facts: &Facts<'_>) -> Result<Vec<(String, i64)>, Unknown> {
    let mut read = vec![];
    for container in case.containers()? {
        let Some(ecr) = EcrUse::of(&container) else { continue };
        if read.iter().any(|(text, _)| *text == ecr.image.text) {
            continue;
        }
        read.push((ecr.image.text.clone(), image_size::size(container.name(), &ecr, case, facts)));
    }
    let known = read.into_iter().map(|(text, size)| Ok(size?.map(|size| (text, size))));
    Ok(known.collect::<Result<Vec<_>, Unknown>>()?.into_iter().flatten().collect())
}

/// Compressed and unpacked, images that are never smaller unpacked than compressed.
fn cannot_fit(sizes: &[(String, i64)], gib: i64) -> bool {
    let compressed: i64 = sizes.iter().map(|(_, size)| size).sum();
    compressed.saturating_mul(2) > gib.saturating_mul(GIB)
}

/// The size of the guilty image, in words; of an index, that of what was pushed with it.
fn told_size(ecr: &EcrUse, image: Option<&EcrImage>, facts: &Facts<'_>) -> String {
    let Some(image) = image else { return String::new() };
    if let Some(bytes) = image.bytes {
        return format!(", and the image has {} compressed", gigabytes(bytes));
    }
    match ecr.others(facts) {
        Ok(Some(all)) => largest_pushed_with(image, all).map_or(String::new(), |bytes| {
            format!(", and the image pushed with its index has {} compressed", gigabytes(bytes))
        }),
        _ => String::new(),
    }
}

impl Cause for DiskFull {
    type Subject = Whole;
    const ID: CauseId = CauseId::DiskFull;
    const READS: &'static [&'static [Source]] = &[images::READS, image_size::READS, &[Source::Images]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let claims = |symptom: &crate::symptom::Symptom| symptom.claims.iter().any(|claim| claim.cause == Self::ID);
        if let Some(symptom) = case.symptom.as_ref().filter(|symptom| claims(symptom)) {
            let container = told::container(case, symptom);
            let ecr = container.as_ref().and_then(EcrUse::of);
            let size = match &ecr {
                Some(ecr) => match (ecr.found(facts), ecr.others(facts)) {
                    (Ok(image), _) => told_size(ecr, image, facts),
                    (Err(_), _) => String::new(),
                },
                None => String::new(),
            };
            let room = match storage(case) {
                Ok(Some(gib)) => format!("the task has {gib} GiB of storage"),
                _ => "the disk of the host".to_owned(),
            };
            let why = format!("there is no room left for the image or its files: {room}{size}");
            let mut resources = told::resources(symptom, container.as_ref(), &[]);
            resources.extend(case.definition_arn.clone());
            let finding = Finding::on(resources).because(why);
            return Ok(Verdict::AsTold(Finding { container: container.map(|one| one.definition.name), ..finding }));
        }
        let (room, sizes) = (storage(case), sizes(case, facts));
        let Some(gib) = room? else { return Ok(Verdict::NotApplicable) };
        let mut sizes = sizes?;
        if !cannot_fit(&sizes, gib) {
            return Ok(Verdict::Sound);
        }
        sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        let all: Vec<String> = sizes.iter().map(|(text, size)| format!("`{text}` has {}", gigabytes(*size))).collect();
        let why = format!(
            "the task has {gib} GiB of storage for images, compressed and unpacked: {} compressed",
            all.join(", ")
        );
        let resources = sizes.into_iter().map(|(text, _)| text).take(4).chain(case.definition_arn.clone());
        Ok(Finding::on(resources).because(why).into())
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Fixes {
        let Some(gib) = storage(case)? else { return Ok(vec![by_hand(case)]) };
        let mut compressed: i64 = sizes(case, facts)?.iter().map(|(_, size)| size).sum();
        if compressed == 0 {
            for container in case.containers()? {
                let Some(ecr) = EcrUse::of(&container) else { continue };
                let (image, all) = (ecr.found(facts)?, ecr.others(facts)?);
                compressed +=
                    image.zip(all).and_then(|(image, all)| largest_pushed_with(image, all)).unwrap_or_default();
            }
        }
        // Unpacked, images are two to three times as large; what the application writes comes on top.
        let wanted = (compressed * 4 + GIB - 1) / GIB + FARGATE_DEFAULT;
        let wanted = ((wanted.max(gib * 2) + 9) / 10 * 10).min(FARGATE_MOST);
        if wanted <= gib {
            return Ok(vec![]);
        }
        let fix = Fix::new(format!("Give the task {wanted} GiB of storage in a new revision"), Risk::Low)
            .making(Change::UseStorage { gib: wanted })
            .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html")
            .noting("what goes beyond 20 GiB is paid for; a smaller image starts faster, too");
        Ok(vec![fix])
    }
}

/// What helps on an instance, where nothing can be read.
fn by_hand(case: &Case<'_>) -> Fix {
    let query = "containerInstances[].[ec2InstanceId,runningTasksCount]";
    let look = case.container_instances.first().map(|arn| {
        let mut words = vec!["aws", "ecs", "describe-container-instances", "--cluster", &case.cluster];
        words.extend(["--container-instances", arn, "--query", query, "--output", "text"]);
        command(words)
    });
    Fix::new("Make room on the host: `docker system prune -af`, or a larger disk", Risk::Medium)
        .making(Change::ByHand { commands: look.into_iter().collect() })
        .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/automated_image_cleanup.html")
        .noting("the command says which instance it is; ECS_IMAGE_CLEANUP_INTERVAL lets the agent clean up sooner")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, REVISION, Said, ecr_image, image, images, manifest, platforms};
    use crate::evidence::{Known, Question};
    use crate::model::stores::ImageId;

    const ID: CauseId = CauseId::DiskFull;

    fn sized(bytes: i64) -> Fixture {
        let mut found = ecr_image("v42", "09:00");
        found.bytes = Some(bytes);
        found.media_type = Some("application/vnd.oci.image.manifest.v1+json".to_owned());
        Fixture::fargate().with(image("v42"), Known::Image(found))
    }

    fn full(fixture: Fixture) -> Fixture {
        let why = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:ab: write \
                   /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/86/fs/x.so: no space left on device: unknown";
        fixture.stopped("TaskFailedToStart", why)
    }

    #[test]
    fn the_runtimes_words_tell_and_the_sizes_stand_beside_them() {
        let found = full(sized(17_000_000_000)).finding(ID);
        assert_eq!(full(sized(17_000_000_000)).says(ID), Said::AsTold);
        assert_eq!(found.resources, [IMAGE, "team/web", REVISION]);
        assert_eq!(
            found.explanation,
            "there is no room left for the image or its files: the task has 20 GiB of storage, and the image has 17.0 GB compressed"
        );
        let host = full(Fixture::ec2()).finding(ID);
        assert!(host.explanation.ends_with("the disk of the host"), "{}", host.explanation);
        let mut child = ecr_image("x", "08:59");
        (child.tags, child.bytes) = (vec![], Some(17_000_000_000));
        let index = full(Fixture::fargate()).with(images(), Known::Images(vec![child]));
        assert!(index.finding(ID).explanation.ends_with("the image pushed with its index has 17.0 GB compressed"));
        assert_eq!(full(sized(1)).gap(image("v42")).says(ID), Said::AsTold, "the message is enough");
    }

    #[test]
    fn what_cannot_fit_is_said_before_it_runs() {
        let rows = [
            (17_000_000_000, None, Said::Fault),
            (10_000_000_000, None, Said::Sound),
            (17_000_000_000, Some(50), Said::Sound),
        ];
        for (bytes, storage, said) in rows {
            let check = sized(bytes).revision(|one| one.ephemeral_storage = storage).check();
            assert_eq!(check.says(ID), said, "{bytes} in {storage:?}");
        }
        assert_eq!(sized(17_000_000_000).launched_on(LaunchType::Instance).check().says(ID), Said::NotApplicable);
        sized(17_000_000_000).check().hangs_on(ID, &image("v42"));
        sized(17_000_000_000).check().never_turns(ID);
    }

    #[test]
    fn an_index_is_as_large_as_its_image_for_the_tasks_platform() {
        let list = platforms(&["linux/arm64", "linux/amd64"]);
        let own = Question::Image {
            region: "us-east-1".into(),
            registry: "111111111111".into(),
            repository: "team/web".into(),
            image: ImageId::Digest(list.images[1].digest.clone()),
        };
        let mut child = ecr_image("x", "09:00");
        child.bytes = Some(17_000_000_000);
        let check = Fixture::fargate()
            .with(manifest("v42"), Known::Manifest(list))
            .with(own.clone(), Known::Image(child))
            .check();
        assert_eq!(check.says(ID), Said::Fault);
        check.hangs_on(ID, &own);
        check.hangs_on(ID, &manifest("v42"));
        check.never_turns(ID);
    }

    #[test]
    fn more_storage_mends_it_on_fargate_and_hands_on_an_instance() {
        let fixes = full(sized(17_000_000_000)).mended(ID);
        assert_eq!(fixes[0].changes, [Change::UseStorage { gib: 90 }]);
        let check = sized(17_000_000_000).check();
        assert_eq!(check.after(&check.mended(ID)[0]).says(ID), Said::Sound);
        assert_eq!(
            full(Fixture::fargate()).mended(ID)[0].changes,
            [Change::UseStorage { gib: 40 }],
            "of an unknown size"
        );
        let most = full(sized(1).revision(|one| one.ephemeral_storage = Some(200)));
        assert_eq!(most.mended(ID), [], "there is no more");
        assert!(full(Fixture::ec2()).mended(ID)[0].is_by_hand());
    }
}
