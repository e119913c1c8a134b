//! The lifecycle policy is about to delete what runs.

use super::prelude::*;
use crate::image::{Doom, fates};
use crate::model::Unknown;
use serde_json::json;

documented! {
/// The repository's lifecycle policy deletes the image that the definition names, now or within two weeks.
///
/// # Why
/// Lifecycle policies know nothing of what runs. Running tasks go on when their image is deleted; the next one, in a
/// deployment, after a crash, when a host is replaced, does not start.
/// # When it is said
/// The policy is tried on the images of the repository, as ECR does: rules by priority, each image by one rule at most.
/// Policies that count by the last pull are not judged.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html>
pub struct ImageWillExpire;
}

/// What is due later can wait for the next check.
const SOON: i64 = 14 * 24 * 60 * 60;

impl Advice for ImageWillExpire {
    const ID: &'static str = "image-will-expire";
    const TITLE: &'static str = "Spare the image in use from the lifecycle policy";
    const READS: &'static [&'static [Source]] = &[images::READS, &[Source::LifecyclePolicy, Source::Images]];

    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> Advised {
        let mut tip = Tip::default();
        let mut why = vec![];
        let uses = ecr_uses(case)?;
        // All are read before the first is judged.
        let read: Vec<_> = uses.iter().map(|used| (used, doomed(used, case, facts))).collect();
        for (used, doom) in read {
            let Ok(Some((place, doom))) = doom else { continue };
            let name = &used.image.repository;
            let when = match doom.due <= case.now {
                true => "within a day".to_owned(),
                false => format!("on {}", doom.due.strftime("%Y-%m-%d")),
            };
            let verb = if doom.archived { "archives" } else { "deletes" };
            why.push(format!("rule {} of {name} {verb} {} {when}", doom.rule, used.image.text));
            tip.resources.extend([used.image.text.clone(), name.clone()]);
            tip.commands.push(keeping(used, place));
        }
        if why.is_empty() {
            return Ok(None);
        }
        Ok(Some(tip.because(why.join("; "))))
    }
}

/// What the policy does to the image, and how many images are younger.
fn doomed(used: &EcrUse, case: &Case<'_>, facts: &Facts<'_>) -> Result<Option<(usize, Doom)>, Unknown> {
    let (region, registry, name) = (&used.registry.region, &used.registry.account, &used.image.repository);
    let (own, policy) = (used.found(facts), facts.lifecycle_policy(region, registry, name));
    let Some(policy) = policy? else { return Ok(None) };
    let others = used.others(facts);
    let (Some(own), Some(all)) = (own?, others?) else { return Ok(None) };
    let Ok(fates) = fates(&policy.text, all, case.now) else { return Ok(None) };
    let Some(at) = all.iter().position(|one| one.digest == own.digest) else { return Ok(None) };
    let soon = |doom: &Doom| doom.due.as_second() - case.now.as_second() <= SOON;
    let younger = all.iter().filter(|one| one.pushed > own.pushed).count();
    Ok(fates.into_iter().nth(at).flatten().filter(soon).map(|doom| (younger, doom)))
}

/// A policy under which the image stays: what has no tag goes after two weeks, and of the rest a good number is kept.
fn keeping(used: &EcrUse, younger: usize) -> String {
    let untagged =
        json!({"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14});
    let tagged = json!({
        "tagStatus": "tagged", "tagPatternList": ["*"], "countType": "imageCountMoreThan", "countNumber": younger + 10,
    });
    let rule = |priority: i64, selection| json!({"rulePriority": priority, "selection": selection, "action": {"type": "expire"}});
    let policy = json!({"rules": [rule(1, untagged), rule(2, tagged)]}).to_string();
    let (region, registry) = (&used.registry.region, &used.registry.account);
    let words = ["aws", "ecr", "put-lifecycle-policy", "--region", region, "--registry-id", registry];
    let rest = ["--repository-name", &used.image.repository, "--lifecycle-policy-text", &policy];
    command(words.into_iter().chain(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::{silent_without, tip};
    use crate::causes::fixture::{Fixture, IMAGE, ecr_image, image, images, lifecycle_policy};
    use crate::evidence::Known;
    use crate::model::stores::LifecyclePolicy;

    const ID: &str = ImageWillExpire::ID;

    /// Of v42 and a younger v43 the policy keeps a number.
    fn keeping_newest(number: usize) -> Fixture {
        let text = format!(
            "{{\"rules\": [{{\"rulePriority\": 7, \"selection\": {{\"tagStatus\": \"any\", \"countType\": \"imageCountMoreThan\", \
             \"countNumber\": {number}}}, \"action\": {{\"type\": \"expire\"}}}}]}}"
        );
        Fixture::fargate()
            .with(lifecycle_policy(), Known::LifecyclePolicy(LifecyclePolicy { text, evaluated: None }))
            .with(images(), Known::Images(vec![ecr_image("v43", "09:30"), ecr_image("v42", "09:00")]))
    }

    #[test]
    fn an_image_that_the_policy_is_about_to_delete_is_told_with_a_policy_that_keeps_it() {
        let found = tip(ID, &keeping_newest(1)).expect("it goes");
        assert_eq!(found.explanation, format!("rule 7 of team/web deletes {IMAGE} within a day"));
        let policy = found.commands[0].split("--lifecycle-policy-text ").nth(1).and_then(shlex::split).expect("quoted");
        let kept = keeping_newest(1).with(
            lifecycle_policy(),
            Known::LifecyclePolicy(LifecyclePolicy { text: policy[0].clone(), evaluated: None }),
        );
        assert_eq!(tip(ID, &kept), None, "the policy that is offered spares it");
    }

    #[test]
    fn an_image_that_stays_is_not() {
        assert_eq!(tip(ID, &keeping_newest(2)), None);
        assert_eq!(tip(ID, &Fixture::fargate()), None, "there is no policy");
    }

    #[test]
    fn what_is_due_in_weeks_waits() {
        let aged = |days: i64| {
            let text = format!(
                "{{\"rules\": [{{\"rulePriority\": 1, \"selection\": {{\"tagStatus\": \"any\", \"countType\": \"sinceImagePushed\", \
                 \"countUnit\": \"days\", \"countNumber\": {days}}}, \"action\": {{\"type\": \"expire\"}}}}]}}"
            );
            tip(
                ID,
                &keeping_newest(9)
                    .with(lifecycle_policy(), Known::LifecyclePolicy(LifecyclePolicy { text, evaluated: None })),
            )
        };
        assert!(aged(10).is_some_and(|tip| tip.explanation.ends_with("on 2026-03-11")));
        assert_eq!(aged(30), None);
    }

    #[test]
    fn nothing_is_said_without_the_policy_and_the_images() {
        for question in [image("v42"), images(), lifecycle_policy()] {
            silent_without(ID, &keeping_newest(1), &question);
        }
    }
}
