//! The pull took too long.

use super::told;
use crate::causes::prelude::*;
use crate::causes::told as run;
use crate::launch::image_size::{gigabytes, largest_pushed_with};
use crate::launch::images::{self, EcrUse};
use crate::launch::needs::needs;
use crate::launch::ways::{self, ways};
use crate::network::Way;

documented! {
/// The pull was cancelled before it ended: a very large image, or a slow way to it.
///
/// # Why a task stops here
/// The agent on an instance gives a pull two hours (`ECS_IMAGE_PULL_TIMEOUT`), and a minute in which nothing arrives. What
/// is larger than its way can carry by then is cancelled.
/// # How it is told
/// By the agent's words. Where the task's own times show that the pull went on for so long, and the registry that the image
/// is there and large, that settles it: a way that is barred ends a pull within minutes.
/// # Prevention
/// Small images (several build stages, no data and models in them), a registry in the same region, and the S3 gateway
/// endpoint, so that layers do not come through a NAT gateway.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html>
pub struct ImagePullTimedOut;
}

/// A pull that went on for longer had its layers coming.
const LONG_SECONDS: i64 = 1800;
/// What may well take so long.
const LARGE_BYTES: i64 = 5_000_000_000;

/// How long the pull went on, as the task remembers it.
fn lasted(case: &Case<'_>) -> Option<i64> {
    let times = &case.task?.times;
    let end = times.pull_stopped.or(times.stopping)?;
    Some(end.as_second() - times.pull_started?.as_second())
}

/// How the layers come, where that can be read: it only explains.
fn over(case: &Case<'_>, facts: &Facts<'_>) -> String {
    let Ok(needs) = needs(case, facts) else { return String::new() };
    let Some(need) = needs.iter().find(|need| need.endpoint == "s3") else { return String::new() };
    let Ok(ways) = ways(case, facts, need) else { return String::new() };
    let by = match ways.iter().find_map(|way| way.path.way.as_ref()) {
        Some(Way::NatGateway(id)) => format!("NAT gateway {id}"),
        Some(Way::InternetGateway(id)) => format!("internet gateway {id}"),
        Some(Way::GatewayEndpoint(id) | Way::InterfaceEndpoint(Some(id))) => format!("endpoint {id}"),
        _ => return String::new(),
    };
    format!(", and its layers come over {by}")
}

fn minutes(seconds: i64) -> String {
    format!("{} minutes", seconds / 60)
}

impl Cause for ImagePullTimedOut {
    type Subject = Whole;
    const ID: CauseId = CauseId::ImagePullTimedOut;
    const READS: &'static [&'static [Source]] = &[images::READS, ways::READS, &[Source::Images]];

    fn judge(&self, _: &Whole, case: &Case<'_>, facts: &Facts<'_>) -> Judgement {
        let claimed = run::judge(Self::ID, case, |_| Finding::default())?;
        let (Some(symptom), Verdict::AsTold(_)) = (&case.symptom, &claimed) else { return Ok(claimed) };
        let container = told::container(case, symptom);
        let finding = |why: String| {
            let resources =
                told::resources(symptom, container.as_ref(), &[]).into_iter().chain(case.definition_arn.clone());
            let finding = Finding::on(resources).because(why);
            Finding { container: container.as_ref().map(|one| one.name().to_owned()), ..finding }
        };
        let image = container.as_ref().map_or("the image", |one| one.definition.image.as_str());
        let lasted = lasted(case);
        let time = lasted.map_or(String::new(), |seconds| format!(" after {}", minutes(seconds)));
        let told = format!("the pull of `{image}` was cancelled{time}, before it ended");
        let Some(ecr) = container.as_ref().and_then(EcrUse::of) else { return Ok(Verdict::AsTold(finding(told))) };
        let (found, others) = (ecr.found(facts), ecr.others(facts));
        let Some(found) = found? else { return Ok(Verdict::AsTold(finding(told))) };
        let bytes = match found.bytes {
            Some(bytes) => Some(bytes),
            None => others?.and_then(|all| largest_pushed_with(found, all)),
        };
        let Some(bytes) = bytes else { return Ok(Verdict::AsTold(finding(told))) };
        let why = format!("{told}: it has {} compressed{}", gigabytes(bytes), over(case, facts));
        let words = symptom.facts.contains_key("waited");
        match bytes >= LARGE_BYTES && words && lasted.is_some_and(|seconds| seconds >= LONG_SECONDS) {
            true => Ok(finding(why).into()),
            false => Ok(Verdict::AsTold(finding(why))),
        }
    }

    fn fixes(&self, _: &Whole, _: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let fix = Fix::new("Make the image smaller, or its way shorter", Risk::Low)
            .making(Change::ByHand { commands: vec![] })
            .documented_at("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html")
            .noting(
                "an S3 gateway endpoint instead of a NAT gateway, a repository in the same region, \
                 ECS_IMAGE_PULL_BEHAVIOR=prefer-cached on the instances, or lazy loading (SOCI) on Fargate",
            );
        Ok(vec![fix])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, IMAGE, REVISION, Said, at, ecr_image, image, images};
    use crate::evidence::Known;

    const ID: CauseId = CauseId::ImagePullTimedOut;

    fn cancelled(bytes: Option<i64>, from: &str) -> Fixture {
        let mut found = ecr_image("v42", "06:00");
        found.bytes = bytes;
        let why = "DockerTimeoutError: Could not transition to pulled; timed out after waiting 2h0m0s";
        Fixture::ec2()
            .with(image("v42"), Known::Image(found))
            .ended("TaskFailedToStart", "Task failed to start", None, Some(why))
            .task(|task| (task.times.pull_started, task.times.pull_stopped) = (Some(at(from)), Some(at("10:05"))))
    }

    #[test]
    fn a_long_pull_of_a_large_image_is_shown_by_the_account() {
        let found = cancelled(Some(38_000_000_000), "08:05").finding(ID);
        assert_eq!(found.resources, [IMAGE, "team/web", REVISION]);
        assert_eq!(
            found.explanation,
            format!(
                "the pull of `{IMAGE}` was cancelled after 120 minutes, before it ended: it has 38.0 GB compressed, and its layers come over NAT gateway nat-1"
            )
        );
        for (bytes, from, said, why) in [
            (Some(38_000_000_000), "08:05", Said::Fault, "large and long"),
            (Some(80_000_000), "08:05", Said::AsTold, "a small image points to the way"),
            (Some(38_000_000_000), "10:00", Said::AsTold, "five minutes point to the way"),
            (None, "08:05", Said::AsTold, "of an unknown size"),
        ] {
            assert_eq!(cancelled(bytes, from).says(ID), said, "{why}");
        }
        let mut child = ecr_image("x", "06:00");
        (child.tags, child.bytes) = (vec![], Some(38_000_000_000));
        let index = cancelled(None, "08:05").with(images(), Known::Images(vec![child]));
        assert_eq!(index.says(ID), Said::Fault);
        index.hangs_on(ID, &images());
    }

    #[test]
    fn another_stop_says_nothing_of_it_and_nothing_turns_it() {
        assert_eq!(Fixture::fargate().check().says(ID), Said::NotApplicable);
        let other = Fixture::fargate().ended("EssentialContainerExited", "", Some(3), None);
        assert_eq!(other.says(ID), Said::Sound);
        cancelled(Some(38_000_000_000), "08:05").hangs_on(ID, &image("v42"));
        cancelled(Some(38_000_000_000), "08:05").never_turns(ID);
        assert!(cancelled(None, "08:05").mended(ID)[0].is_by_hand());
    }
}
