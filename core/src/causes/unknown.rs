//! A stop reason that nobody has described yet.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The stop reason is one that nobody has described yet.
///
/// # Why a task stops here
/// AWS changes its words, and new ones appear. What cannot be read is said so, and not guessed.
/// # How it is told
/// No pattern reads the stop, and no check of the launch path fails. It is never confirmed.
/// # Prevention
/// Report the stop reason, so that it can be described: it holds no secret that this program would need.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>
pub struct UnknownReason;
}

impl Cause for UnknownReason {
    type Subject = Whole;
    const ID: CauseId = CauseId::Unknown;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        match &case.symptom {
            Some(symptom) if symptom.first() != Self::ID => Ok(Verdict::NotApplicable),
            _ => told::judge(Self::ID, case, |symptom| {
                let why = match symptom.text.trim() {
                    "" => "ECS gives no reason for this stop",
                    _ => "the stop reason is one that is not described yet, and nothing that can be read is at fault",
                };
                Finding::on(case.task.map(|task| task.arn.clone())).because(why)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::fixture::{Fixture, Said, TASK};

    const ID: CauseId = CauseId::Unknown;

    #[test]
    fn a_text_that_no_pattern_reads_is_said_so() {
        let new = Fixture::fargate().stopped("TaskFailedToStart", "The flux capacitor has no plutonium");
        assert_eq!(new.says(ID), Said::AsTold);
        assert_eq!(new.finding(ID).resources, [TASK]);
        assert!(new.finding(ID).explanation.starts_with("the stop reason is one that is not described yet"));
    }

    #[test]
    fn no_text_at_all_is_said_otherwise() {
        let silent = Fixture::fargate().stopped("SomethingNew", "");
        assert_eq!(silent.finding(ID).explanation, "ECS gives no reason for this stop");
    }

    #[test]
    fn what_is_read_is_not_unknown_and_a_check_has_no_reason() {
        let read = Fixture::fargate().ended("EssentialContainerExited", "", Some(3), None);
        assert_eq!([read.says(ID), read.check().says(ID)], [Said::NotApplicable, Said::NotApplicable]);
    }
}
