//! The account's quota of Fargate vCPUs or tasks is used up.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The account's quota of Fargate vCPUs or tasks is used up.
///
/// # Why a task stops here
/// Fargate counts vCPUs that run at once, On-Demand and Spot apart, for each region. A new account has few; AWS raises
/// them as they are used, or on request.
/// # How it is told
/// By the words of ECS; the quota is `L-3032A538` (Spot: `L-36FBB829`).
/// # Prevention
/// An alarm on the usage that CloudWatch has in `AWS/Usage`.
/// # AWS
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>
pub struct FargateQuotaExceeded;
}

impl Cause for FargateQuotaExceeded {
    type Subject = Whole;
    const ID: CauseId = CauseId::FargateQuotaExceeded;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the account runs as many Fargate vCPUs or tasks as its quota allows".to_owned()
        })
    }

    fn fixes(&self, _: &Whole, _: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let words =
            ["aws", "service-quotas", "get-service-quota", "--service-code", "fargate", "--quota-code", "L-3032A538"];
        Ok(vec![told::look("Stop what nobody needs, or ask AWS for a higher quota", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            FargateQuotaExceeded::ID,
            "TaskFailedToStart",
            &[
                "(service web) was unable to place a task. Reason: You've reached the limit on the number of vCPUs \
                 you can run concurrently.",
                "ClientException: You've reached the limit on the number of tasks you can run concurrently",
                "(service web) was unable to place a task. Reason: The requested MEMORY configuration is above your \
                 limit.",
            ],
            &["(service web) was unable to place tasks in your cluster because the tasks provisioning capacity \
                 limit was exceeded."],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            FargateQuotaExceeded::ID,
            "TaskFailedToStart",
            "(service web) was unable to place a task. Reason: \
             You've reached the limit on the number of vCPUs you \
             can run concurrently.",
        );
        assert!(command.contains("get-service-quota"), "{command}");
    }
}
