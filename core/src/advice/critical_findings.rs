//! A scan found what should not run.

use super::prelude::*;
use crate::model::stores::Scan;

documented! {
/// The last scan of the image found something critical.
///
/// # Why
/// What is known to be exploitable is exploited. A registry or an admission rule that begins to refuse such images also stops
/// the next launch. ECR tells EventBridge of each scan, so that somebody can be told of critical findings at once.
/// # When it is said
/// Where ECR's description of an image counts critical findings of its last scan.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html>
pub struct CriticalFindings;
}

/// Completed scans with critical findings, for a rule of EventBridge.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html>
const EVENTS: &str = "{\"source\": [\"aws.ecr\"], \"detail-type\": [\"ECR Image Scan\"], \"detail\": {\"scan-status\": [\"COMPLETE\"], \
                      \"finding-severity-counts\": {\"CRITICAL\": [{\"numeric\": [\">\", 0]}]}}}";

impl Advice for CriticalFindings {
    const ID: &'static str = "critical-findings";
    const TITLE: &'static str = "Mend the critical findings, and be told of new ones";
    const READS: &'static [&'static [Source]] = &[images::READS];

    fn give(&self, case: &Case<'_>, facts: &Facts<'_>) -> Advised {
        let mut tip = Tip::default();
        let mut counted = vec![];
        for used in &ecr_uses(case)? {
            let Ok(Some(image)) = used.found(facts) else { continue };
            let Scan::Done { findings } = &image.scan else { continue };
            let Some(critical) = findings.get("CRITICAL").filter(|count| **count > 0) else { continue };
            counted.push(format!("{} has {critical}", used.image.text));
            tip.resources.push(used.image.text.clone());
        }
        if counted.is_empty() {
            return Ok(None);
        }
        tip.commands =
            vec![command(["aws", "events", "put-rule", "--name", "ecr-critical-findings", "--event-pattern", EVENTS])];
        Ok(Some(tip.because(format!("critical findings of the last scan: {}", some_of(&counted)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::trial::{silent_without, tip};
    use crate::causes::fixture::{Fixture, IMAGE, ecr_image, image};
    use crate::evidence::Known;
    use crate::model::stores::EcrImage;

    const ID: &str = CriticalFindings::ID;

    fn found(severity: &str, count: i64) -> Fixture {
        let scan = Scan::Done { findings: [(severity.to_owned(), count)].into_iter().collect() };
        Fixture::fargate().with(image("v42"), Known::Image(EcrImage { scan, ..ecr_image("v42", "09:00") }))
    }

    #[test]
    fn critical_findings_are_counted() {
        let tip = tip(ID, &found("CRITICAL", 3)).expect("there are some");
        assert_eq!(tip.explanation, format!("critical findings of the last scan: {IMAGE} has 3"));
        assert!(serde_json::from_str::<serde_json::Value>(EVENTS).is_ok());
        silent_without(ID, &found("CRITICAL", 3), &image("v42"));
    }

    #[test]
    fn others_and_none_are_not_told() {
        assert_eq!(
            [tip(ID, &found("HIGH", 3)), tip(ID, &found("CRITICAL", 0)), tip(ID, &Fixture::fargate())],
            [None, None, None]
        );
    }
}
