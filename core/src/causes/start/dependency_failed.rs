//! A container that another one waits for failed.

use crate::causes::prelude::*;
use crate::causes::told;
use crate::model::ecs::{Task, TaskContainer};
use crate::symptom::Symptom;

documented! {
/// A container that this one depends on failed, or never became healthy.
///
/// # Why a task stops here
/// With `dependsOn` a container is started only when another one has started (`START`), ended (`COMPLETE`), ended with 0
/// (`SUCCESS`) or become healthy (`HEALTHY`). If that cannot come any more, or not within `startTimeout`, the task fails.
/// # How it is told
/// By the agent's words, which name both, or by the task's containers: one that another waits for has ended with an error
/// or is unhealthy, and the one that waits never ran. Its exit code 143 is made up by the agent.
/// # Prevention
/// A health check with a `startPeriod` for each container that others wait for, and `SUCCESS` only for such as end.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html>
pub struct DependencyFailed;
}

/// Who waited in vain: the waiting container, the one that it waited for, and what became of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InVain {
    waiting: String,
    dependency: String,
    became: String,
}

/// What a container became, if it can never be what another one waits for.
fn became(container: &TaskContainer, condition: &str) -> Option<String> {
    let unhealthy = container.health.as_deref() == Some("UNHEALTHY");
    match (condition, container.exit_code) {
        ("SUCCESS", Some(code)) if code != 0 => Some(format!("ended with exit code {code}")),
        ("HEALTHY", _) if unhealthy => Some("is unhealthy".to_owned()),
        ("HEALTHY", Some(code)) => Some(format!("ended with exit code {code} before it was healthy")),
        _ => None,
    }
}

/// The first container of the definition that waited in vain, by what the task shows of the others.
pub(crate) fn in_vain(case: &Case<'_>) -> Option<InVain> {
    let task: &Task = case.task.filter(|task| task.times.started.is_none())?;
    let of = |name: &str| task.containers.iter().find(|one| one.name == name);
    // It never ran: it has no exit code, or the one that the agent makes up.
    let never_ran = |name: &str| of(name).is_some_and(|one| matches!(one.exit_code, None | Some(143)));
    case.containers().into_iter().flatten().find_map(|container| {
        let waiting = container.definition.name;
        container.definition.depends_on.into_iter().filter(|_| never_ran(&waiting)).find_map(
            |(dependency, condition)| {
                let became = became(of(&dependency)?, &condition)?;
                Some(InVain { waiting: waiting.clone(), dependency, became })
            },
        )
    })
}

/// The container that the agent's words name as the one that was waited for.
fn named(symptom: &Symptom) -> Option<&str> {
    symptom.fact("dependency")
}

impl Cause for DependencyFailed {
    type Subject = Whole;
    const ID: CauseId = CauseId::DependencyFailed;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::judge(Self::ID, case, |symptom| {
            let revision = case.definition_arn.iter().cloned();
            if let Some(InVain { waiting, dependency, became }) = in_vain(case) {
                let why =
                    format!("container {waiting} was not started, since {dependency}, which it waits for, {became}");
                return Finding::on([dependency].into_iter().chain(revision)).because(why);
            }
            let container = told::container(case, symptom);
            let dependency = named(symptom).map(str::to_owned);
            let what = dependency.clone().unwrap_or_else(|| "a container that it waits for".to_owned());
            let why = format!("container {container} was not started, since {what} failed or was never ready");
            Finding::on(dependency.into_iter().chain(revision).chain([container])).because(why)
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let query = "containerDefinitions[].[name,essential,dependsOn,startTimeout,healthCheck]";
        Ok(told::look_at_revision(case, "Mend the container that is waited for, or the condition", query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, Said, app};
    use crate::causes::told::words;

    const ID: CauseId = CauseId::DependencyFailed;

    /// `app` waits for `migrate`, which ended so.
    fn waiting(condition: &str, exit_code: Option<i64>, health: Option<&str>) -> Fixture {
        Fixture::ec2()
            .stopped("TaskFailedToStart", "Task failed to start")
            .revision(|revision| {
                revision.containers[0].depends_on = vec![("migrate".to_owned(), condition.to_owned())];
                let mut migrate = app();
                (migrate.name, migrate.essential) = ("migrate".to_owned(), false);
                revision.containers.push(migrate);
            })
            .task(|task| {
                let health = health.map(str::to_owned);
                let migrate =
                    TaskContainer { name: "migrate".to_owned(), exit_code, health, ..TaskContainer::default() };
                task.containers.push(migrate);
            })
    }

    #[test]
    fn the_agents_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            ID,
            "TaskFailedToStart",
            &[
                "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [migrate] for \
                 target [web] as dependency did not exit successfully.",
                "CannotStartContainerError: dependency graph: container ordering dependency [db(db:1) (RUNNING->RUNNING)] for \
                 target [web(web:1) (NONE->RUNNING)] has timed out.",
            ],
            &["Task failed container health checks"],
        );
    }

    #[test]
    fn the_tasks_containers_say_who_waited_in_vain() {
        let found = waiting("SUCCESS", Some(3), None).finding(ID);
        assert_eq!(found.resources, ["migrate", REVISION]);
        assert_eq!(
            found.explanation,
            "container app was not started, since migrate, which it waits for, ended with exit code 3"
        );
        let sick = waiting("HEALTHY", None, Some("UNHEALTHY")).finding(ID);
        assert!(sick.explanation.ends_with("migrate, which it waits for, is unhealthy"), "{sick:?}");
    }

    #[test]
    fn one_that_did_as_it_should_is_not_to_blame() {
        for (condition, exit_code, health) in [
            ("SUCCESS", Some(0), None),
            ("COMPLETE", Some(3), None),
            ("START", Some(3), None),
            ("HEALTHY", None, Some("HEALTHY")),
            ("SUCCESS", None, None),
        ] {
            let fixture = waiting(condition, exit_code, health);
            assert_eq!(in_vain(&fixture.case()), None, "{condition} {exit_code:?} {health:?}");
        }
        let ran = waiting("SUCCESS", Some(3), None).task(|task| task.times.started = task.times.created);
        assert_eq!(in_vain(&ran.case()), None, "the task ran");
        assert_eq!(waiting("SUCCESS", Some(3), None).check().says(ID), Said::NotApplicable);
    }

    #[test]
    fn the_words_name_the_one_that_was_waited_for() {
        let text = "CannotStartContainerError: dependency graph: failed to resolve container ordering dependency \
                    [migrate(web:1) (STOPPED->RUNNING) - Exit: 3] for target [app(web:1) (NONE->RUNNING)] as dependency did \
                    not exit successfully.";
        let found =
            Fixture::ec2().ended("TaskFailedToStart", "Task failed to start", Some(143), Some(text)).finding(ID);
        assert_eq!(found.resources, ["migrate", REVISION, "app"]);
        let command = words::first_command(ID, "TaskFailedToStart", text);
        assert!(command.contains("dependsOn"), "{command}");
    }
}
