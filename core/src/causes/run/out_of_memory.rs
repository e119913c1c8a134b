//! The container or task used more memory than its limit.

use crate::case::LaunchType;
use crate::causes::prelude::*;
use crate::causes::told::{self, revision_and_container};
use crate::model::ecs::TaskDefinition;

documented! {
/// The container or the task used more memory than its limit, and the kernel killed it.
///
/// # Why a task stops here
/// A container's `memory` is a hard limit, and on Fargate the task's size is one for all its containers together. What goes
/// beyond is killed with SIGKILL, exit code 137, and ECS adds `OutOfMemoryError`. `memoryReservation` is no limit.
/// # How it is told
/// By ECS's words. Exit code 137 alone is also what a container gets that ignored SIGTERM: then it is one of two.
/// # Prevention
/// Size by the measured peak with some room, and tell runtimes such as the JVM their limit.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/troubleshoot-containers.html>
pub struct OutOfMemory;
}

/// Fargate's memory sizes by CPU units, MiB: first, last and step.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>
const FARGATE: [(i64, i64, i64, i64); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

/// The limits that hold for a container, in words.
fn limits(definition: &TaskDefinition, container: &str) -> String {
    let own = definition.containers.iter().find(|one| one.name == container);
    let hard = own.and_then(|one| one.memory).map(|limit| format!("its own limit is {limit} MiB"));
    let task = definition.memory.as_ref().map(|limit| format!("the task's is {limit} MiB"));
    let soft = own.and_then(|one| one.memory_reservation);
    let soft = soft.map(|soft| format!("its reservation, which is no limit, {soft} MiB"));
    let all: Vec<String> = [hard, task, soft].into_iter().flatten().collect();
    if all.is_empty() { "it has no limit but its host's".to_owned() } else { all.join(", ") }
}

/// Twice the memory, as Fargate sells it: MiB of the task and, where that wants more of them, CPU units; none where it has
/// no such size.
fn doubled(memory: i64, cpu: i64) -> Option<(i64, Option<i64>)> {
    let wanted = memory * 2;
    for (units, first, last, step) in FARGATE {
        if units < cpu || wanted > last {
            continue;
        }
        let size = match units {
            // The smallest has three sizes that are no multiples of one step.
            256 => [512, 1024, 2048].into_iter().find(|size| *size >= wanted).unwrap_or(last),
            _ => (wanted.max(first) - first + step - 1) / step * step + first,
        };
        return Some((size, (units != cpu).then_some(units)));
    }
    None
}

impl Cause for OutOfMemory {
    type Subject = Whole;
    const ID: CauseId = CauseId::OutOfMemory;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::judge(Self::ID, case, |symptom| {
            let (resources, container) = revision_and_container(case, symptom);
            let limits = match case.definition {
                Ok(definition) => limits(definition, &container),
                Err(_) => "its limits could not be read".to_owned(),
            };
            let why = format!("container {container} used more memory than it may: {limits}");
            Finding::on(resources).in_container(container).because(why)
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let definition = case.definition?;
        let guilty = case.symptom.as_ref().and_then(|symptom| symptom.container.clone());
        let own = guilty.as_deref().and_then(|name| case.container(name)).or_else(|| definition.containers.first());
        let limit = own.and_then(|one| Some((one.name.clone(), one.memory?, one.memory? * 2)));
        let size = match (definition.memory_mib(), definition.cpu_units(), case.launch) {
            (Some(memory), Some(cpu), LaunchType::Fargate | LaunchType::FargateOld) => match doubled(memory, cpu) {
                Some(size) => Some(size),
                None => return Ok(vec![]),
            },
            (Some(memory), _, _) => Some((memory * 2, None)),
            (None, _, _) => None,
        };
        let title = match (&size, &limit) {
            (Some((size, cpu)), _) => {
                let more = cpu
                    .map_or(String::new(), |cpu| format!(" and {cpu} CPU units, without which there is not so much"));
                format!("Give the task {size} MiB{more} in a new revision")
            }
            (None, Some((name, _, new))) => format!("Give container {name} {new} MiB in a new revision"),
            (None, None) => return Ok(vec![]),
        };
        let (memory, cpu) = size.map_or((None, None), |(size, cpu)| (Some(size), cpu));
        let fix = Fix::new(title, Risk::Medium)
            .making(Change::UseMemory { memory, cpu, container: limit })
            .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html")
            .noting("twice the size is a guess: how much it needs, only the application's own measurements tell");
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, Said, definition};

    const ID: CauseId = CauseId::OutOfMemory;

    fn killed(fixture: Fixture) -> Fixture {
        let why = "OutOfMemoryError: Container killed due to memory usage";
        fixture.ended("EssentialContainerExited", "Essential container in task exited", Some(137), Some(why))
    }

    #[test]
    fn ecs_says_so_and_the_limits_are_named() {
        let found = killed(Fixture::fargate().app(|app| app.memory_reservation = Some(128))).finding(ID);
        assert_eq!(found.resources, [REVISION, "app"]);
        assert_eq!(
            found.explanation,
            "container app used more memory than it may: the task's is 512 MiB, its reservation, which is no limit, 128 MiB"
        );
        let blind = killed(Fixture::fargate()).gap(definition(REVISION));
        assert_eq!(blind.says(ID), Said::AsTold, "the message is enough");
        assert!(blind.finding(ID).explanation.ends_with("its limits could not be read"));
    }

    #[test]
    fn a_sigkill_alone_may_be_it_and_an_error_code_is_not() {
        let ended = |code| Fixture::fargate().ended("EssentialContainerExited", "", Some(code), None);
        assert_eq!([137, 3].map(|code| ended(code).says(ID)), [Said::AsTold, Said::Sound]);
        assert_eq!(ended(137).check().says(ID), Said::NotApplicable);
    }

    #[test]
    fn the_task_gets_twice_its_size_and_the_container_twice_its_own_limit() {
        let change = |fixture: Fixture| killed(fixture).mended(ID).remove(0).changes.remove(0);
        let use_memory = |memory, cpu, container| Change::UseMemory { memory, cpu, container };
        let limit = |fixture: Fixture| fixture.app(|app| app.memory = Some(256));
        let own = Some(("app".to_owned(), 256, 512));
        assert_eq!(change(Fixture::fargate()), use_memory(Some(1024), None, None));
        assert_eq!(change(limit(Fixture::fargate())), use_memory(Some(1024), None, own.clone()));
        let unsized_task = |fixture: Fixture| fixture.revision(|one| (one.memory, one.cpu) = (None, None));
        assert_eq!(change(limit(unsized_task(Fixture::ec2()))), use_memory(None, None, own));
        assert_eq!(killed(unsized_task(Fixture::ec2())).mended(ID), [], "without a limit there is none to raise");
    }

    #[test]
    fn twice_the_memory_is_a_size_that_fargate_sells() {
        assert_eq!(doubled(512, 256), Some((1024, None)));
        assert_eq!(doubled(1024, 256), Some((2048, None)));
        assert_eq!(doubled(2048, 256), Some((4096, Some(512))));
        assert_eq!(doubled(3072, 1024), Some((6144, None)));
        assert_eq!(doubled(30720, 4096), Some((61440, Some(8192))));
        assert_eq!(doubled(65536, 16384), None, "there is no larger task than one of 122880 MiB");
    }
}
