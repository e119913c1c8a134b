//! The account's quota of network interfaces is used up.

use crate::causes::prelude::*;
use crate::causes::told;

documented! {
/// The account's quota of network interfaces is used up.
///
/// # Why a task stops here
/// A region has a quota of network interfaces. Those that nobody uses count as well.
/// # How it is told
/// By the code of EC2 in the stop reason.
/// # Prevention
/// Delete interfaces that are left over, and watch their number.
/// # AWS
/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
pub struct EniQuotaExceeded;
}

impl Cause for EniQuotaExceeded {
    type Subject = Whole;
    const ID: CauseId = CauseId::EniQuotaExceeded;
    const READS: &'static [&'static [Source]] = &[];

    fn judge(&self, _: &Whole, case: &Case<'_>, _: &Facts<'_>) -> Judgement {
        told::by_message(Self::ID, case, |_| {
            "the account has as many network interfaces as its quota allows".to_owned()
        })
    }

    fn fixes(&self, _: &Whole, _: &Case<'_>, _: &Facts<'_>) -> Fixes {
        let words =
            ["aws", "service-quotas", "get-service-quota", "--service-code", "vpc", "--quota-code", "L-DF5E4CA3"];
        Ok(vec![told::look("Delete interfaces that are left over, or ask AWS for a higher quota", words)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes::told::words;

    #[test]
    fn its_words_tell_it_and_words_like_them_do_not() {
        words::tell(
            EniQuotaExceeded::ID,
            "TaskFailedToStart",
            &[
                "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment \
                 disabled in subnet 'subnet-0123456789abcdef0': NetworkInterfaceLimitExceeded",
                "NetworkInterfaceLimitExceeded You've reached the limit on the number of network interfaces that \
                 you can create.",
            ],
            &["RESOURCE:ENI"],
        );
    }

    #[test]
    fn the_fix_is_somebodys_work_and_shows_where() {
        let command = words::first_command(
            EniQuotaExceeded::ID,
            "TaskFailedToStart",
            "Unexpected EC2 error while attempting to Create \
             Network Interface with public IP assignment disabled \
             in subnet 'subnet-0123456789abcdef0': \
             NetworkInterfaceLimitExceeded",
        );
        assert!(command.contains("L-DF5E4CA3"), "{command}");
    }
}
