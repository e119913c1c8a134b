//! The memory limit does not let the container start at all.

use crate::causes::prelude::*;
use crate::causes::told;
use crate::model::ecs::ContainerDefinition;

documented! {
/// The memory limit of the container is too low for it to start at all.
///
/// # Why a task stops here
/// Docker takes no limit below 6 MiB (4 before version 20.10), and the process that sets a container up needs some MiB
/// itself: it counts against the limit and is killed before the application begins.
/// # How it is told
/// The definition says the limit, and the runtime's words say that it is too low.
/// # Prevention
/// No hard limit below 128 MiB; `memoryReservation` says what a container usually needs.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>
pub struct MemoryLimitTooLow;
}

/// ECS's page: "The Docker 20.10.0 or later daemon reserves a minimum of 6 MiB of memory for a container."
const LEAST: i64 = 6;
/// Up to here the set-up of a container may be killed, by what is reported of runc; above, something else is.
const DOUBTFUL: i64 = 16;
/// What a small application starts with.
const WANTED: i64 = 128;

fn why(container: &ContainerDefinition, limit: i64) -> String {
    format!("container {} may use {limit} MiB, which does not let it start at all", container.name)
}

impl Cause for MemoryLimitTooLow {
    type Subject = crate::case::Container;
    const ID: CauseId = CauseId::MemoryLimitTooLow;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, container: &Self::Subject, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        let one = &container.definition;
        let guilty = |name: &str| {
            case.symptom.as_ref().is_none_or(|symptom| symptom.container.as_deref().is_none_or(|own| own == name))
        };
        let told = match told::judge(Self::ID, case, |symptom| {
            let limit = one.memory.map_or_else(String::new, |limit| format!(" (it is {limit} MiB)"));
            let why = format!("container {} cannot start: its memory limit is too low{limit}", one.name);
            let _ = symptom;
            Finding::on(case.definition_arn.iter().cloned().chain([one.name.clone()]))
                .in_container(&one.name)
                .because(why)
        })? {
            Verdict::AsTold(found) if guilty(&one.name) => Some(found),
            _ => None,
        };
        let at_fault = |limit: i64| {
            let resources = case.definition_arn.iter().cloned().chain([one.name.clone()]);
            Finding::on(resources).in_container(&one.name).because(why(one, limit))
        };
        Ok(match (one.memory, told) {
            (Some(limit), _) if limit < LEAST => at_fault(limit).into(),
            // The words say so, and the limit bears them out.
            (Some(limit), Some(_)) if limit <= DOUBTFUL => at_fault(limit).into(),
            (_, Some(found)) => Verdict::AsTold(found),
            (Some(_), None) => Verdict::Sound,
            (None, None) => Verdict::NotApplicable,
        })
    }

    fn fixes(&self, container: &Self::Subject, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let (definition, one) = (case.definition?, &container.definition);
        let Some(limit) = one.memory.filter(|limit| *limit < WANTED) else { return Ok(vec![]) };
        // A task that has a size of its own must have room for what its containers may use.
        let room = definition.memory_mib().is_none_or(|size| {
            let others: i64 = definition.containers.iter().filter_map(|other| other.memory).sum();
            others - limit + WANTED <= size
        });
        // The command edits by value: another container with the same limit would be given more as well.
        let alone = definition.containers.iter().filter(|other| other.memory == Some(limit)).count() == 1;
        if !room || !alone {
            return Ok(vec![]);
        }
        let change = Change::UseMemory {
            memory: definition.memory_mib(),
            cpu: None,
            container: Some((one.name.clone(), limit, WANTED)),
        };
        let fix = Fix::new(format!("Give container {} {WANTED} MiB in a new revision", one.name), Risk::Low)
            .making(change)
            .documented_at(
                "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html",
            )
            .noting("how much it needs, only the application's own measurements tell");
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, Said};

    const ID: CauseId = CauseId::MemoryLimitTooLow;
    const KILLED: &str = "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to \
                          create shim task: OCI runtime create failed: runc create failed: unable to start container process: \
                          container init was OOM-killed (memory limit too low?): unknown";

    fn limited(memory: i64) -> Fixture {
        Fixture::ec2().app(|app| app.memory = Some(memory))
    }

    fn refused(memory: i64, why: &str) -> Fixture {
        limited(memory).ended("TaskFailedToStart", "Task failed to start", None, Some(why))
    }

    #[test]
    fn the_definition_and_the_words_say_so_together() {
        let found = refused(6, KILLED).finding(ID);
        assert_eq!(refused(6, KILLED).says(ID), Said::Fault);
        assert_eq!(found.resources, [REVISION, "app"]);
        assert_eq!(found.explanation, "container app may use 6 MiB, which does not let it start at all");
        let docker = "CannotCreateContainerError: Error response from daemon: Minimum memory limit allowed is 6MB";
        assert_eq!(refused(4, docker).says(ID), Said::Fault);
        assert_eq!(refused(512, KILLED).says(ID), Said::AsTold, "the words alone: this limit should do");
    }

    #[test]
    fn a_check_knows_only_what_docker_never_takes() {
        assert_eq!([4, 6, 128].map(|limit| limited(limit).check().says(ID)), [Said::Fault, Said::Sound, Said::Sound]);
        assert_eq!(Fixture::fargate().check().says(ID), Said::NotApplicable, "it has no limit of its own");
        let other = limited(128).ended("EssentialContainerExited", "", Some(3), None);
        assert_eq!(other.says(ID), Said::Sound);
    }

    #[test]
    fn a_new_revision_gives_it_enough_where_the_task_has_room() {
        let fixes = refused(4, KILLED).mended(ID);
        let wanted = Change::UseMemory { memory: Some(512), cpu: None, container: Some(("app".to_owned(), 4, 128)) };
        assert_eq!(fixes[0].changes, [wanted]);
        let tight = refused(4, KILLED).revision(|one| one.memory = Some("64".to_owned()));
        assert_eq!(tight.mended(ID), [], "there is no room for it");
    }
}
