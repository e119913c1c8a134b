//! The container ignored the signal to end, and was killed.

use crate::causes::prelude::*;
use crate::causes::told::{self, revision_and_container};

documented! {
/// The container ignored SIGTERM and was killed when its stop timeout ran out.
///
/// # Why a task stops here
/// To stop a task ECS sends SIGTERM (or the image's `STOPSIGNAL`), waits for `stopTimeout` seconds (30 unless another is
/// set, 120 at most on Fargate), and then sends SIGKILL, exit code 137. A shell as first process passes no signal on.
/// # How it is told
/// By exit code 137 of a task that was told to stop, and the time between the order and the end. The order has a reason of its
/// own, which is why the task stopped.
/// # Prevention
/// Handle SIGTERM in the first process: the exec form of the entry point, `exec` in scripts, or `initProcessEnabled`.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>
pub struct KilledAfterStopTimeout;
}

/// What ECS waits where the definition says nothing.
const DEFAULT_SECONDS: i64 = 30;

/// Seconds from the order to stop to the end of the containers, where ECS has both.
fn waited(case: &Case<'_>) -> Option<i64> {
    let times = &case.task?.times;
    let (told, ended) = (times.stopping?, times.execution_stopped.or(times.stopped)?);
    Some(ended.as_second() - told.as_second()).filter(|seconds| *seconds > 0)
}

impl Cause for KilledAfterStopTimeout {
    type Subject = Whole;
    const ID: CauseId = CauseId::KilledAfterStopTimeout;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::judge(Self::ID, case, |symptom| {
            let (resources, container) = revision_and_container(case, symptom);
            let waited =
                waited(case).map_or_else(String::new, |seconds| format!(", {seconds} s after the order to stop"));
            let limit = case.container(&container).and_then(|one| one.stop_timeout).unwrap_or(DEFAULT_SECONDS);
            let why = format!(
                "container {container} did not end on SIGTERM and was killed{waited}; its stop timeout is {limit} s"
            );
            Finding::on(resources).in_container(container).because(why)
        })
    }

    fn fixes(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let query = "containerDefinitions[].[name,stopTimeout,entryPoint,command,linuxParameters.initProcessEnabled]";
        Ok(told::look_at_revision(case, "Let the first process end on SIGTERM, or raise stopTimeout", query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, REVISION, Said, at};

    const ID: CauseId = CauseId::KilledAfterStopTimeout;

    fn killed(code: i64) -> Fixture {
        let reason = "Scaling activity initiated by (deployment ecs-svc/42)";
        Fixture::fargate().ended("ServiceSchedulerInitiated", reason, Some(code), None)
    }

    #[test]
    fn a_kill_behind_an_order_may_be_it_and_an_error_is_not() {
        assert_eq!(killed(137).says(ID), Said::AsTold);
        let error = Fixture::fargate().ended("EssentialContainerExited", "", Some(3), None);
        assert_eq!([error.says(ID), error.check().says(ID)], [Said::Sound, Said::NotApplicable]);
    }

    #[test]
    fn the_finding_says_how_long_it_took_and_how_long_it_may_take() {
        let late = killed(137).task(|task| task.times.execution_stopped = Some(at("10:06")));
        let found = late.finding(ID);
        assert_eq!(found.resources, [REVISION, "app"]);
        assert_eq!(
            found.explanation,
            "container app did not end on SIGTERM and was killed, 60 s after the order to stop; its stop timeout is 30 s"
        );
        let patient = late.app(|app| app.stop_timeout = Some(60));
        assert!(patient.finding(ID).explanation.ends_with("its stop timeout is 60 s"));
        let fixes = patient.mended(ID);
        let [Change::ByHand { commands }] = fixes[0].changes.as_slice() else { unreachable!() };
        assert!(commands[0].contains("stopTimeout"), "{commands:?}");
    }
}
